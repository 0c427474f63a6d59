"""The parser of the command line: an option or a command that is not there is answered in one line, with the nearest one."""

import argparse
import difflib
import re
from typing import NoReturn


class Parser(argparse.ArgumentParser):
    """argparse's, its commands too; -1e-4, -5/3 and -30:64 are values, as -4.7 is: no option begins with a digit."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._negative_number_matcher = re.compile(r"-\.?\d")

    def error(self, message: str) -> NoReturn:
        """Say what is wrong, and end with status 2."""
        unknown = re.match(r"unrecognized arguments: (\S+)", message)
        command = re.match(r"argument COMMAND: invalid choice: '([^']*)'", message)
        commands = self._commands()
        if command:
            near = _near(command[1], list(commands))
            self.exit(2, f"{self.prog}: error: there is no command {command[1]!r}{near}; {self.prog} --help lists them\n")
        if unknown and len(commands) == 1 and unknown[1].startswith("-"):
            ((name, parser),) = commands.items()
            word = unknown[1].partition("=")[0]
            near = _near(word, list(parser._option_string_actions))
            help_of = f"{self.prog} {name}"
            self.exit(2, f"{help_of}: error: there is no option {word!r}{near}; {help_of} --help lists them\n")
        super().error(message)

    def _commands(self) -> dict[str, argparse.ArgumentParser]:
        """Parsers of the commands, by name."""
        return {
            name: parser
            for action in self._actions if isinstance(action, argparse._SubParsersAction)
            for name, parser in action.choices.items()
        }  # fmt: skip


def _near(word: str, known: list[str]) -> str:
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    return f"; did you mean {near[0]}?" if near else ""
