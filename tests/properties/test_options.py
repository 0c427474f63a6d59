"""Every option of every command either changes what is printed or written, or is refused in one line."""

import argparse
import os
import shlex

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st
from option_values import ALWAYS_REFUSED, BASE, NEEDLESS, NEUTRAL, ONE_VALUE, VALUES, given
from trying import FACTOR, TRIED, tries
from walking import Walk, drawn_quickly, input_files, timed_once

from fluxtube.cli import COMMANDS, build_parser

WELL = (0, 1, 2, 3, 75, 85)


@pytest.fixture(scope="module")
def walk(tmp_path_factory):
    """Commands among the input files, with an sbatch that leaves a mark."""
    pytest.importorskip("healpy")
    folder = tmp_path_factory.mktemp("walk")
    (folder / "bin").mkdir()
    (folder / "bin" / "sbatch").write_text("#!/bin/sh\ntouch submitted\n")
    (folder / "bin" / "sbatch").chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}")
        drawn_quickly(patch)
        timed_once(patch)
        yield Walk(input_files(folder))


def options(command) -> dict[str, list[str]]:
    """Options of the parser: the long name, and all names."""
    subparsers = next(action for action in build_parser()._actions if isinstance(action, argparse._SubParsersAction))
    return {action.option_strings[-1]: action.option_strings for action in subparsers.choices[command]._actions
            if action.option_strings}  # fmt: skip


def neutral(command) -> set[str]:
    return {key if isinstance(key, str) else key[1] for key in NEUTRAL if isinstance(key, str) or key[0] == command}


def clear(outcome) -> bool:
    """A refusal says one thing, and nothing was printed before it."""
    said = [line for line in outcome.err.splitlines() if not line.startswith(("fluxtube: warning", "usage:", " "))]
    return len(said) == 1 and "error: " in said[0] and len(said[0]) > 25


CASES = [(command, option) for command, tries in VALUES.items() for option in tries]


@pytest.mark.parametrize(("command", "option"), CASES, ids=[" ".join(case) for case in CASES])
def test_an_option_changes_the_result_or_is_refused(walk, command, option):
    """Left out, and with each of its values: all different, unless refused."""
    case = VALUES[command][option]
    if case.slow and FACTOR < 2:
        pytest.skip("tried with FLUXTUBE_EXAMPLES=2 or more")
    base = BASE[command] if case.base is None else case.base
    few = command in ONE_VALUE and FACTOR < 2
    before, *after = outcomes = [
        walk(command, base, words, case.before) for words in ((), *case.arguments(option)[: 1 if few else None])
    ]
    TRIED["options"] += len(after)
    for outcome in outcomes:
        assert outcome.status in WELL, (outcome.status, outcome.err)
        assert not outcome.refused or clear(outcome), outcome.err
    kept = [outcome.seen for outcome in after if not outcome.refused]
    assert len(set(kept)) == len(kept), f"values of {command} {option} give the same"
    usual = before.seen in kept  # the value that is taken where none is given
    assert not usual or len(after) > 1, f"{command} {option} changes nothing"
    assert bool(kept) != ((command, option) in ALWAYS_REFUSED), after[0].err


@pytest.mark.parametrize("command", COMMANDS)
def test_no_option_is_left_out(command):
    """The list is that of the parser itself."""
    assert set(options(command)) == set(VALUES[command]) | neutral(command)


@pytest.mark.parametrize("command", COMMANDS)
def test_the_same_again_is_the_same(walk, command):
    """The control: where nothing is changed nothing differs."""
    if command in ("report", "fit") and FACTOR < 2:
        pytest.skip("tried with FLUXTUBE_EXAMPLES=2 or more")
    words = (command, *shlex.split(BASE[command]))
    first = walk(command, BASE[command])
    assert first.status in (0, 1, 3), first.err
    assert walk._done(words, None).seen == first.seen


@pytest.mark.parametrize("command", COMMANDS)
def test_a_plugin_that_fails_is_refused(walk, command, tmp_path):
    (tmp_path / "broken.py").write_text("raise ValueError('no')\n")
    outcome = walk(command, BASE[command], given("--plugin", str(tmp_path / "broken.py")))
    assert outcome.refused
    assert clear(outcome)
    assert not outcome.files


TWO = {
    command: {option: case for option, case in tries.items() if case.base is None and case.before is None and not case.slow}
    for command, tries in VALUES.items()
}
SLOW_IN_PAIRS = ("report", "plot", "paper", "fit", "sweep", "flow")


@st.composite
def pairs(draw):
    """A command, and two of its options with a value each."""
    able = [name for name, options in TWO.items() if len(options) > 1 and (FACTOR > 1 or name not in SLOW_IN_PAIRS)]
    command = draw(st.sampled_from(able))
    names = draw(st.lists(st.sampled_from(sorted(TWO[command])), min_size=2, max_size=2, unique=True))
    return command, [(name, draw(st.sampled_from(TWO[command][name].values))) for name in sorted(names)]


@tries(24)
@drawn(pair=pairs())
def test_two_options_are_both_heeded(walk, pair):
    """No traceback; together they are another result than each alone, unless refused; where one alone changes nothing (it is
    the usual value), it need not change anything beside the other."""
    command, ((one, first), (other, second)) = pair
    words = given(one, first), given(other, second)
    alone = [walk(command, BASE[command], part) for part in words]
    both = walk(command, BASE[command], [*words[0], *words[1]])
    none = walk(command, BASE[command])
    TRIED["pairs of options"] += 1
    assert both.status in WELL, (both.status, both.err)
    if both.refused:
        assert clear(both), both.err
        return
    assert not any(part.refused for part in alone) or (command, one, other) in NEEDLESS, "one alone is refused"
    for left_out in (0, 1):
        idle = alone[1 - left_out].seen == none.seen
        if not idle and (command, one, other) not in NEEDLESS:
            assert both.seen != alone[left_out].seen, f"{command}: {words[1 - left_out]} is ignored beside {words[left_out]}"
