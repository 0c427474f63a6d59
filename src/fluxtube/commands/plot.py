"""`fluxtube plot`: spectrum, correlation matrix and sky of a finished run."""

import logging
from pathlib import Path

EPILOG = """\
Writes spectrum, correlation and sky, each as a picture and a CSV table of the numbers in it, and
prints their paths. Files of these names that are already in the directory are replaced; nothing
else there is touched.
"""


def add_parser(subparsers) -> None:
    """Declare the subcommand."""
    import argparse

    parser = subparsers.add_parser(
        "plot",
        help="draw a run's spectrum, correlation matrix and sky",
        description=__doc__,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("run", metavar="RUN.h5", help="ensemble file written by `fluxtube run`")
    parser.add_argument("-o", "--output", metavar="DIR", help="directory for the pictures [RUN-plots beside the run]")
    parser.add_argument("--format", choices=("png", "pdf"), default="png", help="file format [%(default)s]")


def main(args) -> int:
    """Run the subcommand and return its exit status."""
    from fluxtube.analysis.figures.write import write_figures
    from fluxtube.analysis.validation.validate import open_ensemble

    logging.getLogger("fontTools").setLevel(logging.ERROR)  # it wonders about the time stamps of matplotlib's fonts
    ensemble = open_ensemble(args.run)
    run = Path(args.run)
    directory = Path(args.output) if args.output else run.with_name(f"{run.stem}-plots")
    for path in write_figures(ensemble, directory, args.format):
        print(path)
    return 0
