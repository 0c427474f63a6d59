"""The `fluxtube` command: parse, call, print. Everything heavy is imported by the subcommand that needs it."""

import argparse
import importlib
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
        return command.main(args)
    except InputError as error:
        print(f"fluxtube: error: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        return 0
    except KeyboardInterrupt:
        print("fluxtube: interrupted; nothing was written", file=sys.stderr)
        return 130
