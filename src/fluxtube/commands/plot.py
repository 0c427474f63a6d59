"""`fluxtube plot`: spectrum, correlation matrix and sky of a finished run."""

EPILOG = """\
Writes spectrum, correlation and sky, each as a picture and a CSV table of the numbers in it, and
prints their paths. Files of these names that are already in the directory are replaced; nothing
else there is touched.

  fluxtube plot run.h5 --format svg --realisation 3 --l-min 2 --l-max 30 --title "My run"
"""


def add_parser(subparsers) -> None:
    """Declare the subcommand."""
    import argparse

    from fluxtube.commands.pictures import FIGURES, add_degrees, add_format, add_title
    from fluxtube.outputs import add_names

    parser = subparsers.add_parser(
        "plot",
        help="draw a run's spectrum, correlation matrix and sky",
        description=__doc__,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("run", metavar="RUN.h5", help="ensemble file written by `fluxtube run`")
    parser.add_argument("-o", "--output", metavar="DIR", help="directory for the pictures [RUN-plots beside the run]")
    add_format(parser)
    parser.add_argument("--realisation", metavar="N", default="0", help="whose sky is drawn, counted from 0 [%(default)s]")
    add_names(parser, FIGURES)
    add_degrees(parser)
    add_title(parser)
    parser.add_argument("--narrow", action="store_true", help="for a narrow screen: panels one below the other, larger letters")


def main(args) -> int:
    """Run the subcommand and return its exit status."""
    from pathlib import Path

    from fluxtube.analysis.figures.write import write_figures
    from fluxtube.analysis.validation.validate import open_ensemble
    from fluxtube.commands.numbers import count
    from fluxtube.commands.pictures import degrees_of, formats_of, quiet_fonts
    from fluxtube.files import written

    quiet_fonts()
    formats, realisation = formats_of(args), count(args.realisation, "--realisation", 0)
    ensemble = open_ensemble(args.run)
    chosen = {"realisation": realisation, "degrees": degrees_of(args, int(ensemble.l[-1])), "heading": args.title}
    chosen["narrow"] = args.narrow
    run = Path(args.run)
    directory = Path(args.output) if args.output else run.with_name(f"{run.stem}-plots")
    for path in written(write_figures(ensemble, directory, formats, **chosen)):
        print(path)
    return 0
