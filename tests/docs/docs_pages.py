"""Code blocks of README and docs: what is run, what is not and why, and what output is shown.

A comment right above a block says how it is treated:

    <!-- not run: REASON -->           checked by the parser of the command line alone
    <!-- run with: fit --steps 100 --> options that the test adds to a command, to be quick; several with ;
    <!-- within 5 % -->                above a block of output: how far its numbers may differ

A block ```text right after ```sh is (a part of) its output. A block whose first line is a comment with nothing but a
file name, `# mine.toml`, is a file that the reader writes.
"""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
FENCE = re.compile(
    r"^(?:<!-- (?P<note>[^>]*) -->\n)?(?P<fence>```|~~~)(?P<language>[\w{}-]*)\n(?P<text>.*?)^(?P=fence)$",
    re.DOTALL | re.MULTILINE,
)
FILE_NAME = re.compile(r"# (?P<name>[\w.-]+\.(?:toml|py|csv))(?:\n|$)")
SHELL = ("sh", "bash", "console")


@dataclass(frozen=True)
class Block:
    """One fenced block: where it stands, its language, text and the comment above it."""

    page: str
    line: int
    language: str
    text: str
    note: str

    @property
    def reason_not_to_run(self) -> str:
        return self.note.removeprefix("not run:").strip() if self.note.startswith("not run:") else ""

    @property
    def added_options(self) -> dict[str, str]:
        """Options that the test adds, by command."""
        if not self.note.startswith("run with:"):
            return {}
        parts = [part.split(maxsplit=1) for part in self.note.removeprefix("run with:").split(";")]
        return {command: options for command, options in parts}

    @property
    def tolerance(self) -> float:
        """Relative difference that numbers of a shown output may have; 1e-3 is the rounding of four digits."""
        match = re.fullmatch(r"within ([\d.]+) %", self.note)
        return float(match[1]) / 100 if match else 1e-3

    @property
    def file_name(self) -> str:
        match = FILE_NAME.match(self.text)
        return match["name"] if match else ""


def pages() -> list[Path]:
    return [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


def blocks(path: Path) -> list[Block]:
    """Blocks of a page, in order."""
    text = path.read_text()
    return [
        Block(path.name, text.count("\n", 0, m.start("fence")) + 1, m["language"], m["text"], (m["note"] or "").strip())
        for m in FENCE.finditer(text)
    ]


def outside_of_blocks(path: Path) -> list[str]:
    """Lines of a page that are in no fenced block."""
    return FENCE.sub("", path.read_text()).split("\n")


def command_lines(text: str) -> list[str]:
    """Commands of a shell block, continued lines joined, loops and launchers taken off, `$` prompts too."""
    joined = re.sub(r"\\\n\s*", " ", text)
    lines = []
    for line in joined.split("\n"):
        for part in re.split(r";\s+|&&\s+", re.sub(r"(^|\s)#.*$", "", line)):
            part = re.sub(r"^\s*(\$ |do |for .* do )*", "", part).strip()
            if part and part not in ("done", "do"):
                lines.append(part)
    return lines


def fluxtube_arguments(line: str) -> str:
    """What follows `fluxtube` in a command line, "" where it is another command."""
    launcher = r"(?:\w+=\S+ )*(?:(?:mpirun|srun)(?: -\S+(?: \d+)?)* )?"
    match = re.match(launcher + r"(?:\S*/)?(?:python3? -m )?fluxtube (?P<rest>.*)$", line)
    return match["rest"] if match else ""
