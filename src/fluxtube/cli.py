"""The `fluxtube` command: parse, call, print. Everything heavy is imported by the subcommand that needs it."""

import argparse
import contextlib
import importlib
import os
import sys

from fluxtube import __version__
from fluxtube.errors import InputError

COMMANDS = ("run", "merge", "submit", "validate", "plot", "theory", "sky", "slope", "info", "paper", "fit", "report", "observe")

DESCRIPTION = """\
Simulated skies of cosmic rays convected by turbulence along a magnetic flux tube,
held against the analytic theory of Zhang & Liu (2025).

  fluxtube theory configs/quickstart.toml             the analytic table
  fluxtube run configs/quickstart.toml -o run.h5      an ensemble, on one process
  mpirun -n 2 fluxtube run configs/quickstart.toml -o run.h5      the same on two
  fluxtube validate run.h5                            simulation against theory
  fluxtube plot run.h5                                spectrum, correlation matrix, sky
  fluxtube report run.h5 -o report.html               all of it as one page
  fluxtube paper run.h5 -o figures                    the paper's figures, the run laid over
  fluxtube fit spectrum.csv --compare                 sigma, gamma and the model from an observed spectrum
"""


def build_parser() -> argparse.ArgumentParser:
    """Parser of the whole command line."""
    parser = argparse.ArgumentParser(
        prog="fluxtube", description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--version", action="version", version=f"fluxtube {__version__}")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name in COMMANDS:
        importlib.import_module(f"fluxtube.commands.{name}").add_parser(subparsers)
    return parser


def main(argv: list[str] | None = None) -> int:
    """Run the command line and return its exit status: 0 well, 1 theory rejected, 2 bad input, 130 interrupted."""
    args = build_parser().parse_args(argv)
    command = importlib.import_module(f"fluxtube.commands.{args.command}")
    try:
        for name, value in vars(args).items():
            if value == "":
                raise InputError(f"{name} is empty; give a name")
        status = command.main(args)
        sys.stdout.flush()  # a full disk behind it shows here
        return status
    except InputError as error:
        return _refuse(str(error))
    except BrokenPipeError:  # the reader of a pipe has seen enough
        _drop_output()
        return 0
    except MemoryError as error:
        return _refuse(f"not enough memory: {error}")
    except OSError as error:
        _drop_output()
        return _refuse(f"{error.strerror or error}{f': {error.filename!r}' if error.filename else ''}")
    except KeyboardInterrupt:
        print("fluxtube: interrupted; nothing was written", file=sys.stderr)
        return 130


def _drop_output() -> None:
    """Let what standard output still holds go nowhere, or Python would try to write it once more on its way out."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _refuse(message: str) -> int:
    print(f"fluxtube: error: {message}", file=sys.stderr)
    return 2
