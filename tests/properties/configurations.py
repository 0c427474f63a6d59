"""Small configurations of all kinds: every spectrum, law, transport, flow, and what goes with them."""

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
SMALL = {
    "turbulence.band": [0.1, 20], "sky.l_max": 4, "sky.nside": 2, "ensemble.realisations": 5, "output.multipoles": 5,
    "output.skies": 1, "check.realisations": 0,
}  # fmt: skip


@st.composite
def small(draw):
    """Keys of a run that takes a fraction of a second."""
    across = draw(st.sampled_from((None, None, *ACROSS)))
    spectrum = draw(st.sampled_from(IN_SPACE if across else tuple(SPECTRA)))
    keys = SMALL | {"turbulence.spectrum": spectrum} | SPECTRA[spectrum] | draw(st.sampled_from(LAWS))
    keys |= draw(st.sampled_from(EXTRAS)) | {"ensemble.seed": draw(st.integers(0, 2**64 - 1))}
    if across:
        keys |= across | {"sampling.flow": "modes", "sampling.waves": 16}
    return keys
