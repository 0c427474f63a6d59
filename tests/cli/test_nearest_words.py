"""Options and commands that are not there: one line, with the nearest one; a slope that lost its sign is said."""

import pytest

from fluxtube.cli import main
from fluxtube.sim.config.load import parse
from fluxtube.sim.engine.feasible import check_runnable


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["run", "a.toml", "-o", "a.h5", "--thraeds", "2"], "there is no option '--thraeds'; did you mean --threads?"),
        (["run", "a.toml", "-o", "a.h5", "--thraeds=2"], "there is no option '--thraeds'; did you mean --threads?"),
        (["validate", "a.h5", "--agianst", "x"], "did you mean --against?"),
        (["rnu", "a.toml"], "there is no command 'rnu'; did you mean run?"),
        (["run", "a.toml", "-o", "a.h5", "--qqqqqqq"], "there is no option '--qqqqqqq'; fluxtube run --help"),
    ],
)
def test_the_nearest_word_is_named_in_one_line(capsys, words, said):
    with pytest.raises(SystemExit) as left:
        main(words)
    error = capsys.readouterr().err
    assert left.value.code == 2
    assert said in error
    assert len(error.splitlines()) == 1


@pytest.mark.parametrize("value", ["-1e-3", "-4.7e0", "-47/10", "-.5", "-1_0"])
def test_values_below_zero_are_no_options(capsys, value):
    """argparse alone takes -4.7 for a value and -4.7e0, -47/10 for options."""
    assert main(["fit", "missing.csv", "--spectral-slope", value]) == 2
    assert "cannot read 'missing.csv'" in capsys.readouterr().err
    assert main(["observe", "--view", "-30:-64"]) == 2
    assert "(-30.0, -64.0)" in capsys.readouterr().err


def test_a_slope_without_its_sign_is_said():
    keys = ["turbulence.band=[1e-2, 40]", "sky.l_max=6", "sky.nside=8"]
    assert any("about -4.7" in warning for warning in check_runnable(parse("", [*keys, "transport.spectral_slope=4.7"], "here")))
    assert check_runnable(parse("", keys, "here")) == []
