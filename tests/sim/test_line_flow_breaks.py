"""The `line` flow of spectra that break: the exact covariance of its sum over nodes against theory, without randomness."""

import numpy as np
import pytest

from fluxtube.cli import main
from fluxtube.sim.engine.estimators import QuadratureEstimator
from fluxtube.sim.engine.flows import LineFlow
from fluxtube.sim.engine.flows.broken_nodes import needs_breaks
from fluxtube.sim.engine.flows.nodes import line_nodes
from fluxtube.theory import Turbulence, parallel

L_MAX, PATH = 50, 10.0


def discrete_covariance(flow):
    cosine, sine = QuadratureEstimator(flow, PATH, L_MAX, unit=1.0).response
    covariance = np.zeros((L_MAX + 1, L_MAX + 1))
    covariance[1::2, 1::2] = cosine.T @ cosine
    covariance[0::2, 0::2] = sine.T @ sine
    return covariance


def worst_element(turbulence, flow=None):
    """Over degrees whose variance is above 1e-16 of the largest: below, the projection of waves is rounding."""
    flow = LineFlow(turbulence, PATH, 512, seed=0) if flow is None else flow
    theory = parallel.multipole_covariance(turbulence, PATH, L_MAX, l_min=0)
    kept = np.flatnonzero(np.diag(theory) > 1e-16 * np.diag(theory).max())
    assert kept.size > 10
    simulated, theory = (part[np.ix_(kept, kept)] for part in (discrete_covariance(flow), theory))
    return np.max(np.abs(simulated - theory) / np.sqrt(np.outer(np.diag(theory), np.diag(theory))))


def table(rows, band=(1e-3, 1e3)):
    k, w = np.transpose(rows)
    return Turbulence.tabulated(k / PATH, w, 2 / 3, tuple(x / PATH for x in band))


BUMP = [[0.001, 1e-3], [4.9, 1e-3], [5, 1], [8, 1], [8.1, 1e-3], [1000, 1e-3]]
BREAKING = {
    "bump": table(BUMP),
    "bump far out": table([[0.001, 1e-3], [5.9, 1e-3], [6, 1], [30, 1], [30.1, 1e-3], [1000, 1e-3]]),
    "jumps": table([[0.01, 1], [3, 1], [3.0000001, 1e-2], [20, 1e-2], [20.000001, 1], [500, 1e-3]]),
    "ends inside": table([[0.01, 1], [20, 0.1]]),
    "a function's own": Turbulence.isotropic(lambda k: np.where((k > 0.5) & (k < 0.8), 1.0, 1e-3), 2 / 3, (1e-4, 1e2)),
    "slab": Turbulence.slab(5 / 3, 23.0, PATH, 0.0, (1e-4, 1e2)),
    "slab, steep and narrow": Turbulence.slab(2.5, 23.0, PATH, 0.0, (0.3, 12.0)),
    "goldreich-sridhar": Turbulence.goldreich_sridhar(23.0, PATH, (1e-4, 1e2)),
    "outer scale": Turbulence.von_karman(5 / 3, 23.0, PATH, 100.0, 0.1, 2 / 3, (1e-4, 1e2)),
}


@pytest.mark.parametrize("name", BREAKING)
def test_breaks_are_ends_of_panels(name):
    assert worst_element(BREAKING[name]) < 1e-6


def test_twenty_random_tables():
    """Two to twelve knots anywhere, w up and down by 10^1.5, some knots a thousandth apart, any beta; fixed seed."""
    rng = np.random.default_rng(1)
    for number in range(20):
        knots = rng.integers(2, 13)
        low, high = 10 ** rng.uniform(-3, 0.5), 10 ** rng.uniform(1.2, 3)
        k = np.sort(np.exp(rng.uniform(np.log(low), np.log(high), knots)))
        w = k**-1.7 * 10 ** rng.uniform(-1.5, 1.5, knots)
        if number % 3 == 0 and knots > 3:
            k[2] = 1.001 * k[1]
        turbulence = Turbulence.tabulated(np.sort(k) / PATH, w, rng.uniform(0, 1), (1e-4, 1e2))
        assert worst_element(turbulence) < 1e-6, number


def test_the_rule_of_the_band_alone_is_seen_to_fail():
    """Negative control: nodes that do not know the knots leave a per cent and more."""

    class Blind(LineFlow):
        def __init__(self, turbulence, mean_free_path, nodes):
            self.k_max = turbulence.band[1]
            x, weight = line_nodes(nodes, *(k * mean_free_path for k in turbulence.band))
            self.wave_numbers = x / mean_free_path
            self.scales = np.sqrt(2 * turbulence.field_aligned_spectrum(self.wave_numbers) * weight / mean_free_path)

    assert worst_element(BREAKING["bump"], Blind(BREAKING["bump"], PATH, 512)) > 1e-2


def test_plain_bands_keep_their_nodes():
    """A power law on a band has the nodes that it always had, to the bit, and as many as asked for."""
    turbulence = Turbulence.power_law(5 / 3, 23.0, PATH, 2 / 3, (1e-4, 1e2))
    assert not needs_breaks(turbulence.line, turbulence.band)
    flow = LineFlow(turbulence, PATH, 512, seed=0)
    assert np.array_equal(flow.wave_numbers, line_nodes(512, 1e-4 * PATH, 1e2 * PATH)[0] / PATH)
    assert LineFlow(BREAKING["ends inside"], PATH, 4000, seed=0).scales.size == 4000


def test_several_momenta_of_a_table():
    """The flow is laid out for the longest path; the covariance with a shorter one is as exact."""
    flow = LineFlow(BREAKING["bump"], PATH, 512, seed=0)
    first, second = (QuadratureEstimator(flow, path, 12, unit=1.0).response for path in (PATH, 0.37 * PATH))
    theory = parallel.two_path_covariance(BREAKING["bump"], PATH, 0.37 * PATH, 12, l_min=0)
    assert np.max(np.abs(first[0].T @ second[0] - theory[1::2, 1::2])) < 1e-9 * np.abs(theory).max()
    assert np.max(np.abs(first[1].T @ second[1] - theory[0::2, 0::2])) < 1e-9 * np.abs(theory).max()


@pytest.mark.parametrize("sigma", [[], ["--set", "turbulence.sigma=23 km/s"]])
def test_a_run_of_a_table_is_accepted_by_its_own_theory(tmp_path, sigma):
    """Absolute and scaled to sigma; `validate` at its false-alarm rate of 1e-3, fixed seed; another bump is rejected."""
    run = str(tmp_path / "run.h5")
    (tmp_path / "run.toml").write_text(
        f"[turbulence]\nspectrum = 'table'\ntable = {BUMP}\nband = [1e-3, 1e3]\n[sky]\nl_max = 12\nnside = 8\n"
        "[ensemble]\nrealisations = 20000\n[output]\nmultipoles = 0\nskies = 0\n"
    )
    assert main(["run", str(tmp_path / "run.toml"), "-o", run, "-q", *sigma]) == 0
    assert main(["validate", run]) == 0
    other = [[k, w if w < 1 else 0.9] for k, w in BUMP]
    assert main(["validate", run, "--against", f"turbulence.table={other}"]) == 1  # negative control
