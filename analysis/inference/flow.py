"""The flow along the field given a sky: both are Gaussian together.

    g(s) = u_par(s) - u_par(0),    Delta f/f(n) = (slope/v) n.D_eta [u(lambda D_eps n) - u(0)]   towards the arrival direction n.

Increments of the flow have <[u(a)-u(0)]_i [u(b)-u(0)]_j> = [D_ij(a) + D_ij(b) - D_ij(a-b)]/2 with the structure tensor
D_ij(r) = D_N delta_ij + (D_L - D_N) r_i r_j/r^2, both ~ r^(gamma-1) for a power law without end. On the line of the field only
m = 0 about it is correlated with g; places s are in units of lambda, s > 0 towards +B.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.linalg import cho_solve
from scipy.special import gamma as gamma_function
from scipy.special import sph_legendre_p_all

from fluxtube.analysis.inference.data import SkyData
from fluxtube.analysis.inference.flow_response import flow_and_sky_of_law
from fluxtube.analysis.inference.likelihood import SkyLikelihood
from fluxtube.analysis.inference.posterior import Posterior
from fluxtube.analysis.inference.transport import Point
from fluxtube.errors import InputError
from fluxtube.theory import Turbulence
from fluxtube.theory.constants import C_KM_S, SPECTRAL_SLOPE
from fluxtube.theory.panels import place
from fluxtube.theory.structure import structure_function

PLACES = 41
HALVINGS = 14  # panels towards each cusp
ORDER = 12


@dataclass(frozen=True)
class Flow:
    """Flow along the field, given the sky.

    Attributes
    ----------
    s : ndarray (n,)
        Places in units of the mean free path, +B positive.
    mean, lower, upper : ndarray (n,)
        Mean, 16 and 84 % of u_par(s) - u_par(0), over the posterior of the parameters too [km/s].
    prior : ndarray (n,)
        Standard deviation without the sky, at the posterior's median sigma [km/s].
    realisations : ndarray (k, n)
        Flows that agree with the sky [km/s].
    skies : ndarray (k, n_a)
        Whole skies l = 2 .. l_top, in equatorial coordinates, that agree with the data and hold what was lost (m = 0).
    sky_mean : ndarray (n_a,)
        Mean of such skies.
    """

    s: np.ndarray
    mean: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    prior: np.ndarray
    realisations: np.ndarray
    skies: np.ndarray
    sky_mean: np.ndarray


def flow_covariance(s, gamma: float, beta: float = 2 / 3) -> np.ndarray:
    """<g(s) g(s')> for sigma = 1, (n, n): [D(s) + D(s') - D(s - s')]/2."""
    s = np.asarray(s, dtype=float)
    along, _ = structure_tensor(gamma, beta)
    power = lambda x: along * np.abs(x) ** (gamma - 1)  # noqa: E731
    return 0.5 * (power(s)[:, None] + power(s) - power(s[:, None] - s))


def structure_tensor(gamma: float, beta: float) -> tuple[float, float]:
    """D_L and D_N at r = lambda for sigma = 1.

    D_L is D(s) of `theory.structure`; D_L + 2 D_N = 2 int w(k) (1 - sin kr/kr) dk, for w = w0 k^-gamma at r = 1
    2 w0 Gamma(-gamma) sin(pi gamma/2).

    Examples
    --------
    >>> along, across = structure_tensor(5 / 3, 1.0)       # incompressible: D_N = D_L (1 + (gamma-1)/2)
    >>> round(float(across / along), 12)
    1.333333333333
    """
    turbulence = Turbulence.power_law(gamma, 1.0, 1.0, beta)
    along = float(structure_function(turbulence, np.array([1.0]))[0])
    trace = 2 * (2 * np.pi) ** (gamma - 1) * gamma_function(-gamma) * np.sin(0.5 * np.pi * gamma)
    return along, 0.5 * (trace - along)


def flow_and_sky(s, gamma: float, displacement: float, convection: float, l_max: int, beta: float = 2 / 3) -> np.ndarray:
    """<g(s) b_l0> about the field for sigma = 1 and slope/v = 1, l = 2 .. l_max: (n, l_max - 1)."""
    along, across = structure_tensor(gamma, beta)
    result = np.empty((len(s), l_max - 1))
    for row, place_ in zip(result, s, strict=True):
        mu, weight = _nodes(float(place_))
        rho = np.sqrt((1 - mu) * (1 + mu))
        direction = np.array([convection * rho, mu])  # n.D_eta, across and along
        x, z = displacement * rho, mu
        near, far = (_project(direction, x, height, gamma, along, across) for height in (z, z - place_))
        both = 0.5 * (near + along * np.abs(place_) ** (gamma - 1) * direction[1] - far)
        basis = sph_legendre_p_all(l_max, 0, np.arccos(mu))[0][2:, 0]
        row[:] = 2 * np.pi * basis @ (weight * both)
    return result


def _project(direction, x, z, gamma, along, across) -> np.ndarray:
    """direction.D(r).B for r = (x, z) across and along B."""
    square = x**2 + z**2
    ratio = np.divide((direction[0] * x + direction[1] * z) * z, square, out=np.zeros_like(z), where=square > 0)
    return square ** ((gamma - 1) / 2) * (across * direction[1] + (along - across) * ratio)


def _nodes(s: float) -> tuple[np.ndarray, np.ndarray]:
    """Nodes of mu in (-1, 1), graded towards the cusps at 0 and s."""
    fine = 0.5 ** np.arange(HALVINGS + 1)
    marks = sorted({-1.0, 0.0, min(max(s, -1.0), 1.0), 1.0})
    edges = set(marks)
    for low, high in pairwise(marks):
        half = 0.5 * (high - low)
        edges |= set(low + half * fine) | set(high - half * fine)
    steps = np.linspace(-1, 1, 17)
    nodes, weights = place(np.array(sorted(edges | set(steps))), ORDER)
    return nodes.ravel(), weights.ravel()


def conditional_flow(likelihood: SkyLikelihood, point: Point, s) -> tuple[np.ndarray, np.ndarray]:
    """Mean (n,) and covariance (n, n) of g(s) given the data, at one point of the parameters [km/s]."""
    model = likelihood.model
    size = np.sqrt(model.factor)  # |slope/v|; its sign enters where flow and sky meet
    if model.outer_scale is not None:
        raise InputError(
            "the flow of turbulence with an outer scale: what it has in common with the sky is known for a power law without end "
            "alone; leave out --outer-scale"
        )
    displacement, convection = model.weights(point)
    shape = point.gamma, displacement, convection, model.l_top, model.beta
    cross = point.sigma**2 * (flow_and_sky(s, *shape) if model.path is None else flow_and_sky_of_law(model.path, s, *shape))
    blocks = model.blocks(point.field)
    whole = np.hstack([np.outer(cross[:, i], block[:, 0]) for i, block in enumerate(blocks)])  # with equatorial multipoles
    with_data = model.sign * size * whole @ likelihood.data.matrix().T
    right = np.column_stack([likelihood.data.values, with_data.T])
    solved = cho_solve((likelihood.factor(point), True), right)
    prior = point.sigma**2 * flow_covariance(s, point.gamma, model.beta)
    return with_data @ solved[:, 0], prior - with_data @ solved[:, 1:]


def infer_flow(data: SkyData, posterior: Posterior, s=None, count: int = 100, seed: int = 1, **physics) -> Flow:
    """Flow and whole skies that agree with the data, over the posterior of the parameters.

    Parameters
    ----------
    data : SkyData
    posterior : Posterior
        Of a transport model on the same data.
    s : ndarray (n,), optional
        Places [mean free paths]; 41 from -1 to 1 if not given.
    count : int
        Points of the posterior, a flow and a sky of each.
    seed : int
    """
    s = np.linspace(-1, 1, PLACES) if s is None else np.asarray(s, dtype=float)
    rng = np.random.default_rng(seed)
    likelihood = SkyLikelihood(data, posterior.model, **physics)
    chosen = rng.choice(len(posterior.points), size=count)
    flows, means, skies, spreads, centres = [], [], [], [], []
    for number in chosen:
        point = posterior.points[number]
        mean, covariance = conditional_flow(likelihood, point, s)
        flows.append(_draws(rng, mean, covariance))
        means.append(mean)
        spreads.append(np.sqrt(np.clip(np.diag(covariance), 0, None)))
        sky, sky_covariance = likelihood.signal(point)
        centres.append(sky)
        skies.append(_draws(rng, sky, sky_covariance))
    lower, upper = _mixture_quantiles(np.array(means), np.array(spreads))
    middle = np.median([point.sigma for point in posterior.points]), np.median([point.gamma for point in posterior.points])
    prior = middle[0] * np.sqrt(np.diag(flow_covariance(s, middle[1], likelihood.model.beta)))
    return Flow(s, np.mean(means, axis=0), lower, upper, prior, np.array(flows), np.array(skies), np.mean(centres, axis=0))


def _draws(rng, mean, covariance) -> np.ndarray:
    """A draw of a normal law whose covariance may be singular."""
    level, basis = np.linalg.eigh(covariance)
    return mean + basis @ (np.sqrt(np.clip(level, 0, None)) * rng.standard_normal(len(mean)))


def _mixture_quantiles(means: np.ndarray, spreads: np.ndarray, steps: int = 60) -> tuple[np.ndarray, np.ndarray]:
    """16 and 84 % of an equal mixture of normal laws (k, n), by bisection."""
    from scipy.stats import norm

    ends = []
    for share in (0.16, 0.84):
        low, high = (means - 8 * spreads).min(axis=0) - 1e-9, (means + 8 * spreads).max(axis=0) + 1e-9
        for _ in range(steps):
            middle = 0.5 * (low + high)
            below = norm.cdf((middle - means) / np.maximum(spreads, 1e-12)).mean(axis=0) < share
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        ends.append(0.5 * (low + high))
    return ends[0], ends[1]


def convected(s_to_flow, mu, spectral_slope: float = SPECTRAL_SLOPE, speed: float = C_KM_S) -> np.ndarray:
    """Delta f/f of parallel transport towards n.B = mu for a flow g(s) [km/s]: (slope/v) mu g(mu)."""
    return spectral_slope / speed * np.asarray(mu) * s_to_flow(mu)
