"""Nodes of the field-aligned wave number for the `line` flow.

Below the band, where E(kappa) is constant, the integrand E(kappa) j_l'(kappa lambda) j_l''(kappa lambda) is a polynomial to
rounding, and a few Gauss-Legendre nodes do. In the band it is smooth in ln kappa below kappa lambda of a few, and above that a
slowly falling function times waves of at most 2 radians a unit of x = kappa lambda. The substitution x = x_min + A ln(1 + e^t)
closes in on the band's lower end, is logarithmic below A and linear above it; the rectangle rule in t converges
exponentially as long as its step in x stays below pi, where 2 radians a unit would alias.
"""

import math

import numpy as np

KNEE = 6.0  # A: where logarithmic turns into linear
LARGEST_STEP = 2.5  # in x; below pi by what the spectrum's own smoothness takes
FEWEST_IN_BAND = 128  # for narrow bands: E ends with a kink at the upper end, where the rule is of second order
CLOSEST = 1e-2  # first step into the band, of x_min, of its width and of one


def _parameter(x: float) -> float:
    """t of x = A ln(1 + e^t)."""
    y = x / KNEE
    return y + math.log(-math.expm1(-y))


def _ends(x_min: float, x_max: float) -> tuple[float, float]:
    span = x_max - x_min
    return _parameter(CLOSEST * min(x_min, span, 1.0)), _parameter(span)


def _nodes_below(x_min: float) -> int:
    """Gauss-Legendre nodes that resolve waves of 2 radians a unit from 0 to x_min: exp(2 i x) is a polynomial of degree x_min."""
    return math.ceil(x_min / 2 + 2.5 * x_min ** (1 / 3) + 4)


def line_nodes(count: int, x_min: float, x_max: float) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights for int_0^x_max dx, x = kappa lambda.

    Parameters
    ----------
    count : int
        Number of nodes.
    x_min, x_max : float
        Band of the spectrum.

    Returns
    -------
    x, weight : (count,)
    """
    low, high = _ends(x_min, x_max)
    under = _nodes_below(x_min)
    above = count - under
    step = (high - low) / above
    t = low + step * (np.arange(above) + 0.5)
    edge = x_min + KNEE * math.log1p(math.exp(low))
    y, below = np.polynomial.legendre.leggauss(under)
    return (
        np.concatenate([edge * (y + 1) / 2, x_min + KNEE * np.logaddexp(0, t)]),
        np.concatenate([edge * below / 2, step * KNEE / (1 + np.exp(-t))]),
    )


def nodes_needed(x_min: float, x_max: float) -> int:
    """Fewest nodes whose steps are short enough for the waves of the integrand."""
    low, high = _ends(x_min, x_max)
    return _nodes_below(x_min) + max(FEWEST_IN_BAND, math.ceil((high - low) * KNEE / LARGEST_STEP))
