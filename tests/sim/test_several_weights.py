"""Many weights (eps, eta) on one flow: each of them as alone; all convections of one displacement cost two."""

import numpy as np
import pytest

import fluxtube
from fluxtube.sim.config.load import parse
from fluxtube.sim.engine.engine import build_engine
from fluxtube.sim.engine.estimators import SphereMultipoles
from fluxtube.sim.engine.flows import ModesFlow

RUN = """
[turbulence]
band = [1e-2, 30.0]
[transport]
model = "isotropic"
density_gradient = "1e-5 /pc"
[sky]
l_max = 20
nside = 16
[sampling]
flow = "modes"
modes = 150
"""
WEIGHTS = [(0.4, 0.7), (1, 1), (0.4, 0.0), (0, 0), (0.4, 0.25), (0, 0.6)]


@pytest.mark.parametrize("law", ["fixed", "exponential"])
def test_every_pair_of_weights_is_what_it_is_alone(law):
    """1e-12 of the rms of each degree; control: eta of one pair changed by 1e-9."""
    config = parse(RUN, [f"transport.free_path={law}"], "test")
    seen = fluxtube.Realisation(config, 3).multipoles_of_weights([*WEIGHTS, (0.4, 0.7 + 1e-9)])
    for found, (eps, eta) in zip(seen, WEIGHTS, strict=False):
        weights = [f"transport.displacement_perpendicular={eps}", f"transport.convection_perpendicular={eta}"]
        alone = parse(RUN, [f"transport.free_path={law}", "transport.model=cross-field", *weights], "test")
        expected = fluxtube.Realisation(alone, 3).multipoles()
        scale = np.sqrt((expected**2).mean(axis=0))
        assert np.abs((found - expected) / scale).max() < 1e-11
        assert found[3:].any() == (eps > 0)
    scale = np.sqrt((seen[0] ** 2).mean(axis=0))
    assert np.abs((seen[-1] - seen[0]) / scale).max() > 1e-10


def test_convections_of_one_displacement_cost_two_sums(monkeypatch):
    """Sums over waves are counted: two for twenty convections; control: twenty for twenty displacements. Waves are drawn once."""
    realisation, sums, draws = fluxtube.Realisation(parse(RUN, [], "test"), 2), [], []
    measure, draw = SphereMultipoles.measure, ModesFlow.draw
    monkeypatch.setattr(SphereMultipoles, "measure", lambda self, *a: sums.append(a) or measure(self, *a))
    monkeypatch.setattr(ModesFlow, "draw", lambda self, *a: draws.append(a) or draw(self, *a))
    many = np.linspace(0.1, 1.0, 20)
    realisation.multipoles_of_weights([(0.5, eta) for eta in many])
    assert (len(sums), len(draws)) == (2, 1)
    realisation.multipoles_of_weights([(eps, 0.3) for eps in many])
    assert (len(sums), len(draws)) == (22, 2)


def test_weights_that_cannot_be_are_refused():
    realisation = fluxtube.Realisation(parse(RUN, [], "test"))
    for wrong in ([(0.5, 1.5)], [(0.1, 0.2, 0.3)], [], [(np.nan, 0.0)]):
        with pytest.raises(fluxtube.InputError, match="pairs"):
            realisation.multipoles_of_weights(wrong)
    line = parse(RUN, ["sampling.flow=line", "sampling.modes=200", "transport.model=parallel"], "test")
    with pytest.raises(fluxtube.InputError, match="no weights across"):
        fluxtube.Realisation(line).multipoles_of_weights([(0.5, 0.5)])
    assert build_engine(line).flow.vector is False
