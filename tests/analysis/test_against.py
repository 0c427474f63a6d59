"""`--against` a key that theory does not depend on is refused by name; one that it depends on is taken."""

import pytest

from fluxtube.analysis.validation.expected import theory_of
from fluxtube.errors import InputError
from fluxtube.sim.config.load import parse

BAND = "turbulence.band=[1e-2, 100]"
TABLE = "turbulence.table=[[1e-3, 1e5], [1.0, 1.0], [1e3, 1e-5]]"
VON_KARMAN = ["turbulence.spectrum=von-karman", "turbulence.outer_scale=100 pc"]

REFUSED = [
    ([], ["transport.density_gradient=5 /pc"], "C_l does not depend on transport.density_gradient here"),
    ([], ['transport.other_mean_free_paths=["3 pc"]'], "does not depend on transport.other_mean_free_paths"),
    ([], ["transport.mean_free_path=3 pc"], "does not depend on transport.mean_free_path"),
    ([], ["turbulence.gamma=1.5", "transport.mean_free_path=3 pc"], "does not depend on transport.mean_free_path"),
    (["turbulence.spectrum=table", TABLE], ["turbulence.gamma=1.1"], "turbulence.gamma has no effect with spectrum = 'table'"),
    (["turbulence.spectrum=goldreich-sridhar"], ["turbulence.gamma=1.3"], "turbulence.gamma has no effect"),
    (["turbulence.spectrum=goldreich-sridhar"], ["turbulence.transverse_fraction=0"], "transverse_fraction has no effect"),
    ([], ["sampling.nodes=600"], "theory depends on [turbulence] and [transport] only"),
]
TAKEN = [
    ([], ["turbulence.gamma=1.5"]),
    ([], ["turbulence.gamma=5/3"]),  # its own value
    ([], ["turbulence.transverse_fraction=1"]),  # sets the level
    ([], VON_KARMAN),
    (VON_KARMAN, ["transport.mean_free_path=3 pc"]),
    ([], ["turbulence.spectrum=goldreich-sridhar"]),
    ([], ["transport.free_path=exponential"]),
    ([], ["transport.free_path=erlang", "transport.free_path_shape=2"]),
    ([], ["transport.spectral_slope=-4"]),
    (["sampling.flow=modes"], ["transport.model=isotropic"]),
]


@pytest.mark.parametrize(("own", "against", "words"), REFUSED)
def test_refused_by_name(own, against, words):
    with pytest.raises(InputError) as caught:
        theory_of(parse("", [BAND, *own], "here"), against)
    assert words in str(caught.value)


@pytest.mark.parametrize(("own", "against"), TAKEN)
def test_taken(own, against):
    config = parse("", [BAND, *own], "here")
    assert theory_of(config, against) == config.with_overrides(against)
