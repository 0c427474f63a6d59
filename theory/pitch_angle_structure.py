"""Fixed free paths lambda h(mu) in a power law without end: from the structure function, and the large-l form.

    <Delta(mu) Delta(mu')> = mu mu' [D(lambda s) + D(lambda s') - D(lambda (s - s'))] / 2,   D(lambda s) = D(lambda) |s|^(gamma-1)

is projected on Legendre polynomials over both cosines. Where s grows with mu, |s - s'|^(gamma-1) is |mu - mu'|^(gamma-1) times a
smooth function: panels in mu, and rules of Jacobi's weight on pairs of panels that touch.
"""

import numpy as np

from fluxtube.errors import InputError
from fluxtube.theory import checks
from fluxtube.theory.panels import ORDER, legendre_rule, place
from fluxtube.theory.pitch_angle import PitchAngle, graded_edges
from fluxtube.theory.sky import legendre_polynomials
from fluxtube.theory.special import roots_jacobi

RADIANS = 10.0  # of the polynomials across a panel
HALVINGS = 24


def endless_covariance(turbulence, mean_free_path, l_max, l_min, dependence: PitchAngle) -> np.ndarray:
    """<a_l a_l'> of a power law without end, 1 < gamma < 3.

    <a_l a_l'> = -2 pi^2 N_l N_l' int int P_l P_l' mu mu' D(lambda (s - s')) dmu dmu' for l, l' >= 2, N_l = sqrt((2l+1)/(4 pi))

    Parameters
    ----------
    turbulence : Turbulence
        A power law without end.
    mean_free_path : float
        lambda [length].
    l_max, l_min : int
        Range of degrees; l_min may be 0 or 1.
    dependence : PitchAngle
        h(mu), s = mu h(mu) growing with mu.

    Returns
    -------
    (n, n) array
        [velocity^2]

    Raises
    ------
    InputError
        The spectrum is another, or s does not grow with mu.

    Examples
    --------
    >>> from fluxtube.theory import Turbulence
    >>> from fluxtube.theory.parallel import multipole_covariance
    >>> from fluxtube.theory.pitch_angle import PowerLaw
    >>> flow = Turbulence.power_law(5 / 3, 23.0, 10.0)
    >>> one, other = endless_covariance(flow, 10.0, 9, 1, PowerLaw(0.0)), multipole_covariance(flow, 10.0, 9, 1)
    >>> bool(np.allclose(one, other, rtol=1e-9, atol=1e-12))
    True
    """
    line = turbulence.line
    if line.support[1] == 0.0:
        return np.zeros((l_max - l_min + 1, l_max - l_min + 1))
    if line.endless_index is None or not dependence.one_to_one:
        why = "a power law" if dependence.one_to_one else "a mu h(mu) that grows with mu (powers a < 1, any D(mu))"
        raise InputError(
            f"fixed free paths that depend on the pitch angle in a spectrum without end are known for {why}; give "
            "turbulence.band, or another law of the free path"
        )
    why = "a power law without end needs it here; a band takes others"
    power = checks.inside("gamma", line.endless_index, 1.0, 3.0, why) - 1.0
    edges = _edges(dependence, l_max)
    mu, weight = place(edges)
    s = dependence.displacement(mu)
    project = legendre_polynomials(mu.ravel(), l_max)[l_min:] * mu.ravel()
    size = float(turbulence.structure_function(mean_free_path))
    total = -0.5 * project @ _pair_weights(edges, mu, weight, s, power, dependence) @ project.T
    if l_min <= 1 <= l_max:
        single = project @ (weight * np.abs(s) ** power).ravel() / 3.0
        total[1 - l_min] += single
        total[:, 1 - l_min] += single
    l = np.arange(l_min, l_max + 1)
    root = np.sqrt(np.pi * (2.0 * l + 1.0))
    total *= size * root[:, None] * root
    total[(l[:, None] - l) % 2 == 1] = 0.0
    return 0.5 * (total + total.T)


def large_l_ratio(dependence: PitchAngle, gamma: float) -> float:
    """C_l of fixed paths lambda h(mu) over that of h = 1 at large l, for a power law w ~ k^-gamma.

    At large l a_l sees the small-scale increments of the sky, |ds/dmu|^(gamma-1) of what they are for h = 1:

        int mu^2 (1-mu^2)^((gamma-1)/2) |ds/dmu|^(gamma-1) dmu / int mu^2 (1-mu^2)^((gamma-1)/2) dmu

    Parameters
    ----------
    dependence : PitchAngle
    gamma : float
        Above -1.

    Returns
    -------
    float

    Examples
    --------
    >>> from fluxtube.theory.pitch_angle import PowerLaw
    >>> round(large_l_ratio(PowerLaw(0.0), 5 / 3), 12)
    1.0
    """
    checks.inside("gamma", gamma, -1.0, np.inf)
    near_one = 0.5 * np.pi - 0.5 ** np.arange(1.0, 16.0)  # cos(theta)^(gamma-1) is rough there
    edges = np.union1d(np.arcsin(graded_edges(breaks=dependence.breaks)), near_one)
    theta, weight = place(edges)
    u = legendre_rule(ORDER)[0]
    coefficients = np.polynomial.legendre.legfit(u, dependence.displacement(np.sin(theta)).T, ORDER - 1)
    slope = np.polynomial.legendre.legval(u, np.polynomial.legendre.legder(coefficients)) / (0.5 * np.diff(edges)[:, None])
    # ds/dtheta = ds/dmu cos(theta), and sqrt(1 - mu^2) dmu = cos^2 dtheta.
    base = weight * np.sin(theta) ** 2 * np.cos(theta)
    return float((base * np.abs(slope) ** (gamma - 1.0)).sum() / (base * np.cos(theta) ** (gamma - 1.0)).sum())


def _edges(dependence, l_max):
    """Panels on [-1, 1] that halve towards 0 and across which no polynomial turns far."""
    graded = graded_edges(HALVINGS, dependence.breaks)
    theta = np.arcsin(graded)
    pieces = np.ceil((l_max + 2.0) * np.diff(theta) / RADIANS).astype(int)
    fine = [np.sin(np.linspace(low, high, n + 1)[:-1]) for low, high, n in zip(theta[:-1], theta[1:], pieces, strict=True)]
    positive = np.concatenate([*fine, [1.0]])
    positive[0] = 0.0
    return np.concatenate([-positive[:0:-1], positive])


def _pair_weights(edges, mu, weight, s, power, dependence):
    """M such that sum F_i M_ij G_j = int int F(mu) G(mu') |s - s'|^power, (n, n)."""
    panels, order = mu.shape
    flat, w = s.ravel(), weight.ravel()
    matrix = np.abs(flat[:, None] - flat) ** power * w[:, None] * w
    near = _NearPairs(order, power)
    for p in range(panels):
        rows = slice(p * order, (p + 1) * order)
        matrix[rows, rows] = near.same(edges[p], edges[p + 1], dependence)
        if p + 1 < panels:
            block = near.neighbours(edges[p], edges[p + 1], edges[p + 2], dependence)
            after = slice((p + 1) * order, (p + 2) * order)
            matrix[rows, after], matrix[after, rows] = block, block.T
    return matrix


class _NearPairs:
    """Weights of pairs of nodes on panels that touch: Duffy's coordinates, the singular factor in the weight of Jacobi's rule."""

    def __init__(self, order, power):
        self.power = power
        x, w = roots_jacobi(order, 0.0, power + 1.0)  # of xi^(power+1) on [0, 1]
        self.xi, self.xi_weight = 0.5 * (1.0 + x), w * 0.5 ** (power + 2.0)
        x, w = roots_jacobi(order, power, 0.0)  # of (1 - eta)^power
        self.eta, self.eta_weight = 0.5 * (1.0 + x), w * 0.5 ** (power + 1.0)
        u, g, _ = legendre_rule(order)
        self.flat, self.flat_weight = 0.5 * (1.0 + u), 0.5 * g
        n = np.arange(order)
        self.coefficients = (np.polynomial.legendre.legvander(u, order - 1) * g[:, None]) * (n + 0.5)

    def interpolate(self, position):
        """Lagrange's polynomials of the nodes at positions in [0, 1], (order, m)."""
        return self.coefficients @ np.polynomial.legendre.legvander(2.0 * position - 1.0, self.coefficients.shape[1] - 1).T

    def same(self, low, high, dependence):
        """Both on one panel: mu = low + width xi, mu' = low + width xi eta, and the mirror image."""
        width = high - low
        one = np.repeat(self.xi, self.eta.size)
        two = (self.xi[:, None] * self.eta).ravel()
        ratio = np.abs(_difference(low + width * one, low + width * two, dependence) / (one - two))
        weight = (self.xi_weight[:, None] * self.eta_weight).ravel() * ratio**self.power * width**2
        block = (self.interpolate(one) * weight) @ self.interpolate(two).T
        return block + block.T

    def neighbours(self, low, middle, high, dependence):
        """mu = middle - left u below, mu' = middle + right v above; u = xi, v = xi eta, and u = xi eta, v = xi."""
        left, right = middle - low, high - middle
        one = np.repeat(self.xi, self.flat.size)
        two = (self.xi[:, None] * self.flat).ravel()
        base = (self.xi_weight[:, None] * self.flat_weight).ravel() * left * right
        block = 0.0
        for u, v in ((one, two), (two, one)):
            ratio = np.abs(_difference(middle - left * u, middle + right * v, dependence)) / one
            block = block + (self.interpolate(1.0 - u) * (base * ratio**self.power)) @ self.interpolate(v).T
        return block


def _difference(mu, other, dependence):
    return dependence.displacement(mu) - dependence.displacement(other)
