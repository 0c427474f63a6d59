"""Products of responses that carry several waves: R = sum_h Re[A_h e^(i f_h kappa)] with smooth A_h, integrated wave by wave."""

import numpy as np

from fluxtube.theory.panels import oscillating_weights


def product_sum(edges, weights, values, one, other) -> np.ndarray:
    """int E R_l R_l' dkappa over panels for all pairs of degrees.

    Re[A e^(i f kappa)] Re[B e^(i g kappa)] = 1/2 Re[A B* e^(i (f-g) kappa)] + 1/2 Re[A B e^(i (f+g) kappa)]

    Parameters
    ----------
    edges : (p + 1,) array
        Panel edges [1/length].
    weights, values : (p, n) arrays
        Of the panels, and E at their nodes.
    one, other : list of (frequency, (L, p n) array)
        Frequency [length] and amplitude A_h of each wave; 0 for what does not oscillate.

    Returns
    -------
    (L, L) array

    Examples
    --------
    >>> from fluxtube.theory.panels import place
    >>> edges = np.array([0.0, 1.0])
    >>> nodes, weights = place(edges)
    >>> wave = [(2.0, np.ones((1, nodes.size), dtype=complex))]
    >>> round(float(product_sum(edges, weights, np.ones_like(nodes), wave, wave)[0, 0] - (0.5 + np.sin(4.0) / 8.0)), 12)
    0.0
    """
    total, at = np.zeros(()), _weights(edges, weights, values)
    for f, a in one:
        for g, b in other:
            total = total + 0.5 * (((a * at(f - g)) @ b.conj().T).real + ((a * at(f + g)) @ b.T).real)
    return total


def square_sum(edges, weights, values, waves) -> np.ndarray:
    """Diagonal of `product_sum` of a response with itself, (L,).

    Examples
    --------
    >>> from fluxtube.theory.panels import place
    >>> edges = np.array([0.0, 1.0])
    >>> nodes, weights = place(edges)
    >>> float(square_sum(edges, weights, np.ones_like(nodes), [(0.0, 2.0 * np.ones((1, nodes.size)))])[0].round(12))
    4.0
    """
    total, at = np.zeros(()), _weights(edges, weights, values)
    for f, a in waves:
        for g, b in waves:
            total = total + 0.5 * ((a * b.conj()) @ at(f - g) + (a * b) @ at(f + g)).real
    return total


def _weights(edges, weights, values):
    """E times the weights of a frequency, each formed once."""
    known = {}

    def at(frequency):
        if frequency not in known:
            rule = weights if frequency == 0.0 else oscillating_weights(edges, frequency)
            known[frequency] = rule.ravel() * values.ravel()
        return known[frequency]

    return at
