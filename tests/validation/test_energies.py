"""One flow seen at several energies: C_l(E) and r_l(E, E') against theory, any transport and estimator, file and commands."""

import json

import h5py
import numpy as np
import pytest

from fluxtube import Realisation, simulate
from fluxtube.analysis.energies import correlation, expected_between
from fluxtube.analysis.figures.energies import energies_figure, energies_table
from fluxtube.analysis.validation.expected import theory_of
from fluxtube.analysis.validation.validate import validate
from fluxtube.cli import main
from fluxtube.errors import InputError
from fluxtube.sim.config.load import parse
from fluxtube.sim.engine.engine import build_engine
from fluxtube.sim.engine.feasible import check_runnable

ENERGIES = 'transport.energies=["1 TeV", "10 TeV", "100 TeV"]'
RUN = """
[turbulence]
sigma_scale = "10 pc"
band = [1e-2, 20]
[sky]
l_max = 6
nside = 8
[ensemble]
realisations = 3000
[output]
skies = 1
"""
CASES = {
    "along": ([], 2000),
    "along, particles": (["sampling.estimator=particles", "sampling.particles=4000", "transport.free_path=exponential"], 400),
    "across": (["sampling.flow=modes", "sampling.waves=64", "transport.model=isotropic"], 300),
    "across, particles": (
        ["sampling.flow=modes", "sampling.waves=64", "transport.model=isotropic", "sampling.estimator=particles",
         "sampling.particles=1000"], 150),
    "between, turned": (
        ["sampling.flow=modes", "sampling.waves=64", "transport.model=cross-field", "transport.displacement_perpendicular=0.5",
         "transport.convection_perpendicular=1", "ensemble.field_directions=random"], 300),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_every_sky_has_the_theory_of_its_energy(name):
    """C_l(E, E') of all pairs, z from the realisations' own scatter: 30 numbers below 5 (false alarm 2e-5), the control above."""
    settings, count = CASES[name]
    config = parse(RUN, [ENERGIES, "turbulence.band=[1e-1, 8]", *settings], "here")
    assert check_runnable(config) is not None
    engine = build_engine(config)
    seen = engine.estimator.measure(0, count)
    a = engine.unit_anisotropy * seen.momenta[..., 2:]
    products = np.einsum("rpml,rqml->rpql", a, a)
    biased = products.copy()
    if seen.momenta_difference is not None:
        d = engine.unit_anisotropy * seen.momenta_difference[..., 2:]
        products -= np.einsum("rpml,rqml->rpql", d, d)
    theory = expected_between(config, 6) * (2 * np.arange(2, 7) + 1)
    pairs = np.triu_indices(3)

    def worst(values, expected):
        z = (values.mean(axis=0) - expected) / (values.std(axis=0, ddof=1) / np.sqrt(count))
        return np.abs(z[pairs]).max()

    assert worst(products, theory) < 5
    wrong = expected_between(config.with_overrides(["transport.energy_exponent=1.5"]), 6) * (2 * np.arange(2, 7) + 1)
    assert worst(products, wrong) > 6
    if seen.momenta_difference is not None:  # the halves are there for something
        assert worst(biased, theory) > 6


@pytest.fixture(scope="module")
def ensemble():
    return simulate({"turbulence": {"sigma_scale": "10 pc", "band": [1e-2, 20]}, "sky": {"l_max": 6, "nside": 8},
                     "transport": {"energies": ["1 TeV", "10 TeV", "100 TeV"]}, "output": {"skies": 1},
                     "ensemble": {"realisations": 3000}})  # fmt: skip


def test_file_and_object(ensemble, tmp_path):
    path = ensemble.save(tmp_path / "run.h5")
    seen = ensemble.momenta
    with h5py.File(path) as file:
        np.testing.assert_array_equal(file["momenta/energy"], [10.0, 1.0, 100.0])
        np.testing.assert_allclose(file["momenta/mean_free_path"], 10 * np.array([1, 10 ** (-1 / 3), 10 ** (1 / 3)]))
        np.testing.assert_array_equal(file["momenta/C_l"], seen.C_l)
        np.testing.assert_array_equal(file["momenta/correlation"], seen.correlation)
    np.testing.assert_allclose(seen.C_l[0, 0], ensemble.C_l, rtol=1e-12)
    np.testing.assert_allclose(np.einsum("ppl->pl", seen.correlation)[:, 2:], 1.0, rtol=1e-12)


def test_the_command_says_it_too(ensemble, tmp_path, capsys):
    path = ensemble.save(tmp_path / "run.h5")
    assert main(["validate", str(path), "--json"]) == 0
    energies = json.loads(capsys.readouterr().out)["energies"]
    np.testing.assert_allclose(energies["C_l"], ensemble.momenta.C_l[..., 2:])
    np.testing.assert_allclose(np.array(energies["correlation"])[0, 1], np.array(energies["correlation_theory"])[0, 1], atol=0.1)
    assert main(["validate", str(path)]) == 0
    assert "r_l with 10 TeV" in capsys.readouterr().out


def test_validation_decides(ensemble):
    """False alarm 1e-3; the control, another exponent, is seen by the test between energies alone."""
    own = validate(ensemble)
    assert own.accepted
    (between,) = [outcome for outcome in own.outcomes if outcome.name.startswith("between energies")]
    assert between.decides
    other = validate(ensemble, ["transport.energy_exponent=0.5"])
    assert not other.accepted
    assert [outcome.name for outcome in other.outcomes if outcome.decides and outcome.p_value < 1e-9] == [between.name]
    with pytest.raises(InputError, match="as many energies"):
        validate(ensemble, ['transport.energies=["1 TeV", "10 TeV"]'])


def test_the_figure_and_its_table(ensemble):
    axes = energies_figure(ensemble).axes
    assert "TeV" in axes[0].get_xlabel()
    table = energies_table(ensemble)
    assert set(table["energy_TeV"]) == {1.0, 10.0, 100.0}
    own = (table["energy_TeV"] == 1) & (table["other_energy_TeV"] == 1) & (table["l"] == 2)
    assert table["C_l"][own] == pytest.approx(ensemble.momenta.C_l[1, 1, 2])
    assert ensemble.plot("energies").axes


def test_energies_are_mean_free_paths():
    """The same bits, and the run's own sky is what it is without."""
    energies = build_engine(parse(RUN, [ENERGIES, "transport.energy_exponent=1"], "here"))
    paths = build_engine(parse(RUN, ['transport.other_mean_free_paths=["1 pc", "100 pc"]'], "here"))
    alone = build_engine(parse(RUN, [], "here"))
    one, other = energies.estimator.measure(3, 2), paths.estimator.measure(3, 2)
    np.testing.assert_array_equal(one.momenta, other.momenta)
    np.testing.assert_allclose(one.multipoles[:, 0, 2:], one.momenta[:, 0, 0, 2:], rtol=0)
    assert np.isfinite(alone.estimator.measure(3, 1).multipoles).all()
    assert Realisation(parse(RUN, [ENERGIES], "here"), 1).multipoles().shape == (1, 7)


def test_the_scale_of_sigma():
    """C_l ~ lambda^(gamma - 1) for a fixed length, none for a sigma at the mean free path; the same where they are equal."""
    fixed = parse(RUN.replace("[1e-2, 20]", "[1e-4, 2e3]"), [], "here")
    tied = parse("[turbulence]\nband = [1e-4, 2e3]", [], "here")
    for config, power in ((fixed, 2 / 3), (tied, 0.0)):
        longer = config.with_overrides(["transport.mean_free_path=80 pc"])
        ratio = expected_between(longer, 4)[0, 0] / expected_between(config, 4)[0, 0]
        np.testing.assert_allclose(ratio, 8**power, rtol=1e-9)
    assert theory_of(fixed, ["transport.mean_free_path=3 pc"]).transport.mean_free_path == 3.0
    with pytest.raises(InputError, match=r"does not depend on transport\.mean_free_path"):
        theory_of(tied, ["transport.mean_free_path=3 pc"])


def test_theory_prints_energies_and_what_has_no_effect(tmp_path, capsys):
    path = tmp_path / "run.toml"
    path.write_text(RUN)
    assert main(["theory", str(path), "--set", ENERGIES, "--json"]) == 0
    results = json.loads(capsys.readouterr().out)
    config = parse(RUN, [ENERGIES], "here")
    np.testing.assert_allclose(results["energies"]["correlation"], correlation(expected_between(config, 6)))
    assert results["energies"]["seen_at"] == ["10 TeV", "1 TeV", "100 TeV"]
    assert "notes" not in results
    path.write_text(RUN.replace('sigma_scale = "10 pc"', ""))
    assert main(["theory", str(path), "--set", "transport.density_gradient=1e-4 /pc"]) == 0
    out = capsys.readouterr().out
    assert "C_l does not depend on transport.mean_free_path here" in out
    assert "does not depend on transport.density_gradient" in out


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (["transport.energy_exponent=1"], "energy_exponent has no effect without energies"),
        (["transport.reference_energy=1 TeV"], "reference_energy has no effect without energies"),
        ([ENERGIES, 'transport.other_mean_free_paths=["3 pc"]'], "give one of them"),
        (['transport.energies=["1 TeV", "1000 GeV"]'], "each another"),
        (['transport.energies=["0 TeV"]'], "must all be > 0"),
        (["transport.energies=1 TeV"], "must be a list"),
        (['transport.energies=["1e-9 TeV"]', "transport.energy_exponent=2"], "nearer together"),
        (
            ["turbulence.spectrum=table", "turbulence.table=[[1e-3, 1], [1e3, 1]]", "turbulence.normalisation=absolute"],
            "sigma_scale has no effect without sigma",
        ),
    ],
)
def test_refused(settings, words):
    with pytest.raises(InputError, match=words):
        parse(RUN, settings, "here")


@pytest.mark.parametrize("estimator", ["quadrature", "particles"])
def test_one_fits_map_an_energy(tmp_path, estimator):
    """a_l0 of each map, by healpy on its pixels, are those that the quadrature has at that energy, and not at another."""
    healpy = pytest.importorskip("healpy")
    keys = {"turbulence": {"sigma_scale": "10 pc", "band": [1e-1, 8]}, "sky": {"l_max": 4, "nside": 16, "frame": "magnetic"},
            "transport": {"energies": ["1 TeV", "10 TeV", "100 TeV"]}, "output": {"skies": 1},
            "ensemble": {"realisations": 4}, "sampling": {"estimator": estimator}, "check": {"realisations": 0}}  # fmt: skip
    keys["sampling"] |= {"particles": 1000} if estimator == "particles" else {}
    ensemble = simulate(keys, threads=1)
    ensemble.save(tmp_path / "run.h5")
    assert main(["sky", str(tmp_path / "run.h5"), "-o", str(tmp_path / "sky.fits")]) == 0
    names = ["MEAN", "MEAN_SQUARE", "SKY_0", "SKY_0_1_TEV", "SKY_0_100_TEV"]
    maps, header = healpy.read_map(tmp_path / "sky.fits", field=None, h=True)
    assert [dict(header)[f"TTYPE{n}"] for n in range(1, 6)] == names
    drawn = Realisation(ensemble.config, 0)
    seen = np.array([drawn.engine.unit_anisotropy * one.measure(0, 1).multipoles[0, 0] for one in drawn.engine.skies])
    l = np.arange(1, 4)
    for number in range(0 if estimator == "quadrature" else 1, 3):  # the run's own sky has the noise of its particles
        found = healpy.map2alm(maps[2 + number], lmax=4, iter=3)[healpy.Alm.getidx(4, l, 0)].real
        size = np.abs(seen[:, l]).max()
        assert np.max(np.abs(found - seen[number, l])) < 2e-2 * size
        assert np.max(np.abs(found - seen[(number + 1) % 3, l])) > 5e-2 * size
    with pytest.raises(InputError, match="3 energies"):
        drawn.sky(16, 3)
