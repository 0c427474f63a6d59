"""<a_l a_l'> of any field-aligned spectrum E(kappa) by one-dimensional quadrature, at any kappa lambda.

The integrand E j_l' j_l'' oscillates for ever. Up to about kappa lambda = 1.5 l_max plain Gauss-Legendre panels follow the
oscillation. Beyond, j_l' = Re[A_l e^(i kappa lambda)] with A_l smooth, so

    j_l'(x1) j_l''(x2) = 1/2 Re[A_l A_l'* e^(i kappa (lambda1 - lambda2))] + 1/2 Re[A_l A_l' e^(i kappa (lambda1 + lambda2))]

is integrated with Filon weights on panels that grow in proportion to kappa: some thousand nodes suffice for l_max = 200 and
any band.
"""

from itertools import pairwise

import numpy as np

from fluxtube.errors import InputError
from fluxtube.theory.carriers import product_sum, square_sum
from fluxtube.theory.kinetic_response import waves_of
from fluxtube.theory.line_spectra import PANEL_RATIO
from fluxtube.theory.panels import oscillating_weights, place

#: Integrals without end are cut where the integrand's power law has fallen by this much.
NEGLIGIBLE = 1e-15

#: kappa lambda below which the responses are powers to the last digit.
FIRST = 1e-8


def panel_edges(line, responses, l_max: int, start: float, end: float, width: float = 1.0, first: float = np.inf):
    """Ascending panel edges from `start` to `end` on which E and all responses are smooth.

    Parameters
    ----------
    line : line spectrum
        For its breaks.
    responses : sequence
        Of `free_path`.
    l_max : int
        Highest degree.
    start, end : float
        Range [1/length].
    width : float
        Multiplies the widths; below one it refines, for error estimates.
    first : float
        Greatest width of a first panel that begins at zero [1/length].

    Returns
    -------
    (n,) array

    Examples
    --------
    >>> from fluxtube.theory import Turbulence
    >>> from fluxtube.theory.free_path import Fixed
    >>> line = Turbulence.power_law(5 / 3, 1.0, 1.0, band=(0.5, 3.0)).line
    >>> edges = panel_edges(line, [Fixed().response(1.0)], 10, 0.0, 3.0)
    >>> bool(0.5 in edges and edges[-1] == 3.0 and (np.diff(edges) > 0).all())
    True
    """
    switches = [r.frequency_above(l_max) for r in responses]
    marks = sorted({start, end, *(k for k in (*line.breaks, *switches) if start < k < end)})
    # Where the band ends below the first peak of j_l, the integrand climbs as kappa^(2 l) to that end.
    steep = 1.0 + 16.0 / max(l_max, 1)
    climbs = end * max((r.mean_free_path for r in responses), default=np.inf) < l_max
    edges = [start]
    for low, high in pairwise(marks):
        here = low
        while here < high:
            ratio = min(PANEL_RATIO, steep) if climbs and here > end / 16.0 else PANEL_RATIO
            growth = here * (ratio - 1.0) if here > 0.0 else np.inf
            step = min([growth, *(r.widest_panel(here, l_max) for r in responses)])
            if here == 0.0:
                step = min(step, 1e-3 * high, first, *(1e-3 / r.mean_free_path for r in responses))
            there = here + width * step
            here = high if there > high - 0.2 * step else there
            edges.append(here)
    return np.array(edges)


def integration_range(line, shortest: float, longest: float, l_max: int, decay: float) -> tuple[float, float]:
    """Range of kappa to integrate over panel by panel [1/length].

    A spectrum that climbs without end towards kappa = 0 is cut where the responses are pure powers (the rest follows in
    closed form, `_beneath`); one without upper end where the integrand E kappa^-decay has become negligible.

    Raises
    ------
    InputError
        If the integral towards infinity diverges.

    Examples
    --------
    >>> from fluxtube.theory import Turbulence
    >>> integration_range(Turbulence.power_law(5 / 3, 1.0, 1.0, band=(0.5, 3.0)).line, 1.0, 1.0, 10, 2.0)
    (0.0, 3.0)
    """
    low, high = line.support
    if high <= 0.0:
        return 0.0, 0.0
    if low == 0.0 and not line.smooth_at_zero:
        low = FIRST / longest
    if np.isinf(high):
        power = local_index(line, 1e12 / shortest) + decay - 1.0
        if power < 0.05:
            raise InputError(f"the spectrum falls as kappa^{1 - decay - power:.3g} without end: too flat; give it an upper end")
        high = (l_max + 10.0) * 1e2 * NEGLIGIBLE ** (-1.0 / power) / shortest
    return low, high


def local_index(line, kappa: float) -> float:
    """-dlnE/dlnkappa [1]; 200, steeper than all that matters, where E vanishes.

    Examples
    --------
    >>> round(local_index(lambda kappa: kappa**-1.5, 3.0), 12)
    1.5
    """
    e = checked_values(line, np.array([kappa, 1.5 * kappa]))
    if not (e > 0.0).all():
        return 200.0
    return float(-np.log(e[1] / e[0]) / np.log(1.5))


def checked_values(line, kappa: np.ndarray) -> np.ndarray:
    """The spectrum at kappa, checked: one given as a function may return anything.

    Examples
    --------
    >>> checked_values(np.sqrt, np.array([4.0])).tolist()
    [2.0]
    """
    values = np.asarray(line(kappa), dtype=float)
    good = np.isfinite(values) & (values >= 0.0)
    if values.shape != kappa.shape or not good.all():
        worst = f"{values[~good].ravel()[0]} at {kappa[~good].ravel()[0]:.6g}" if values.shape == kappa.shape else values.shape
        raise InputError(f"the spectrum gives {worst}; it must be finite and not negative, of the shape of its argument")
    return values


def _beneath(line, tables, start: float, powers: np.ndarray, others: np.ndarray) -> np.ndarray:
    """int_0^start E R_l R_l' where E ~ kappa^-index and the two responses ~ kappa^power, kappa^other, given both at the start."""
    value = float(line(np.array([start]))[0])
    if value == 0.0:
        return np.zeros((len(powers), len(others)))
    exponents = powers[:, None] + others + 1.0 - local_index(line, start)
    if exponents.min() <= 0.0:
        raise InputError(
            f"the spectrum climbs as kappa^-{local_index(line, start):.4g} towards kappa = 0: too steep for the lowest "
            "multipole; give it a lower end"
        )
    return start * value * tables[0] * tables[1].T / exponents


def _powers(response, l_max: int, l_min: int, velocity: bool) -> np.ndarray:
    """Powers of kappa with which a response starts."""
    if hasattr(response, "powers"):
        return response.powers(l_max, l_min)
    l = np.arange(l_min, l_max + 1.0)
    return l if velocity else np.where(l >= 2, l - 1.0, l + 1.0)


def response_products(
    line, first, second, l_max: int, l_min: int, width: float = 1.0, velocity: bool = False
) -> np.ndarray:
    """int_0^inf E(kappa) R_l(kappa) R_l'(kappa) dkappa for all pairs of degrees, of two responses R.

    Parameters
    ----------
    line : line spectrum
        E(kappa) [velocity^2 length].
    first, second : responses
        Of `free_path`.
    l_max, l_min : int
        Range of degrees. For l = 1 the response is R_1 - 1/3: the -u(r) of the velocity difference.
    width : float
        Scale of the panel widths.
    velocity : bool
        The responses are those of c_L, which start as kappa^L and know no -1/3.

    Returns
    -------
    (n, n) array
        Row: degree of the first; column: of the second. Odd l + l' are not zeroed: int over both signs does it [velocity^2].

    Examples
    --------
    >>> from fluxtube.theory import Turbulence, mellin
    >>> from fluxtube.theory.free_path import Fixed
    >>> flow, path = Turbulence.power_law(5 / 3, 1.0, 1.0), Fixed().response(1.0)
    >>> closed = float(flow.field_aligned_spectrum(1.0)) * mellin.derivative_products(5 / 3, 9, 2)
    >>> bool(np.allclose(response_products(flow.line, path, path, 9, 2)[::2, ::2], closed[::2, ::2], rtol=1e-11))
    True
    """
    responses = (first, second)
    n = l_max - l_min + 1
    total = np.zeros((n, n))
    dipole = None if velocity or l_min > 1 else 1 - l_min
    # The constant -1/3 of l = 1 leaves E alone at large kappa; else the responses fall as 1/kappa.
    first_edge, pieces = _pieces(line, responses, l_max, width, 2.0 if dipole is None else 0.0)
    if first_edge > 0.0 and line.support[0] == 0.0:
        tables = [_table(r, np.array([first_edge]), l_max, l_min, False, dipole) for r in responses]
        total += _beneath(line, tables, first_edge, *(_powers(r, l_max, l_min, velocity) for r in responses))
    for edges, oscillates in pieces:
        kappa, weights = place(edges)
        values = checked_values(line, kappa)
        if any(split and hasattr(r, "harmonics") for r, split in zip(responses, oscillates, strict=True)):
            both = zip(responses, oscillates, strict=True)
            total += product_sum(edges, weights, values, *(_waves(r, kappa.ravel(), l_max, l_min, s, dipole) for r, s in both))
            continue
        tables = [_table(r, kappa.ravel(), l_max, l_min, split, dipole) for r, split in zip(responses, oscillates, strict=True)]
        carriers = [r.frequency if split else 0.0 for r, split in zip(responses, oscillates, strict=True)]
        total += _panel_sum(edges, weights, values, tables, carriers, dipole)
    return total


def response_squares(line, response, l_max: int, l_min: int, width: float = 1.0) -> np.ndarray:
    """Diagonal of `response_products` for one response and l_min >= 1, without the -1/3 of l = 1.

    Returns
    -------
    (n,) array

    Examples
    --------
    >>> from fluxtube.theory import Turbulence, mellin
    >>> from fluxtube.theory.free_path import Fixed
    >>> flow, path = Turbulence.power_law(5 / 3, 1.0, 1.0), Fixed().response(1.0)
    >>> closed = float(flow.field_aligned_spectrum(1.0)) * mellin.derivative_squares(5 / 3, 9, 2)
    >>> bool(np.allclose(response_squares(flow.line, path, 9, 2), closed, rtol=1e-12))
    True
    """
    total = np.zeros(l_max - l_min + 1)
    first_edge, pieces = _pieces(line, (response,), l_max, width, 2.0)
    if first_edge > 0.0 and line.support[0] == 0.0:
        table = response.direct(np.array([first_edge]), l_max)[l_min:]
        powers = response.powers(l_max, l_min) if hasattr(response, "powers") else np.arange(l_min - 1.0, l_max)
        total += np.diag(_beneath(line, (table, table), first_edge, powers, powers))
    for edges, (split,) in pieces:
        kappa, weights = place(edges)
        values = checked_values(line, kappa).ravel()
        if not split:
            total += (response.direct(kappa.ravel(), l_max)[l_min:] ** 2) @ (weights.ravel() * values)
            continue
        if hasattr(response, "harmonics"):
            total += square_sum(edges, weights, values, _waves(response, kappa.ravel(), l_max, l_min, True, None))
            continue
        table = response.amplitude(kappa.ravel(), l_max)[l_min:]
        double = oscillating_weights(edges, 2.0 * response.frequency).ravel()
        total += 0.5 * (np.abs(table) ** 2 @ (weights.ravel() * values) + (table**2 @ (double * values)).real)
    return total


def _pieces(line, responses, l_max, width, decay):
    """First edge, and the panel edges of the ranges over which each response is, or is not, split from its carrier."""
    lengths = [r.mean_free_path for r in responses]
    start, end = integration_range(line, min(lengths), max(lengths), l_max, decay)
    if not end > start:
        return 0.0, []
    edges = panel_edges(line, responses, l_max, start, end, width)
    last = len(edges) - 1
    splits = [min(int(np.searchsorted(edges, r.frequency_above(l_max) * (1.0 - 1e-12))), last) for r in responses]
    return start, [(edges[a : b + 1], [a >= c for c in splits]) for a, b in pairwise(sorted({0, last, *splits}))]


def _table(response, kappa, l_max, l_min, oscillates, dipole):
    table = (response.amplitude if oscillates else response.direct)(kappa, l_max)[l_min:]
    if not oscillates and dipole is not None and dipole < len(table):
        table[dipole] = response.less_its_start(table[dipole], kappa)
    return table


def _waves(response, kappa, l_max, l_min, oscillates, dipole):
    """[(frequency, amplitude)] of a response of one wave or several, its -1/3 of l = 1 among what does not oscillate."""
    if not oscillates:
        return [(0.0, _table(response, kappa, l_max, l_min, False, dipole))]
    waves = {h: np.asarray(part)[l_min:] for h, part in waves_of(response, kappa, l_max).items()}
    if dipole is not None and dipole < l_max - l_min + 1:
        waves[0] = waves.get(0, 0.0) + np.where(np.arange(l_min, l_max + 1) == 1, -1.0 / 3.0, 0.0)[:, None]
    return [(h * response.frequency, part) for h, part in waves.items()]


def _panel_sum(edges, weights, values, tables, carriers, dipole):
    (one, two), (f1, f2) = tables, carriers
    if f1 == f2 == 0.0:
        return (one * (weights * values).ravel()) @ two.T
    difference = weights if f1 == f2 else oscillating_weights(edges, f1 - f2)
    plus = oscillating_weights(edges, f1 + f2)
    total = ((one * (difference * values).ravel()) @ two.conj().T).real
    total += ((one * (plus * values).ravel()) @ two.T).real
    total *= 0.5
    if dipole is not None and dipole < len(total):
        _constants(total, edges, weights, values, tables, carriers, dipole)
    return total


def _constants(total, edges, weights, values, tables, carriers, row):
    """Terms of the -1/3 that l = 1 carries where the response is split into amplitude and carrier."""
    sums = [
        (table * (oscillating_weights(edges, carrier) * values).ravel()).sum(axis=1).real
        for table, carrier in zip(tables, carriers, strict=True)
    ]
    split = [carrier != 0.0 for carrier in carriers]
    if split[1]:
        total[:, row] -= sums[0] / 3.0
    if split[0]:
        total[row, :] -= sums[1] / 3.0
    if all(split):
        total[row, row] += (weights * values).sum() / 9.0
