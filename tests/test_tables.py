"""Tables of others: every dialect that is taken gives the same numbers, and what may be meant in two ways is refused."""

import os

import numpy as np
import pytest

from fluxtube.dialects import LARGEST
from fluxtube.errors import InputError
from fluxtube.tables import number, read_table, two_columns
from fluxtube.theory import Turbulence

K, W = np.array([0.1, 1.0, 10.0]), np.array([2e-8, 5e-9, 1.5e-10])
ECSV = """# %ECSV 1.0
# ---
# datatype:
# - {name: l, datatype: int64}
# - {name: C_l, unit: UNIT, datatype: float64}
l C_l
2 3.0
3 1.5
"""
DIALECTS = {
    "commas": "k,w\n0.1,2e-8\n1,5e-9\n10,1.5e-10\n",
    "no head": "0.1,2e-8\n1,5e-9\n10,1.5e-10\n",
    "byte-order mark": "\ufeff0.1,2e-8\n1,5e-9\n10,1.5e-10\n",
    "Fortran": "  0.1D0   2.0D-08\n  1.0d+0  5.0D-09\n  1.0D1   1.5D-10\n",
    "Fortran without letter": "0.1 2.0-008\n1 5.0-009\n10 1.5-010\n",
    "semicolons": "k;w\n0.1;2e-8\n1;5e-9\n10;1.5e-10\n",
    "semicolons and decimal commas": "0,1;2e-8\n1,0;5e-9\n10;1,5e-10\n",
    "blanks and decimal commas": "k w\n0,1 2e-8\n1,0 5e-9\n10 1,5e-10\n",
    "blanks and decimal commas, no head": "0,1 2,0e-8\n1,0 5,0e-9\n10,0 1,5e-10\n",
    "tabs": "k\tw\n0.1\t2e-8\n1\t5e-9\n10\t1.5e-10\n",
    "savetxt": "# k w\n1.0e-01 2.0e-08\n1.0e+00 5.0e-09\n1.0e+01 1.5e-10\n",
    "savetxt, swapped": "# made by me\n# w,k\n2e-8,0.1\n5e-9,1\n1.5e-10,10\n",
    "remarks, blank lines, old line ends": "# one\r\rk, w  # inside\r0.1, 2e-8\r\r1, 5e-9 # here\r# below\r10, 1.5e-10\r",
    "typeset minus": "0.1,2e\u22128\n1,5e\u22129\n10,1.5e\u221210\n",
    "more columns": "k,w,remark\n0.1,2e-8,\"a, b\"\n1,5e-9,c\n10,1.5e-10,d\n",
    "units of one in a comment": "# in units of 1\n0.1,2e-8\n1,5e-9\n10,1.5e-10\n",
    "zeros in front": "000.1 02e-8\n001 005e-9\n010 01.5e-10\n",
    "savetxt, names with units": "# k [1] w (1)\n0.1 2e-8\n1 5e-9\n10 1.5e-10\n",
    "other names": "wavenumber,power\n0.1,2e-8\n1,5e-9\n10,1.5e-10\n",
    "names with their argument": "k,w(k)\n0.1,2e-8\n1,5e-9\n10,1.5e-10\n",
    "one name, the second": "E(k),k\n2e-8,0.1\n5e-9,1\n1.5e-10,10\n",
    "another name, the second": "E,kappa\n2e-8,0.1\n5e-9,1\n1.5e-10,10\n",
    "separator named by a spreadsheet": "sep=;\nk;w\n0,1;2e-8\n1;5e-9\n10;1,5e-10\n",
    "remarks of TeX and C": "% made by me\n// twice\nk w\n0.1 2e-8\n1 5e-9\n! so\n10 1.5e-10\n",
}


@pytest.mark.parametrize("text", DIALECTS.values(), ids=DIALECTS)
def test_dialects_give_the_same_numbers(tmp_path, text):
    path = tmp_path / "w.csv"
    path.write_text(text, encoding="utf-8", newline="")
    k, w = two_columns(path)
    np.testing.assert_array_equal(k, K)
    np.testing.assert_array_equal(w, W)
    flow = Turbulence.from_csv(path)  # theory reads by the same rules: no row is lost
    assert float(flow.energy_spectrum(0.1)) == pytest.approx(2e-8, rel=1e-12)


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1"])
def test_encodings(tmp_path, encoding):
    path = tmp_path / "w.csv"
    path.write_bytes("# gemessen für später\nk,w\n0.1,2e-8\n1,5e-9\n10,1.5e-10\n".encode(encoding))
    np.testing.assert_array_equal(two_columns(path), [K, W])


REFUSED = {
    "decimal commas with commas": ("1,5,2,5\n2,5,1,5\n", "4 columns without names"),
    "both decimal signs": ("k;w\n0,1;2.5\n1;5\n", "decimal commas .* decimal points"),
    "thousands": ("k;w\n1,000.5;2\n", "not a number"),
    "quoted thousands": ("k,w\n\"1,234\",2\n\"2,345\",1\n", "may be 1234 or 1.234"),
    "which of three": ("k,dk,E\n1,0.1,2\n2,0.1,1\n", "name 'k' and 'w' among them"),
    "rows are numbered": (",k,E\n0,1,2\n1,2,1\n", "name 'k' and 'w' among them"),
    "logarithms": ("log10 k,log10 w\n1,2\n2,1\n", "'log10 k', which is not 'k' or 'w'"),
    "wavelengths": ("wavelength,w\n1,2\n2,1\n", "'wavelength', which is not 'k' or 'w'"),
    "a name like a number": ("1st,w\n1,2\n", "not a number"),
    "text": ("k,w\n1,x\n2,1\n", "'x' in row 1 is not a number"),
    "blank": ("k,w\n1,\n2,1\n", "'' in row 1 is not a number"),
    "underscore": ("k,w\n1_0,1\n", "not a number"),
    "infinite": ("k,w\n1,inf\n", "not a finite number"),
    "beyond double precision": ("k,w\n1,1e400\n", "not a finite number"),
    "ragged": ("k,w\n1,2\n1,2,3\n", "has 3 columns, the first line has 2"),
    "one column": ("k\n1\n2\n", "has 1 columns"),
    "names alone": ("k,w\n", "no rows"),
    "nothing": ("# remark\n", "holds no table"),
    "binary": ("k,w\n\x00,1\n", "not a text file"),
    "a cell of 2e5 digits": ("k,w\n1," + "9" * 200_000 + "\n", "field larger|not a finite number"),
    "thousands set apart": ("1 000.9\n2 000.8\n", "'1 000.9' may be one number"),
    "thousands set apart, decimal commas": ("1 000,9\n12 010,8\n", "'1 000,9' may be one number"),
    "thousands set apart, named": ("k w\n1 000\n2 000\n", "'1 000' may be one number"),
    "thousands set apart, a comma behind": ("1 000,5\n2 000,4\n", "may be one number"),
    "thousands set apart, tabs": ("1 000.9\t5\n2 000.9\t4\n", "may be one number"),
    "a damaged digit before a number": ("k,w\n1,2\n!0,1\n20,0.5\n", "'!0' in row 2 is not a number"),
    "a damaged digit, blanks": ("1 2\n! 1\n20 0.5\n", "'!' in row 2 is not a number"),
    "a damaged digit, no names": ("!,2\n3,1\n20,0.5\n", "not a number"),
    "a row behind two marks": ("1 2\n// 3 1\n20 0.5\n", "has 3 columns"),
    "unit in a comment": ("# k in units of 1e-3\nk,w\n1,1\n2,1\n", "states a unit"),
    "unit in a comment, no names": ("# scaled by 10^-3\n1,1\n2,1\n", "states a unit"),
    "unit of another kind": ("k [s],w\n1,2\n", None),
}


@pytest.mark.parametrize(("text", "message"), REFUSED.values(), ids=REFUSED)
def test_what_may_be_meant_in_two_ways_is_refused(tmp_path, text, message):
    path = tmp_path / "w.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=message or "the unit 's' cannot be used") as caught:
        two_columns(path)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


def test_names_are_asked_for_where_there_are_none(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("2,3e-8\n3,1e-8\n")
    with pytest.raises(InputError, match="no line with the names of its columns"):
        read_table(path).column("l")
    path.write_text("l,C_l,c_L\n2,3e-8,1\n")
    with pytest.raises(InputError, match="two columns 'c_l'"):
        read_table(path).column("c_l")


@pytest.mark.parametrize("before", ["\n", "# made by me\n", "\ufeff\n  "])
def test_units_of_ecsv_behind_other_lines_are_applied(tmp_path, before):
    pytest.importorskip("astropy")
    path = tmp_path / "a.ecsv"
    path.write_text(before + ECSV.replace("UNIT", "1e-8"), encoding="utf-8")
    np.testing.assert_allclose(read_table(path).column("c_l"), 1e-8 * np.array([3.0, 1.5]), rtol=1e-15)


@pytest.mark.parametrize(("unit", "factor"), [("1e-8", 1e-8), ("'%'", 1e-2), ("'1'", 1.0)])
def test_units_of_ecsv_are_applied(tmp_path, unit, factor):
    pytest.importorskip("astropy")
    path = tmp_path / "a.ecsv"
    path.write_text("\ufeff" + ECSV.replace("UNIT", unit), encoding="utf-8")
    np.testing.assert_allclose(read_table(path).column("c_l"), factor * np.array([3.0, 1.5]), rtol=1e-15)
    path.write_text(ECSV.replace("UNIT", "km"))
    with pytest.raises(InputError, match="the unit 'km' cannot be used"):
        read_table(path).column("c_l")
    path.write_text(ECSV.replace("3.0", '""').replace("UNIT", unit))
    with pytest.raises(InputError, match="not a number"):
        read_table(path).column("c_l")


def test_units_in_names_are_applied(tmp_path):
    """Numbers in a head are units, lengths are converted, and a column without unit is taken as it is."""
    path = tmp_path / "a.csv"
    path.write_text("l,C_l [1e-8],k (1/kpc)\n2,3,1000\n")
    table = read_table(path)
    assert table.column("c_l") == pytest.approx([3e-8], rel=1e-15)
    pytest.importorskip("astropy")
    assert table.column("k", unit="1/pc") == pytest.approx([1.0], rel=1e-14)
    assert table.column("l", unit="1/pc") == pytest.approx([2.0])


def test_numbers_of_many_dialects():
    assert [number(text) for text in ("1.0D-8", "-2.5-100", "+.5", "3.", "1e5", "NaN")][:5] == [1e-8, -2.5e-100, 0.5, 3.0, 1e5]
    assert np.isnan(number("NaN"))
    assert [number(text) for text in ("1,5", "0x10", "1_000", "1e", "", "5%", "1-8")] == [None] * 7


def test_only_files_of_a_sensible_size(tmp_path):
    for path in ("/dev/zero", tmp_path, tmp_path / "missing", "a\0b"):
        with pytest.raises(InputError):
            read_table(path)
    large = tmp_path / "large.csv"
    large.touch()
    os.truncate(large, LARGEST + 1)
    with pytest.raises(InputError, match="larger than 64 MiB"):
        read_table(large)
