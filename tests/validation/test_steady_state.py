"""Density response and flight as a user runs them: `fluxtube run`, then the verdict; a wrong theory must be rejected.

Every verdict shares a false-alarm rate of 1e-3 over its tests; seeds are fixed.
"""

import pytest

from fluxtube.analysis.validation.slope import measure_slope
from fluxtube.analysis.validation.validate import validate
from fluxtube.cli import main
from fluxtube.sim.store.reader import read_ensemble

RUN = """
[turbulence]
band = [1e-2, 30.0]
[transport]
density_response = "steady"
[sky]
l_max = 8
nside = 16
[ensemble]
realisations = 1500
seed = 4
[output]
skies = 0
multipoles = 1500
"""


def run(folder, *settings):
    (folder / "run.toml").write_text(RUN)
    sets = [word for setting in settings for word in ("--set", setting)]
    assert main(["run", str(folder / "run.toml"), "-o", str(folder / "run.h5"), "-q", *sets]) == 0
    return read_ensemble(folder / "run.h5")


ERLANG = ["transport.free_path=erlang", "transport.free_path_shape=3"]


@pytest.mark.parametrize("settings", [[], ["sampling.flow=modes", "sampling.modes=256"], ERLANG])
def test_along_the_field(tmp_path, settings):
    """Exact and, of the same flows, by particles; the paper's theory is rejected."""
    ensemble = run(tmp_path, *settings, "check.realisations=4", "check.particles=50000")
    verdict = validate(ensemble)
    assert verdict.accepted
    assert verdict.check is not None
    assert not validate(ensemble, ["transport.density_response=none"]).accepted


def test_across_the_field_in_flight(tmp_path):
    """Isotropic transport met in flight with density response, and its slope; either left out is rejected."""
    isotropic = ["transport.model=isotropic", "sampling.flow=modes", "sampling.modes=256", "ensemble.realisations=1000"]
    ensemble = run(tmp_path, *isotropic, "transport.free_path_observed=in-flight")
    assert validate(ensemble).accepted
    assert not validate(ensemble, ["transport.density_response=none"]).accepted
    assert not validate(ensemble, ["transport.free_path_observed=end"]).accepted
    slope = measure_slope(ensemble, l_min=4)
    assert abs(slope.z) < 4  # 6e-5
    assert slope.expected < -3.0
