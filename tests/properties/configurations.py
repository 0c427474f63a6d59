"""Small configurations of all kinds: every spectrum, law, transport, flow, and what goes with them."""

import numpy as np
from hypothesis import strategies as st

SPECTRA = {
    "power-law": {"turbulence.gamma": 1.5, "turbulence.transverse_fraction": 0.4},
    "von-karman": {"turbulence.outer_scale": "30 pc", "turbulence.dissipation_scale": "0.5 pc"},
    "table": {"turbulence.table": [[0.05, 2.0], [1.0, 1.0], [1.5, 3.0], [20.0, 0.01]]},
    "field-aligned-table": {"turbulence.table": [[0.05, 2.0], [1.0, 1.0], [20.0, 0.01]]},
    "slab": {"turbulence.transverse_fraction": 0.2},
    "goldreich-sridhar": {},
    "stretched": {"turbulence.stretch": 3.0, "turbulence.alfvenic_share": 0.2},
    "slab+2d": {"turbulence.slab_fraction": 0.4, "turbulence.pseudo_alfvenic_share": 0.5},
    "goldreich-sridhar-3d": {"turbulence.outer_scale": "100 pc"},
}
IN_SPACE = ("power-law", "von-karman", "table", "stretched", "slab+2d", "goldreich-sridhar-3d")
LAWS = ({}, {"transport.free_path": "exponential"}, {"transport.free_path": "erlang", "transport.free_path_shape": 4})
ACROSS = (
    {"transport.model": "isotropic"},
    {"transport.model": "cross-field", "transport.displacement_perpendicular": 0.3, "transport.convection_perpendicular": 0.6},
)
EXTRAS = (
    {}, {"ensemble.field_directions": "random"}, {"transport.free_path_observed": "in-flight"},
    {"turbulence.sigma_scale": "7 pc", "transport.energies": ["1 TeV"]}, {"transport.other_mean_free_paths": ["3 pc"]},
    {"sampling.estimator": "particles", "sampling.particles": 128}, {"sky.frame": "equatorial"},
)  # fmt: skip
ALONG_B = {"turbulence.spectrum": "slab", "turbulence.transverse_fraction": 0.0}
STEADY = {"transport.density_response": "steady"}
WALKS = STEADY | {"sampling.estimator": "walks", "sampling.particles": 64, "sampling.scatterings": 3}
PARTICLES = {"sampling.estimator": "particles", "sampling.particles": 128}
VECTORS = {"transport.model": "isotropic", "sampling.flow": "modes", "sampling.waves": 16}
ENERGIES = {"turbulence.sigma_scale": "7 pc", "transport.energies": ["1 TeV", "10 TeV", "100 TeV"]}
# What does not go with everything else; each is a run of its own.
KINDS = {
    "rings": {"transport.model": "isotropic", "sampling.flow": "rings", "turbulence.band": [0.3, 4]},
    "walks": WALKS | ALONG_B,
    "walks, exact": WALKS | ALONG_B | {"sampling.reduction": "none", "sampling.momentum": "exact"},
    "walks, isotropic": WALKS | VECTORS,
    "steady, stretched": STEADY | VECTORS | {"turbulence.spectrum": "stretched"} | SPECTRA["stretched"],
    "pitch angles": {"transport.pitch_angle_dependence": "diffusion", "transport.density_gradient": "1e-4 /pc"},
    "pitch angles, particles": PARTICLES | {"transport.pitch_angle_dependence": "power", "transport.pitch_angle_exponent": 0.5},
    "three energies": VECTORS | ENERGIES,
    "three energies, particles": PARTICLES | ENERGIES,
    "stratified, any field": PARTICLES | {"sampling.directions": "stratified", "ensemble.field_directions": "random"},
}
SMALL = {
    "turbulence.band": [0.1, 20], "sky.l_max": 4, "sky.nside": 2, "ensemble.realisations": 5, "output.multipoles": 5,
    "output.skies": 1, "check.realisations": 0,
}  # fmt: skip
RESULTS = ("l", "m", "mean", "second_moment", "noise", "square_moment", "C_l", "C_l_error", "C_l_covariance", "sky_mean",
           "sky_mean_square", "sky_hits", "sky_realisations", "samples_multipoles", "samples_sky")  # fmt: skip


def results(run) -> dict[str, np.ndarray]:
    """The arrays of an ensemble by their names, those between momenta too."""
    found = {name: getattr(run, name) for name in RESULTS}
    if run.momenta is not None:
        found |= {"momenta": run.momenta.second_moment, "mean_free_path": run.momenta.mean_free_path}
    return {name: array for name, array in found.items() if array is not None}


def assert_same(one, other) -> None:
    """To the bit, where two ensembles have anything."""
    one, other = results(one), results(other)
    assert one.keys() == other.keys()
    different = [name for name in one if not np.array_equal(one[name], other[name], equal_nan=True)]
    assert not different, f"these differ: {different}"


@st.composite
def small(draw):
    """Keys of a run that takes a fraction of a second; every third is one of KINDS."""
    if draw(st.integers(0, 2)) == 2:
        return SMALL | KINDS[draw(st.sampled_from(sorted(KINDS)))] | {"ensemble.seed": draw(st.integers(0, 2**64 - 1))}
    across = draw(st.sampled_from((None, None, *ACROSS)))
    spectrum = draw(st.sampled_from(IN_SPACE if across else tuple(SPECTRA)))
    keys = SMALL | {"turbulence.spectrum": spectrum} | SPECTRA[spectrum] | draw(st.sampled_from(LAWS))
    keys |= draw(st.sampled_from(EXTRAS)) | {"ensemble.seed": draw(st.integers(0, 2**64 - 1))}
    if across:
        keys |= across | {"sampling.flow": "modes", "sampling.waves": 16}
    return keys
