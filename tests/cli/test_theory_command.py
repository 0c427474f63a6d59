"""`fluxtube theory`: table, JSON, CSV, and what it does without."""

import argparse
import json
import subprocess
import sys

import numpy as np
import pytest

from fluxtube.commands import theory
from fluxtube.errors import InputError

FIGURE_3 = {
    2: ("3.286443e-08", "1.696400e-07"),
    5: ("1.629710e-09", "9.586158e-09"),
    10: ("2.537365e-10", "1.534149e-09"),
    30: ("1.413917e-11", "8.629610e-11"),
}
CORRELATION = {(2, 4): -0.04395, (2, 6): -0.2193, (3, 7): -0.3190, (4, 8): -0.3682, (6, 8): 0.0298}


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "figure3.toml"
    path.write_text('[turbulence]\ngamma = "5/3"\ntransverse_fraction = "2/3"\nsigma = "23 km/s"\n')
    return path


def run(*words):
    parser = argparse.ArgumentParser()
    theory.add_parser(parser.add_subparsers())
    return theory.main(parser.parse_args(["theory", *map(str, words)]))


def test_table_holds_the_reference_numbers_to_all_digits(config, capsys):
    assert run(config, "--l-max", 30) == 0
    lines = capsys.readouterr().out.splitlines()
    rows = {int(line.split()[0]): tuple(line.split()[2:4]) for line in lines if line[:4].strip().isdigit()}
    assert list(rows) == list(range(1, 31))
    assert {l: rows[l] for l in FIGURE_3} == FIGURE_3
    header = " ".join(line for line in lines if line.startswith("#"))
    assert "10 pc" in header
    assert "23 km/s" in header
    assert "dimensionless" in header


def test_json_holds_spectra_covariance_and_units(config, capsys):
    run(config, "--json", "--l-max", 30)
    results = json.loads(capsys.readouterr().out)
    assert results["l"] == list(range(2, 31))
    assert results["configured"] == {"model": "parallel", "C_l": results["parallel"]["C_l"]}
    for l, (parallel, isotropic) in FIGURE_3.items():
        assert f"{results['parallel']['C_l'][l - 2]:.6e}" == parallel
        assert f"{results['isotropic']['C_l'][l - 2]:.6e}" == isotropic
    covariance = np.array(results["parallel"]["a_l_a_l"])
    assert covariance[0, 0] / results["w_over_lambda"] == pytest.approx(0.3711643, rel=2e-7)
    for (l, m), value in CORRELATION.items():
        i, j = l - 2, m - 2
        assert covariance[i, j] / np.sqrt(covariance[i, i] * covariance[j, j]) == pytest.approx(value, abs=5e-5)
    assert "(km/s)^2" in results["units"]["a_l_a_l"]


def test_csv_reads_back(config, tmp_path, capsys):
    path = tmp_path / "theory.csv"
    run(config, "-o", path, "--l-max", 10)
    assert capsys.readouterr().out == ""
    table = np.genfromtxt(path, delimiter=",", names=True, comments="#", skip_header=3)
    assert table["l"].tolist() == list(range(1, 11))
    assert f"{table['parallel_C_l'][1]:.6e}" == FIGURE_3[2][0]


def test_overrides_reach_the_theory(config, capsys):
    run(config, "--json", "--l-max", 3)
    wide = json.loads(capsys.readouterr().out)
    run(config, "--json", "--l-max", 3, "--set", "turbulence.sigma=46 km/s", "--set", "turbulence.band=[1e-3, 1e3]")
    banded = json.loads(capsys.readouterr().out)
    ratio = banded["parallel"]["C_l"][0] / wide["parallel"]["C_l"][0]
    assert ratio == pytest.approx(4.0 * (1 - 8.069e-05), rel=1e-7)


@pytest.mark.parametrize(("sets", "isotropic", "large_l"), [
    (["turbulence.spectrum=von-karman", "turbulence.outer_scale=100 pc"], True, True),
    (["turbulence.spectrum=slab"], False, True),
    (["turbulence.spectrum=goldreich-sridhar", "turbulence.band=[1e-3, 1e3]"], False, True),
    (["transport.free_path=exponential"], True, False),
    (["transport.free_path=erlang", "transport.free_path_shape=3"], True, False),
])  # fmt: skip
def test_other_spectra_and_free_paths(config, capsys, sets, isotropic, large_l):
    """What is not defined for a configuration is null in JSON and a dash in the table; the rest is there and new."""
    words = [word for value in sets for word in ("--set", value)]
    run(config, "--json", "--l-max", 3, *words)
    results = json.loads(capsys.readouterr().out)
    assert (results["isotropic"]["C_l"] is not None) is isotropic
    assert (results["parallel"]["large_l_C_l"] is not None) is large_l
    assert results["parallel"]["C_l"][0] > 0
    assert f"{results['parallel']['C_l'][0]:.6e}" != FIGURE_3[2][0]
    run(config, "--l-max", 3, *words)
    rows = capsys.readouterr().out.splitlines()[-2:]
    assert ["-" in row.split() for row in rows] == [not (isotropic and large_l)] * 2


def test_the_configured_transport_comes_first(config, capsys):
    """Cross-field transport lies between the paper's two models, isotropic equals one of them; the dipole where it is finite."""
    band = ("--set", "turbulence.band=[1e-2, 30]")
    weights = ("--set", "transport.displacement_perpendicular=0.5", "--set", "transport.convection_perpendicular=0.5")
    run(config, "--json", "--l-max", 4, *band, "--set", "transport.model=cross-field", *weights)
    between = json.loads(capsys.readouterr().out)
    spectra = [np.array(between[name]["C_l"]) for name in ("parallel", "configured", "isotropic")]
    assert (np.diff(spectra, axis=0) > 0).all()
    run(config, "--json", "--l-max", 4, *band, "--set", "transport.model=isotropic")
    ends = json.loads(capsys.readouterr().out)
    assert ends["configured"] == {"model": "isotropic", "C_l": between["isotropic"]["C_l"]}
    run(config, "--json", "--l-max", 4, "--set", "turbulence.spectrum=slab", "--set", "turbulence.gamma=1.5")
    assert json.loads(capsys.readouterr().out)["configured"]["C_l"][0] > 0
    run(config, "--set", "turbulence.gamma=1.5", "--set", "turbulence.transverse_fraction=1", "--l-max", 2)
    dipole = [float(word) for word in capsys.readouterr().out.splitlines()[-2].split()[:3]]
    assert dipole[:2] == [1, dipole[2]]
    # <a_1 a_1> = 1.787417797 w(1/lambda)/lambda, w(1/lambda)/lambda = sigma^2 (2 pi)^(gamma-1), C_1 = <a_1 a_1>/3.
    expected = 1.787417797 * 23**2 * (2 * np.pi) ** 0.5 * (4.7 / 299792.458) ** 2 / 3
    assert dipole[1] == pytest.approx(expected, rel=1e-6)


def test_too_many_degrees_for_the_memory(config):
    """Said before anything is computed."""
    with pytest.raises(InputError, match=r"not enough memory for --l-max 3000000: .* GiB"):
        run(config, "--json", "--l-max", 3_000_000)


def test_unusable_input_is_an_input_error(config, tmp_path):
    with pytest.raises(InputError, match="l-max"):
        run(config, "--l-max", 1)
    with pytest.raises(InputError, match="gama"):
        run(config, "--set", "turbulence.gama=1.5")
    with pytest.raises(InputError, match="cannot write"):
        run(config, "-o", tmp_path / "missing" / "theory.csv")


def test_needs_neither_mpi_nor_numba_nor_files_nor_figures(config):
    """The modules are blocked in a fresh interpreter; the control shows that the block works."""
    program = (
        "import sys\n"
        "for name in ('mpi4py', 'numba', 'h5py', 'matplotlib', 'ducc0', 'healpy'): sys.modules[name] = None\n"
        "import argparse; from fluxtube.commands import theory\n"
        "parser = argparse.ArgumentParser(); theory.add_parser(parser.add_subparsers())\n"
        "status = theory.main(parser.parse_args(['theory', sys.argv[1], '--l-max', '2']))\n"
        "try: import numba\n"
        "except ImportError: sys.exit(status)\n"
        "sys.exit(9)\n"
    )
    done = subprocess.run([sys.executable, "-c", program, str(config)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "3.286443e-08" in done.stdout
