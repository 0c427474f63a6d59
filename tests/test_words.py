"""Words that a user reads: messages, help texts, docstrings, pages, comments of configurations.

Phrases that stopped readers whose language is not English are not used; each option explains itself.
"""

import argparse
import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# Everywhere, docstrings too.
IDIOMS = {
    "hold against": r"\bh(o|e)ld(s|ing)?( \S+){0,3} against\b",
    "lay over": r"\b(lay|lays|laid|lying|lies)( \S+)? over\b",
    "would do": r"\bwould do\b",
    "left for": r"\bleft for\b",
    "left before the end": r"\bleft before (the|its) end\b",
    "go on from": r"\bgo(es|ing)? on from\b|\bgo(es)? on\b(?! the)",
    "begin anew": r"\b(begins?|begun|start(s|ed)?|compiles?) anew\b",
    "have not the": r"\bha(s|ve) not the\b",
    "does not go with": r"\bdo(es)? not go with\b",
    "next to nothing": r"\bnext to (no|nothing)\b",
    "turned about": r"\bturned about\b",
    "has forgotten": r"\bforg[eo]t(s|ten)?\b",
    "reckon": r"\breckon(s|ed|ing)?\b",
    "one to working precision": r"\b(is|are) one to working precision\b",
    "obey": r"\bobey(s|ed)?\b",
    "answers to the flow": r"\banswers? to the (flow|longest)\b",
    "met in flight": r"\bmet (in flight|at)\b",
}
# Where a user reads them: "observed", "measured", "sampled" say what is meant.
READ_BY_USERS = {
    "seen": r"\bseen\b(?! from the Earth)",
    "is no ...": r"\b(is|are|makes?) no (regular|FITS|HEALPix|data set|file;|number|whole|range|configuration|table)\b",
}


def found(text: str, phrases: dict[str, str]) -> list[str]:
    """Names of the phrases in a text, line ends taken for blanks."""
    one_line = re.sub(r"\s+", " ", text)
    return [name for name, pattern in phrases.items() if re.search(pattern, one_line, re.IGNORECASE)]


@cache
def modules() -> tuple[Path, ...]:
    package = ROOT / "src" / "fluxtube"
    own = [*package.glob("*.py"), *(package / "commands").glob("*.py")]
    return tuple(sorted([*own, *(p for layer in ("sim", "theory", "analysis") for p in (ROOT / layer).rglob("*.py"))]))


def pages() -> list[Path]:
    named = ["README.md", "CONTRIBUTING.md", "Makefile", "pyproject.toml", "environment.yml"]
    folders = {"docs": "*.md", "configs": "*.toml", "slurm": "*", "containers": "*", "examples": "**/*"}
    texts = [p for folder, pattern in folders.items() for p in sorted((ROOT / folder).glob(pattern))]
    return [p for p in [*(ROOT / n for n in named), *texts] if p.is_file() and p.suffix not in (".pyc", ".png")]


def strings(path: Path) -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
    """Messages (every string that is not a docstring, parts of f-strings joined), and docstrings, with their lines."""
    tree = ast.parse(path.read_text())
    described, parts, messages, docstrings = set(), set(), [], []
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and ast.get_docstring(node) is not None:
            described.add(node.body[0].value)
            docstrings.append((node.body[0].lineno, node.body[0].value.value))
        if isinstance(node, ast.JoinedStr):
            parts.update(node.values)
            messages.append((node.lineno, "".join(v.value if isinstance(v, ast.Constant) else "X" for v in node.values)))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in described | parts:
            messages.append((node.lineno, node.value))
    # A string alone ("seen") is a name, not a sentence.
    return [(n, s) for n, s in messages if " " in s.strip()], docstrings


def of_commands(path: Path) -> bool:
    """Modules whose own docstring is the help text of a command."""
    return path.parent.name == "commands" or path.name == "cli.py"


def test_messages_and_docstrings():
    wrong, messages_read = [], 0
    for path in modules():
        messages, docstrings = strings(path)
        messages_read += len(messages)
        read = messages + (docstrings if of_commands(path) else [])
        wrong += [f"{path.relative_to(ROOT)}:{n}: {name}" for n, s in read for name in found(s, IDIOMS | READ_BY_USERS)]
        wrong += [f"{path.relative_to(ROOT)}:{n}: {name}" for n, s in docstrings for name in found(s, IDIOMS)]
    assert messages_read > 1000
    assert not sorted(set(wrong))


def test_pages():
    wrong = [f"{p.relative_to(ROOT)}: {name}" for p in pages() for name in found(p.read_text(), IDIOMS | READ_BY_USERS)]
    assert len(pages()) > 30
    assert not wrong


@pytest.mark.parametrize("phrase", [
    "hold the run against theory", "It was held against\nobservations.", "drawn with simulations laid over", "1 to 1000 would do",
    "left for the time limit", "what a run goes on from", "or begin anew", "the sky as it was seen", "'x' is no regular file",
])
def test_what_is_refused(phrase):
    """The negative control: each of these is noticed."""
    assert found(f"before {phrase} after", IDIOMS | READ_BY_USERS)


def test_plain_sentences_pass():
    assert not found("compare the run with theory; it is not a regular file; continue it with --resume", IDIOMS | READ_BY_USERS)


def options():
    from fluxtube.cli import build_parser

    subparsers = next(a for a in build_parser()._actions if isinstance(a, argparse._SubParsersAction))
    return [(name, action) for name, parser in subparsers.choices.items() for action in parser._actions]


def test_each_option_explains_itself():
    """Words and not a default alone: "[2/3]" is no explanation."""
    bare = [f"{command} {a.option_strings or a.dest}" for command, a in options() if not re.match(r"[A-Za-z]", a.help or "")]
    assert len(options()) > 150
    assert not bare
