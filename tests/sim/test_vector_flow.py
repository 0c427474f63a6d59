"""The sum of plane waves in three dimensions: against NumPy, for every remainder of the unrolled loops."""

import numpy as np
import pytest

from fluxtube.sim.engine.kernels.vector_flow import CHUNK, vector_flow


def by_numpy(turns, cosine, sine, positions):
    phase = 2 * np.pi * (turns.T @ positions)
    return cosine @ np.cos(phase) + sine @ np.sin(phase)


@pytest.mark.parametrize("modes", [1, 2, 3, 4, 5, 64, 67])
@pytest.mark.parametrize("count", [1, CHUNK - 1, CHUNK, 3 * CHUNK + 5])
def test_sum_of_waves(modes, count):
    random = np.random.default_rng(modes + count)
    turns, cosine, sine = random.standard_normal((3, 3, modes))
    positions, velocity = random.standard_normal((3, count)), np.empty((3, count))
    vector_flow(turns, cosine, sine, positions, velocity)
    assert np.allclose(velocity, by_numpy(turns, cosine, sine, positions), rtol=0, atol=2e-13 * np.sqrt(modes))


def test_error_over_many_wave_lengths():
    """k L = 5000: the rounding of the phase is all that is left, 1e-11 of the rms at most."""
    random = np.random.default_rng(8)
    turns = random.standard_normal((3, 256))
    turns *= 5000 / (2 * np.pi) / np.linalg.norm(turns, axis=0)
    cosine, sine = random.standard_normal((2, 3, 256))
    positions, velocity = random.random((3, 2000)), np.empty((3, 2000))
    vector_flow(turns, cosine, sine, positions, velocity)
    expected = by_numpy(turns, cosine, sine, positions)
    assert np.max(np.abs(velocity - expected)) < 1e-11 * expected.std()


def test_a_position_does_not_depend_on_its_neighbours():
    random = np.random.default_rng(9)
    turns, cosine, sine = random.standard_normal((3, 3, 30))
    positions = random.standard_normal((3, 700))
    whole, part = np.empty((3, 700)), np.empty((3, 41))
    vector_flow(turns, cosine, sine, positions, whole)
    vector_flow(turns, cosine, sine, np.ascontiguousarray(positions[:, 300:341]), part)
    assert np.array_equal(whole[:, 300:341], part)
