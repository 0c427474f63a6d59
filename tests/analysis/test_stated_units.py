"""Tables of others state units, frames and orders of rows in many places: all are applied, or the table is refused."""

import os

import numpy as np
import pytest

from fluxtube.analysis.inference.sky_input import View, read_sky
from fluxtube.analysis.observations.alm_table import read_alm
from fluxtube.analysis.observations.spectrum_table import read_spectrum
from fluxtube.cli import main
from fluxtube.commands.fit import _matrix
from fluxtube.errors import InputError

ALM = "1,0,-1.2,0\n2,1,0.4,-0.7\n"
SPECTRUM = "2,3,0.5\n3,1.25,0.25\n"


@pytest.mark.parametrize(
    ("text", "scale"),
    [
        ("l,m,re [1e-4],im [1e-4]\n" + ALM, 1.0),
        ("# relative intensity, units of 1e-4\nl,m,re,im\n" + ALM, 1e-4),
        ("# in units of 1 (not of 1e-4)\nl,m,re,im\n" + ALM.replace("1.2", "1.2e-4").replace("0.4,-0.7", "4e-5,-7e-5"), 1.0),
        ("# from galactic coordinates turned to equatorial ones\nl,m,re [0.01 %],im [0.01 %]\n" + ALM, 1.0),
        ("# COORDSYS = C\nl,m,re,im\n" + ALM, 1e-4),
    ],
)
def test_units_of_multipoles(tmp_path, text, scale):
    path = tmp_path / "a.csv"
    path.write_text(text, encoding="utf-8")
    alm = read_alm(path, scale)
    np.testing.assert_allclose([alm[1, 0], alm[2, 1]], [-1.2e-4, 0.4e-4 - 0.7e-4j], rtol=1e-14)


@pytest.mark.parametrize(
    ("text", "scale", "message"),
    [
        ("# relative intensity, units of 1e-4\nl,m,re,im\n" + ALM.replace("1.2", "0.02").replace("0.4,-0.7", "0,0"), 1.0, "unit"),
        ("# unit: 10^-4\nl,m,re,im\n" + ALM.replace("1.2", "0.02").replace("0.4,-0.7", "0,0"), 1.0, "states a unit"),
        ("l,m,re [1e-4],im [1e-4]\n" + ALM, 1e-4, "leave the scale"),
        ("l,m,re [1e-4],im\n" + ALM, 1.0, "'im' states none"),
        ("l,m,re [1e-4],im [1e-4],re_error,im_error\n1,0,1,0,1,0\n", 1.0, "'re_error' states none"),
        ("# Galactic coordinates\nl,m,re,im\n" + ALM, 1e-4, "in galactic coordinates"),
        ("# COORDSYS = G\nl,m,re,im\n" + ALM, 1e-4, "in galactic coordinates"),
        ("# coordinates: 'ECL'\nl,m,re,im\n" + ALM, 1e-4, "in ecliptic coordinates"),
        ("# COORDSYS: MAGNETIC\nl,m,re,im\n" + ALM, 1e-4, "in magnetic coordinates"),
    ],
)
def test_multipoles_of_another_unit_or_frame_are_refused(tmp_path, text, scale, message):
    path = tmp_path / "a.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=message):
        read_alm(path, scale)


@pytest.mark.parametrize(
    "text",
    [
        "l,C_l [1e-8],error [1e-8]\n" + SPECTRUM,
        "# l C_l [1e-8] error (1e-8)\n" + SPECTRUM.replace(",", " "),
        "l;C_l [10⁻⁸];error [1e-6 %]\n" + SPECTRUM.replace(",", ";"),
    ],
)
def test_units_of_spectra(tmp_path, text):
    path = tmp_path / "s.csv"
    path.write_text(text, encoding="utf-8")
    spectrum = read_spectrum(path)
    np.testing.assert_allclose(spectrum.C_l, [3e-8, 1.25e-8], rtol=1e-14)
    np.testing.assert_allclose(spectrum.error, [0.5e-8, 0.25e-8], rtol=1e-14)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("# unit 1e-8\nl,C_l\n2,3\n3,1.25\n", "states a unit"),
        ("# C_l in units of 10⁻⁸\nl,C_l\n2,3\n3,1.25\n", "states a unit"),
        ("# multiplied by 1e8\nl,C_l\n2,3\n3,1.25\n", "states a unit"),
        ("l,C_l [1e-8],error\n" + SPECTRUM, "'error' states none"),
        ("l,C_l,noise [1e-8]\n" + SPECTRUM, "'c_l' states none"),
        ("l,C_l\n2,3e-8\n3,-1\n", "far below zero"),
        ("l,C_l,error\n2,3e-8,1e-9\n3,1e-8,-1\n", "leave the cell empty"),
        ("l,C_l,lower,upper\n2,3e-8,1e-9,1e-9\n3,1e-8,-999,-999\n", "leave the cell empty"),
    ],
)
def test_spectra_of_unknown_units_or_with_sentinels_are_refused(tmp_path, text, message):
    path = tmp_path / "s.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        read_spectrum(path)


def test_matrices_follow_the_rows_of_their_table(tmp_path):
    """Rows of a spectrum in any order: element (l, l') of its covariance, here 10 l + l', belongs to the same degrees."""
    degrees = [5, 3, 2, 4]
    table, matrix = tmp_path / "s.csv", tmp_path / "m.csv"
    table.write_text("l,C_l\n" + "".join(f"{l},{l}e-9\n" for l in degrees))
    rows = "".join(",".join(str(10 * l + k) for k in degrees) + "\n" for l in degrees)
    whole = read_spectrum(table)
    kept = whole.between(3, 5)
    for head in ("", ",".join(f"l{l}" for l in degrees) + "\n"):
        matrix.write_text(head + rows)
        found = _matrix(str(matrix), "--covariance", whole, kept.rows)
        np.testing.assert_array_equal(found, [[10 * l + k for k in (3, 4, 5)] for l in (3, 4, 5)])
    np.testing.assert_array_equal(_matrix(str(matrix), "--covariance", whole, whole.rows)[0], [22, 23, 24, 25])
    matrix.write_text("l2,l3,l4,l5\n" + rows)
    with pytest.raises(InputError, match="named 'l2' stands where that of l = 5"):
        _matrix(str(matrix), "--covariance", whole, kept.rows)
    matrix.write_text("l0,l1,l2,l3,l4\n" + "0,0,1,0,0\n" * 4)
    with pytest.raises(InputError, match="named 'l0' stands where that of l = 2"):
        _matrix(str(matrix), "--mixing-matrix", whole, kept.rows)


MEAN = "# r.h5: 2,000 realisations (quadrature, flow: line)\nl,C_l\n2,3e-8\n3,1e-8\n"
PSEUDO = "# pseudo-power, not divided by the sky fraction\nl,C_l\n2,3e-8\n3,1e-8\n"
MASKED = "# pseudo-multipoles of the weighted map\nl,m,re,im\n2,0,1e-4,0\n"


@pytest.mark.parametrize(
    ("text", "command", "message"),
    [
        (MEAN, "fit", "give --skies 2000 for their mean"),
        (PSEUDO, "fit", "give --mixing-matrix"),
        (PSEUDO, "paper --spectrum", "corrected for the mask"),
        (MASKED, "paper --alm", "corrected for the mask"),
        (MASKED, "infer --noise 1e-10 --l-max 2", "give the map itself"),
    ],
)
def test_what_this_program_wrote_is_not_read_as_something_else(tmp_path, capsys, text, command, message):
    """`plot` writes means of many skies, `measure` what lies behind a mask: neither is C_l of one whole sky."""
    path = tmp_path / "own.csv"
    path.write_text(text)
    words = command.split()
    last = ["-o", str(tmp_path / "out")] if words[0] == "paper" else []
    assert main([*words, str(path), *last]) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_table_from_a_pipe_is_read_once():
    """As `fluxtube infer <(...)` gives it: a second reading would find nothing. Errors of re and im are read from it, too."""
    ends = os.pipe()
    os.write(ends[1], b"l,m,re,im,re_error,im_error\n2,0,1,0,1e-3,0\n2,1,0.5,1,2e-3,3e-3\n")
    os.close(ends[1])
    data = read_sky(f"/dev/fd/{ends[0]}", View(noise=1e-10, l_max=2, scale=1e-4))
    os.close(ends[0])
    np.testing.assert_allclose(np.sort(np.diag(data.reading)), [1e-14, 2 * 4e-14, 2 * 9e-14], rtol=1e-12)
