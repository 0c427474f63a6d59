"""Every key of the configuration either changes what a run holds or is refused, whatever the other choices are."""

import logging

import numpy as np
import pytest

import fluxtube
from fluxtube.sim.config import Config

COMMON = {
    "turbulence.band": [0.1, 20], "sky.l_max": 4, "sky.nside": 2, "ensemble.realisations": 6, "output.multipoles": 3,
    "output.skies": 1, "check.realisations": 0,
}  # fmt: skip
BASES = {
    "line": {},
    "particles": {"sampling.estimator": "particles", "sampling.particles": 200},
    "cross-field": {
        "transport.model": "cross-field", "transport.displacement_perpendicular": 0.3,
        "transport.convection_perpendicular": 0.6, "sampling.flow": "modes", "sampling.waves": 32,
    },
    "table": {"turbulence.spectrum": "table", "turbulence.table": [[0.05, 2.0], [1.0, 1.0], [20.0, 0.01]]},
    "von Karman": {"turbulence.spectrum": "von-karman", "turbulence.outer_scale": "30 pc"},
    "stretched": {"turbulence.spectrum": "stretched", "turbulence.stretch": 3.0},
    "fbm": {"sampling.flow": "fbm", "turbulence.band": None},
    "momenta": {"transport.other_mean_free_paths": ["3 pc"], "transport.density_gradient": "1e-5 /pc"},
    "pitch angle": {"transport.pitch_angle_dependence": "power", "transport.pitch_angle_exponent": 0.5},
    "energies": {"transport.energies": ["1 TeV"], "turbulence.sigma_scale": "10 pc"},
}  # fmt: skip
OTHER = {
    "turbulence": {
        "spectrum": "slab", "gamma": 1.9, "transverse_fraction": 0.3, "sigma": "31 km/s", "sigma_scale": "7 pc",
        "band": [0.2, 15], "outer_scale": "50 pc", "dissipation_scale": "2 pc", "table": [[0.05, 3.0], [1.0, 1.0], [20.0, 0.02]],
        "normalisation": "absolute", "alfvenic_share": 0.2, "pseudo_alfvenic_share": 0.5, "stretch": 2.0, "slab_fraction": 0.7,
        "width": 0.2,
    },
    "transport": {
        "model": "isotropic", "displacement_perpendicular": 0.7, "convection_perpendicular": 0.2, "free_path": "exponential",
        "free_path_shape": 5, "mean_free_path": "4 pc", "other_mean_free_paths": ["5 pc"], "spectral_slope": -3.9,
        "speed": "0.9 c", "density_gradient": "2e-5 /pc", "density_response": "steady", "free_path_observed": "in-flight",
        "pitch_angle_dependence": "diffusion", "pitch_angle_exponent": 0.3, "pitch_angle_floor": 0.2, "scattering_index": 1.4,
        "scattering_floor": 0.3, "diffusion_table": [[0.1, 1.0], [0.9, 0.5]],
        "energies": ["2 TeV"], "reference_energy": "5 TeV", "energy_exponent": 0.5,
    },
    "sky": {"l_max": 5, "nside": 4, "frame": "equatorial"},
    "sampling": {
        "estimator": "particles", "flow": "modes", "modes": 700, "nodes": 701, "waves": 100, "grid_steps": 5000,
        "particles": 300, "directions": "stratified", "scatterings": 5, "reduction": "none", "momentum": "exact",
    },
    "ensemble": {"realisations": 7, "seed": 99, "field_directions": "random", "target_degrees": [2], "minimum_realisations": 3},
    "check": {"realisations": 1},
    "output": {"multipoles": 2, "skies": 2},
}  # fmt: skip
# Keys that a run may hold without a change in its numbers, and why.
HARMLESS = {
    "sky.field_direction": "goes into FITS files and to the observer's view, whatever the frame of the maps",
    "ensemble.target_relative_error": "ends a run only after minimum_realisations",
    "check.particles": "stays in a file whose check is switched off by check.realisations = 0",
}
RESULTS = (
    "mean", "second_moment", "noise", "C_l", "C_l_error", "sky_mean", "sky_mean_square", "samples_multipoles", "samples_sky",
)  # fmt: skip


def numbers(keys):
    """All that a small run holds."""
    ensemble = fluxtube.simulate({}, keys)
    held = [getattr(ensemble, name) for name in RESULTS]
    held += [] if ensemble.check is None else [ensemble.check.quadrature, ensemble.check.halves, ensemble.check.noise]
    return held + ([] if ensemble.momenta is None else [ensemble.momenta.second_moment])


def same(one, other):
    return len(one) == len(other) and all(np.array_equal(a, b, equal_nan=True) for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("base", BASES)
def test_a_key_has_an_effect_or_is_refused(base, caplog):
    caplog.set_level(logging.CRITICAL)
    keys = COMMON | BASES[base]
    before, refused, changed, unnamed = numbers(keys), 0, 0, []
    assert same(before, numbers(keys))  # the control: nothing changes where nothing is changed
    for section, entries in OTHER.items():
        for name, value in entries.items():
            if keys.get(f"{section}.{name}") == value:
                continue
            try:
                after = numbers(keys | {f"{section}.{name}": value})
            except fluxtube.InputError as error:
                unnamed += [] if name in str(error) or str(value) in str(error) else [str(error)]
                refused += 1
                continue
            assert not same(before, after), f"{section}.{name} = {value} changes nothing"
            changed += 1
    assert not unnamed  # the message names the key or its value
    assert refused > 5
    assert changed > 15


def test_no_key_is_left_out():
    """Keys of all choices together, as `Config` knows them."""
    tried = {f"{section}.{name}" for section, entries in OTHER.items() for name in entries} | set(HARMLESS)
    for section, field in Config.model_fields.items():
        kind = field.annotation
        known = {name for name in kind.model_fields if not name.endswith("_choice")}
        for registry in getattr(kind, "choices", {}).values():
            known |= set(registry.all_keys())
        missing = {f"{section}.{name}" for name in known} - tried
        assert not missing, missing
