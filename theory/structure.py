"""Structure function along the field: the second moment of velocity differences, an independent route to everything."""

import numpy as np

from fluxtube.errors import InputError
from fluxtube.theory import checks
from fluxtube.theory.covariance_quadrature import checked_values, integration_range, local_index, panel_edges
from fluxtube.theory.panels import oscillating_weights, place


def structure_function(turbulence, s) -> np.ndarray:
    """D(s) = <[u_par(s) - u_par(0)]^2> = 2 int_-inf^inf E(kappa) (1 - cos kappa s) dkappa along the field.

    For a power law without end, 4 E(1) K |s|^(gamma-1) with K = pi / [2 Gamma(gamma) sin(pi (gamma-1)/2)] (E at unit
    kappa): fractional Brownian motion of Hurst index (gamma-1)/2.

    Parameters
    ----------
    turbulence : Turbulence
        For its E(kappa).
    s : array
        Separations along the field, of either sign [length].

    Returns
    -------
    array of the shape of s
        D [velocity^2].

    Raises
    ------
    ValueError
        If s is not finite, or gamma of a power law without end is outside (1, 3).

    Examples
    --------
    >>> from fluxtube.theory import Turbulence
    >>> flow = Turbulence.power_law(5 / 3, 23.0, 10.0)
    >>> d = structure_function(flow, np.array([1.0, 8.0]))
    >>> round(float(d[1] / d[0]), 12)
    4.0
    """
    s = np.abs(np.asarray(s, dtype=float))
    if not np.isfinite(s).all():
        raise InputError("separations s must be finite numbers")
    line = turbulence.line
    closed = line.closed_structure(s)
    if closed is not None:
        return 4.0 * closed
    flat = s.ravel()
    result = np.zeros_like(flat)
    for chosen in np.array_split(np.flatnonzero(flat > 0.0), max(1, int(np.count_nonzero(flat)) // 64)):
        if chosen.size:
            result[chosen] = _by_quadrature(line, flat[chosen])
    return result.reshape(s.shape)


def _by_quadrature(line, s):
    start, end = integration_range(line, s.min(), s.max(), 1, decay=0.0)
    edges = panel_edges(line, (), 1, start, end, first=1e-3 / s.max())
    kappa, weights = place(edges)
    values = checked_values(line, kappa)
    total = np.empty_like(s)
    beneath = 0.0
    if start > 0.0 and line.support[0] == 0.0:
        # 1 - cos is a square to the last digit down there.
        power = checks.inside("3 - index of the spectrum towards kappa = 0", 3.0 - local_index(line, start), 0.0, np.inf)
        beneath = 0.5 * start**3 * float(line(start)) / power
    for i, separation in enumerate(s):
        # Panels that the cosine turns in little: 1 - cos = 2 sin^2 without cancellation. Beyond: Filon.
        slow = int(np.searchsorted(edges[1:] * separation, 6.0))
        phase = 0.5 * kappa[:slow] * separation
        total[i] = beneath * separation**2 + (weights[:slow] * values[:slow] * 2.0 * np.sin(phase) ** 2).sum()
        if slow < len(kappa):
            cosine = oscillating_weights(edges[slow:], separation).real
            total[i] += ((weights[slow:] - cosine) * values[slow:]).sum()
    return 4.0 * total


def mean_square_velocity(turbulence) -> float:
    """<|u|^2> = int_0^inf w dk of isotropic turbulence [velocity^2].

    Parameters
    ----------
    turbulence : Turbulence
        Isotropic.

    Returns
    -------
    float
        Infinite for a power law without end.

    Examples
    --------
    >>> from fluxtube.theory import Turbulence
    >>> flow = Turbulence.power_law(2.0, 1.0, 2 * np.pi, band=(1.0, 2.0))
    >>> round(mean_square_velocity(flow), 12)
    0.5
    """
    turbulence.require_isotropic("mean_square_velocity")
    spectrum, band = turbulence.spectrum, turbulence.band or (0.0, np.inf)
    low, high = max(spectrum.support[0], band[0]), min(spectrum.support[1], band[1])
    reach = turbulence.line.reach if hasattr(turbulence.line, "reach") else (1e-40 * spectrum.pivot, 1e40 * spectrum.pivot)
    if _diverges(spectrum, low == 0.0, bool(np.isinf(high)), reach):
        return float("inf")
    low, high = max(low, reach[0]), min(high, reach[1])
    marks = np.array(sorted({low, high, *(k for k in spectrum.breaks if low < k < high)}))
    count = np.maximum(2, np.log(marks[1:] / marks[:-1]) / np.log(2.0) + 2).astype(int)
    edges = np.unique(np.concatenate([np.geomspace(a, b, n) for a, b, n in zip(marks[:-1], marks[1:], count, strict=True)]))
    k, weights = place(edges)
    return float((weights * turbulence.energy_spectrum(np.clip(k, low, high))).sum())


def _diverges(spectrum, without_low: bool, without_high: bool, reach) -> bool:
    """Whether k w does not fall towards an end that is none: the logarithmic slope of w there is on the wrong side of -1."""
    steps = [(reach[0], -1.0)] * without_low + [(0.5 * reach[1], 1.0)] * without_high
    for k, outwards in steps:
        with np.errstate(over="ignore", under="ignore"):
            near, far = (float(spectrum(np.array(x))) * x for x in ((2.0 * k, k) if outwards < 0 else (k, 2.0 * k)))
        if not np.isfinite(far) or (far > 0.0 and far >= near * (1.0 - 1e-9)):
            return True
    return False
