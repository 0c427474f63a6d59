"""A sum of plane waves at any points: for a few points of one realisation, where speed does not matter."""

import numpy as np

VALUES_AT_ONCE = 2**20


def sum_of_waves(wave_vectors: np.ndarray, cosine: np.ndarray, sine: np.ndarray, positions: np.ndarray) -> np.ndarray:
    """sum_j cosine_j cos(k_j.x) + sine_j sin(k_j.x).

    Parameters
    ----------
    wave_vectors : (d, n)
        k_j [wave number]: d = 3 in space, d = 1 along a line.
    cosine, sine : (c, n)
        Amplitudes of c components.
    positions : (m, d)
        x [1/wave number].

    Returns
    -------
    (m, c)
    """
    positions = np.asarray(positions, dtype=float)
    together = max(1, VALUES_AT_ONCE // wave_vectors.shape[1])
    values = np.empty((len(positions), len(cosine)))
    for start in range(0, len(positions), together):
        phase = positions[start : start + together] @ wave_vectors
        values[start : start + together] = np.cos(phase) @ cosine.T + np.sin(phase) @ sine.T
    return values
