"""Posterior of one model by emcee, its evidence by dynesty, and warnings where they cannot be trusted."""

import warnings
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import minimize
from scipy.stats import chi2
from threadpoolctl import threadpool_limits

from fluxtube.analysis.inference.data import SkyData
from fluxtube.analysis.inference.likelihood import SkyLikelihood
from fluxtube.analysis.inference.parameters import NAMES, Prior, coordinates
from fluxtube.analysis.inference.transport import Point
from fluxtube.errors import InputError

WALKERS = 32
BURN = 100
ENOUGH = 500  # independent samples: 16 and 84 % are then good to a tenth of the width
EDGE, CROWD = 0.02, 0.05  # share of the prior's range at an edge, and of the samples in it, that give a warning
IMPOSSIBLE = -1e300
QUANTILES = (0.16, 0.5, 0.84)


@dataclass(frozen=True)
class Posterior:
    """Result for one model.

    Attributes
    ----------
    model : str
    names : tuple of str
        Free parameters.
    best : Point
        Largest likelihood found.
    max_log_likelihood, log_evidence, log_evidence_error : float
    chi_squared : float
        d' S^-1 d at the best point.
    points : list of Point
        Samples, one walker after another at every step.
    log_likelihood : ndarray (n,)
    steps : int
        Steps of each walker.
    warnings : list of str
    """

    model: str
    names: tuple[str, ...]
    best: Point
    max_log_likelihood: float
    log_evidence: float
    log_evidence_error: float
    chi_squared: float
    points: list
    log_likelihood: np.ndarray
    steps: int
    warnings: list[str] = field(default_factory=list)

    def samples(self) -> np.ndarray:
        """(n, 7) samples of `NAMES`, fixed ones at their value."""
        return np.array([list(coordinates(point).values()) for point in self.points])

    def quantiles(self) -> dict[str, dict[str, float]]:
        """16, 50 and 84 % of every parameter; right ascension about its circular mean."""
        table = {}
        for name, values in zip(NAMES, self.samples().T, strict=True):
            if np.ptp(values) == 0:  # fixed: its value, and no rounding of it
                numbers = np.full(3, values[0])
            elif name == "field_ra":
                middle = np.rad2deg(np.angle(np.mean(np.exp(1j * np.deg2rad(values)))))
                numbers = np.quantile(middle + (values - middle + 180) % 360 - 180, QUANTILES)
                numbers = numbers + 360 * (numbers[1] < 0)
            else:
                numbers = np.quantile(values, QUANTILES)
            table[name] = dict(zip(("q16", "q50", "q84"), (float(number) for number in numbers), strict=True))
        return table


class Problem:
    """ln L over the unit cube of a model's free parameters."""

    def __init__(self, data: SkyData, model: str, prior: Prior, **physics):
        self.likelihood, self.model, self.prior = SkyLikelihood(data, model, **physics), model, prior
        self.names = prior.names(model)

    def point(self, cube) -> Point:
        """Point of the cube."""
        return self.prior.point(self.model, cube)

    def try_once(self) -> None:
        """One likelihood, or the InputError that says why there is none."""
        self.likelihood(self.point([{"sigma": 1.0, "noise": 0.0}.get(name, 0.5) for name in self.names]))

    def __call__(self, cube) -> float:
        if np.any(np.asarray(cube) < 0) or np.any(np.asarray(cube) > 1):
            return -np.inf
        return self.likelihood(self.point(cube))


def infer(data: SkyData, model: str, prior: Prior, steps: int = 600, live: int = 200, seed: int = 1, **physics) -> Posterior:
    """Evidence, best point and posterior samples of one model.

    The walkers of emcee start from draws of dynesty's own posterior: the two check each other.

    Parameters
    ----------
    data : SkyData
    model : str
    prior : Prior
    steps : int
        Steps of each of 32 walkers after 100 that are dropped; 0 for the evidence alone.
    live : int
        Live points of dynesty.
    seed : int
    **physics
        beta, spectral_slope, speed, path, outer_scale.
    """
    problem = Problem(data, model, prior, **physics)
    if not problem.names:
        point = problem.point([])
        value = problem.likelihood(point)
        return _finish(problem, point, value, value, 0.0, [point], np.array([value]), 1, [])
    problem.try_once()
    with threadpool_limits(1, "blas"):
        rng = np.random.default_rng(seed)
        cubes, evidence, error = nested(problem, live, rng)
        best, top = _climb(problem, cubes[-1])
        notes: list[str] = []
        if steps:
            cubes, values = _walk(problem, cubes, steps, rng, notes)
        else:
            values = np.array([problem(cube) for cube in cubes])
    if values.max() > top:
        best, top = cubes[np.argmax(values)], float(values.max())
    notes += [f"{model}: {words}" for words in _edges(problem.names, cubes, prior)]
    points = [problem.point(cube) for cube in cubes]
    return _finish(problem, problem.point(best), top, evidence, error, points, values, max(steps, 1), notes)


def nested(problem: Problem, live: int, rng) -> tuple[np.ndarray, float, float]:
    """Posterior draws by dynesty (Speagle 2020), rising in likelihood at their end, ln evidence and its error."""
    try:
        import dynesty
    except ImportError:
        raise InputError('the evidence needs dynesty: pip install "fluxtube[inference]"') from None
    size = len(problem.names)
    how = {"nlive": live, "rstate": rng, "sample": "unif" if size < 5 else "rwalk"}  # uniform draws grow rare in many dimensions
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # on its own efficiency, not on the result
        sampler = dynesty.NestedSampler(lambda cube: max(problem(cube), IMPOSSIBLE), lambda cube: cube, size, **how)
        sampler.run_nested(dlogz=0.1, print_progress=False)
    results = sampler.results
    weight = np.exp(results.logwt - results.logz[-1])
    chosen = rng.choice(len(weight), size=1000, p=weight / weight.sum())
    cubes = np.vstack([results.samples[chosen], results.samples[-1]])
    return cubes, float(results.logz[-1]), float(results.logzerr[-1])


def _climb(problem: Problem, start) -> tuple[np.ndarray, float]:
    """Largest ln L near a point, within the cube."""
    tries = {"method": "Nelder-Mead", "options": {"xatol": 1e-4, "fatol": 1e-3, "maxfev": 400}}
    result = minimize(lambda cube: -problem(cube), start, bounds=[(0, 1)] * len(start), **tries)
    return (result.x, -float(result.fun)) if -result.fun > problem(start) else (start, problem(start))


def _walk(problem, draws, steps, rng, notes) -> tuple[np.ndarray, np.ndarray]:
    """Samples of emcee's walkers (steps x walkers, d) and their ln L."""
    try:
        import emcee
    except ImportError:
        raise InputError('sampling needs emcee: pip install "fluxtube[inference]"') from None
    start = draws[rng.choice(len(draws) - 1, size=WALKERS)]
    start = np.clip(start + 1e-5 * rng.standard_normal(start.shape), 1e-9, 1 - 1e-9)  # draws may repeat
    moves = [(emcee.moves.DEMove(), 0.8), (emcee.moves.DESnookerMove(), 0.2)]  # shorter correlations here than the stretch
    sampler = emcee.EnsembleSampler(WALKERS, len(problem.names), problem, moves=moves)
    sampler.random_state = np.random.RandomState(rng.integers(2**32)).get_state()  # emcee takes no other kind
    sampler.run_mcmc(start, BURN + steps, progress=False, skip_initial_state_check=True)
    with np.errstate(invalid="ignore"):  # of walkers that never moved it is NaN
        tau = sampler.get_autocorr_time(discard=BURN, tol=0)
    longest = float(np.max(tau)) if np.all(np.isfinite(tau)) else np.inf
    independent = WALKERS * steps / max(longest, 1.0)
    if independent < ENOUGH or steps < 10 * longest:
        notes.append(
            f"{problem.model}: {steps} steps at a correlation of {longest:.0f} steps give about {independent:.0f} independent "
            "samples, too few; ask for more --steps"
        )
    dead = int(np.sum(sampler.acceptance_fraction < 0.05))
    if dead:
        notes.append(
            f"{problem.model}: {dead} of {WALKERS} walkers hardly moved (accepted below 5 %); do not trust the posterior"
        )
    return sampler.get_chain(discard=BURN, flat=True), sampler.get_log_prob(discard=BURN, flat=True)


def _edges(names, cubes, prior: Prior) -> list[str]:
    """Parameters whose samples crowd at an end of their prior."""
    found = []
    for name, values in zip(names, cubes.T, strict=True):
        if name.startswith("field_") and prior.field_error is not None:
            continue
        for crowd, end in ((np.mean(values < EDGE), "lower"), (np.mean(values > 1 - EDGE), "upper")):
            if crowd > CROWD:
                found.append(f"{name} reaches the {end} end of its prior ({crowd:.0%} of the samples in its last {EDGE:.0%})")
    return found


def _finish(problem, best, top, evidence, error, points, values, steps, notes) -> Posterior:
    chi_squared = problem.likelihood.chi_squared(best)
    size = len(problem.likelihood.data.values)
    p = float(min(chi2(size).sf(chi_squared), chi2(size).cdf(chi_squared)))
    if p < 1e-3:
        words = f"{problem.model}: the best fit has chi^2 = {chi_squared:.0f} for {size} data: it does not describe the sky"
        notes = [*notes, words]
    return Posterior(problem.model, problem.names, best, top, evidence, error, chi_squared, points, values, steps, notes)
