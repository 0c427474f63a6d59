"""Errors of C_l under other names than those that are known are not passed over."""

import numpy as np
import pytest

from fluxtube.analysis.observations.alm_table import read_alm
from fluxtube.analysis.observations.spectrum_table import read_spectrum
from fluxtube.errors import InputError


def write(path, head):
    path.write_text(f"{head}\n2,3e-8,1e-9,2e-9\n3,2e-8,5e-10,1e-9\n")
    return path


@pytest.mark.parametrize(
    "names",
    [
        "sigma,x", "std,x", "C_l_err,x", "dC_l,x", "err_up,err_down", "variance,x", "e_Cl,x", "uncertainty,x", "error,error_syst",
        "stat_err,syst_err", "delta_cl,x", "sigma_l,x", "err+,err-",
    ],
)  # fmt: skip
def test_errors_by_another_name_are_asked_about(tmp_path, names):
    with pytest.raises(InputError, match=r"an error of C_l\? name it error"):
        read_spectrum(write(tmp_path / "a.csv", f"l,C_l,{names}"))


def test_columns_that_are_none_are_passed_over(tmp_path):
    spectrum = read_spectrum(write(tmp_path / "a.csv", "l,C_l,total_error,energy"))
    assert spectrum.error is None
    spectrum = read_spectrum(write(tmp_path / "a.csv", "l,C_l,error,noise"))
    np.testing.assert_array_equal(spectrum.error, [1e-9, 5e-10])


def test_shares_are_no_sizes(tmp_path):
    """10 % of C_l was an error of 0.1, ten million times C_l."""
    with pytest.raises(InputError, match="'error' is a share of C_l"):
        read_spectrum(write(tmp_path / "a.csv", "l,C_l [1],error [%],x"))


def test_multipoles_named_as_they_are_written(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("l,m,Re(a_lm),Im(a_lm)\n2,0,1e-4,0\n2,1,2e-4,3e-4\n2,2,4e-4,5e-4\n")
    np.testing.assert_allclose(read_alm(path)[2], [1e-4, 2e-4 + 3e-4j, 4e-4 + 5e-4j])
