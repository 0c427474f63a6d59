"""The `fluxtube` command: parse, call, print. Everything heavy is imported by the subcommand that needs it."""

import argparse
import contextlib
import importlib
import logging
import os
import sys
import warnings
from collections.abc import Iterator

from fluxtube import __version__
from fluxtube.arguments import Parser
from fluxtube.environment import settle
from fluxtube.errors import InputError
from fluxtube.failures import outcome_of, say
from fluxtube.files import protected
from fluxtube.outputs import OPTIONS, check_outputs
from fluxtube.plugins import fault_of_plugin, load_plugins
from fluxtube.streams import patient_streams

COMMANDS = (
    "init", "run", "merge", "submit", "validate", "plot", "theory", "sky", "slope", "info", "paper", "fit", "report", "observe",
    "infer", "flow", "measure", "sweep", "compare", "forecast", "gallery",
)  # fmt: skip

WRITE_FILES = ("init", "run", "merge", "submit", "sky", "plot", "paper", "report", "measure", "sweep", "gallery")

DESCRIPTION = """\
Simulated skies of cosmic rays convected by turbulence along a magnetic flux tube,
compared with the analytic theory of Zhang & Liu (2025).

  fluxtube init                                       quickstart.toml, a commented configuration
  fluxtube theory quickstart.toml                     the analytic table
  fluxtube run quickstart.toml -o run.h5              an ensemble, on one process
  mpirun -n 2 fluxtube run quickstart.toml -o run.h5  the same on two
  fluxtube validate run.h5                            simulation against theory
  fluxtube plot run.h5                                spectrum, correlation matrix, sky
  fluxtube gallery quickstart.toml                    many single skies on one page
  fluxtube report run.h5 -o report.html               all of it as one page
  fluxtube paper run.h5 -o figures                    the paper's figures, with the run on top
  fluxtube fit spectrum.csv --compare                 sigma, gamma and the model from an observed spectrum
  fluxtube infer hawc-icecube-2019                    transport across the field from a whole observed sky
"""


def build_parser(argv: list[str] | None = None) -> argparse.ArgumentParser:
    """Parser of the whole command line; where its first word names a command, of that command alone."""
    parser = Parser(
        prog="fluxtube", description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--version", action="version", version=f"fluxtube {__version__}")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name in argv[:1] if argv and argv[0] in COMMANDS else COMMANDS:
        importlib.import_module(f"fluxtube.commands.{name}").add_parser(subparsers)
    for subparser in subparsers.choices.values():
        subparser.add_argument(
            "--plugin", metavar="FILE.py", action="append", default=[], dest="plugins",
            help="execute a file of your own that adds spectra, free-path laws, transports or flows; repeatable",
        )  # fmt: skip
    return parser


def main(argv: list[str] | None = None) -> int:
    """Run the command line and return its exit status.

    0 well, 1 theory rejected, 2 bad input, 3 theory undecided, 70 a bug in fluxtube, 85 a run that stopped before its end, 130
    interrupted. Neither a closed pipe nor a full disk behind the output changes the status of a command that failed or left.
    """
    with patient_streams() as output, spoken_warnings():
        try:
            if argv is None and not os.environ.get("MPLBACKEND", "").startswith("module://"):
                os.environ["MPLBACKEND"] = "Agg"  # figures go to files, whatever windows there are
            settle()
            given = sys.argv[1:] if argv is None else argv
            args = build_parser(given).parse_args(given)
            _refuse_empty_names(args)
            if args.command not in ("run", "sweep"):  # their ranks connect first
                load_plugins(args.plugins)
            with protected(_inputs(args)):
                check_outputs(args)
                status = importlib.import_module(f"fluxtube.commands.{args.command}").main(args)
        except (Exception, KeyboardInterrupt, SystemExit) as error:
            if isinstance(error, SystemExit) and not fault_of_plugin(error):
                raise  # of the parser, after --help or bad options
            status, message = outcome_of(error)
            say(message)
        output.flush()
        # A reader that has had enough is no failure; the product of a run is its file, not what it prints.
        if status == 0 and output.failure and not isinstance(output.failure, BrokenPipeError) and _prints_its_product(args):
            status, message = outcome_of(output.failure)
            say(message)
        return status


def _prints_its_product(args: argparse.Namespace) -> bool:
    return args.command not in WRITE_FILES or getattr(args, "json", False)


def _inputs(args: argparse.Namespace) -> list[str]:
    """Files that the arguments name, but for those to be written."""
    named = [value for name, value in vars(args).items() if name not in (*OPTIONS, "writes", "command")]
    texts = [part for value in named for part in (value if isinstance(value, list | tuple) else [value])]
    return [text for text in map(str, texts) if os.path.isfile(text)]


def _refuse_empty_names(args: argparse.Namespace) -> None:
    for name, value in vars(args).items():
        if value == "":
            raise InputError(f"{name} is empty; give a name")
        if any("\0" in text for text in (value if isinstance(value, list) else [value]) if isinstance(text, str)):
            raise InputError(f"{name} holds a null character; give a name without one")


class _Warnings(logging.Handler):
    """Warnings as lines of this program, on what standard error is now."""

    def emit(self, record: logging.LogRecord) -> None:
        """Print one."""
        say(f"warning: {record.getMessage()}")


@contextlib.contextmanager
def spoken_warnings() -> Iterator[None]:
    """Print the library's warnings while a command runs."""
    logger, handler = logging.getLogger("fluxtube"), _Warnings(logging.WARNING)
    before, logger.propagate = logger.propagate, False
    logger.addHandler(handler)
    try:
        with warnings.catch_warnings():  # of numpy, matplotlib and others: in a line too, without the source they come from
            warnings.showwarning = _say_warning
            yield
    finally:
        logger.removeHandler(handler)
        logger.propagate = before


def _say_warning(message, category, filename, lineno, file=None, line=None) -> None:
    say(f"warning: {' '.join(str(message).split())} ({category.__name__})")
