"""Every command line, configuration and Python example of README and docs is run, in order, in a folder of its page.

What cannot be run here (a cluster, root, an installation) says why in the page and is still read by the command's parser.
"""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from docs_inputs import lay_out
from docs_output import differences
from docs_pages import ROOT, SHELL, Block, blocks, command_lines, fluxtube_arguments, outside_of_blocks, pages

from fluxtube.cli import build_parser
from fluxtube.sim.config.load import parse

# Blocks that are not run. Each needs an installation, root, a cluster or many minutes; no more may be added without a look here.
MOST_EXEMPT = 12
RUNNABLE = (*SHELL, "python", "toml")

# `fluxtube` of this environment; verdicts of validate and compare are no failures; options that the page's comment adds.
WRAPPER = """#!/bin/bash
added=()
case ";$FLUXTUBE_ADDED" in *";$1 "*) rest="${FLUXTUBE_ADDED#*"$1 "}"; read -ra added <<< "${rest%%;*}" ;; esac
"@PYTHON@" -m fluxtube "$@" "${added[@]}"
status=$?
[[ $1 = validate || $1 = compare ]] && { [ $status -eq 1 ] || [ $status -eq 3 ]; } && exit 0
exit $status
"""


def all_blocks() -> list[Block]:
    return [block for page in pages() for block in blocks(page)]


def with_something_to_run() -> list[Path]:
    return [page for page in pages() if any(b.language in RUNNABLE and not b.reason_not_to_run for b in blocks(page))]


@pytest.fixture
def folder(tmp_path):
    """Configurations, examples, a reader's own files, and a folder of commands in front of the PATH."""
    lay_out(tmp_path)
    commands = tmp_path / ".bin"
    commands.mkdir()
    wrapper = commands / "fluxtube"
    wrapper.write_text(WRAPPER.replace("@PYTHON@", sys.executable))
    wrapper.chmod(0o755)
    (commands / "python").symlink_to(sys.executable)
    return tmp_path


def run(block: Block, folder: Path) -> str:
    """Output of a block, both streams; AssertionError where it fails."""
    environment = os.environ | {
        "PATH": f"{folder / '.bin'}:{Path(sys.executable).parent}:{os.environ['PATH']}",
        "FLUXTUBE_ADDED": ";".join(f"{command} {options}" for command, options in block.added_options.items()),
        "MPLBACKEND": "Agg",
        "COLUMNS": "130",
    }
    interpreter = ["bash", "-eu", "-o", "pipefail"] if block.language in SHELL else [sys.executable]
    done = subprocess.run(
        [*interpreter, "-c", block.text], cwd=folder, env=environment, timeout=280,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    assert done.returncode == 0, f"{block.page}:{block.line}: exit status {done.returncode}\n{done.stdout[-2000:]}"
    return done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("page", with_something_to_run(), ids=lambda page: page.name)
def test_page_runs(page, folder):
    """In order; a shown output is (a part of) what the command prints, times and paths aside."""
    printed = ""
    for block in blocks(page):
        if block.language == "text" and printed:
            wrong = differences(block.text, printed, block.tolerance)
            assert not wrong, f"{block.page}:{block.line}: shown and not printed: {wrong}\n{printed[-3000:]}"
        if block.language not in RUNNABLE or block.reason_not_to_run:
            printed = "" if block.language != "text" else printed
            continue
        if block.file_name:
            (folder / block.file_name).write_text(block.text)
        elif block.language == "toml":
            parse(block.text, [], source=f"{block.page}:{block.line}")
        else:
            printed = run(block, folder)


def test_every_option_is_known():
    """`fluxtube ...` in blocks that are run and in blocks that are not, in Makefile, batch scripts and the commands' own help."""
    sources = [(f"{b.page}:{b.line}", b.text) for b in all_blocks() if b.language in SHELL]
    makefile = re.sub(r"\$\((\w+)\)/?", "", (ROOT / "Makefile").read_text())
    scripts = [(p.name, _variables_filled(p.read_text())) for p in (ROOT / "slurm").glob("*.sbatch")]
    sources += [("Makefile", makefile), *scripts]
    parser, wrong, read = build_parser(), [], 0
    for where, text in sources:
        for line in command_lines(text):
            arguments = fluxtube_arguments(line.lstrip("@\t"))
            if not arguments:
                continue
            read += 1
            try:
                parser.parse_args(shlex.split(re.sub(r"[<>|&].*$", "", arguments)))
            except SystemExit:
                wrong.append(f"{where}: {line}")
    assert read > 40
    assert not wrong


def _variables_filled(script: str) -> str:
    """A batch script with 1 for its variables and substitutions."""
    return re.sub(r"\$\([^)]*\)|\$\{[^}]*\}|\$\w+", "1", script.replace(' "$@"', ""))


def test_an_unknown_option_is_noticed():
    """The negative control of the test above."""
    with pytest.raises(SystemExit):
        build_parser().parse_args(shlex.split(fluxtube_arguments("mpirun -n 2 fluxtube report run.h5 -o run.html --force")))


def test_targets_of_make_exist():
    targets = set(re.findall(r"(?m)^([\w-]+):", (ROOT / "Makefile").read_text()))
    named = {
        m[1] for page in pages() for text in [page.read_text()] for m in re.finditer(r"(?:^|`|\n)\s*make ([a-z][\w-]+)", text)
    }  # fmt: skip
    assert len(named) > 5
    assert named <= targets


def test_what_is_not_run_says_why():
    exempt = [b for b in all_blocks() if b.reason_not_to_run]
    assert all(len(b.reason_not_to_run) > 10 for b in exempt)
    assert len(exempt) <= MOST_EXEMPT, [f"{b.page}:{b.line}: {b.reason_not_to_run}" for b in exempt]


def test_no_command_stands_outside_of_a_block():
    """An indented command would not be run."""
    command = re.compile(r"^ {4,}(\$ )?(fluxtube|mpirun|srun|sbatch|make|pip|python3?|from fluxtube|import fluxtube)\b [^|=]")
    wrong = [f"{page.name}: {line.strip()}" for page in pages() for line in outside_of_blocks(page) if command.match(line)]
    assert not wrong
