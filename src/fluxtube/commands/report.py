"""`fluxtube report`: a finished run as one HTML page."""


def add_parser(subparsers) -> None:
    """Declare the subcommand."""
    parser = subparsers.add_parser(
        "report",
        help="write a run as one HTML page",
        description=__doc__,
        epilog="The page is self-contained: pictures and a sky to turn inside, nothing loaded from the network.",
    )
    parser.add_argument("run", metavar="RUN.h5", help="ensemble file written by `fluxtube run`")
    parser.add_argument("-o", "--output", metavar="FILE.html", help="page to write [RUN.html beside the run]")
    parser.add_argument("--against", metavar="KEY=VALUE", action="append", default=[], help="compare with another theory")
    parser.add_argument(
        "--false-alarm", metavar="RATE", type=float, default=1e-3, help="probability to reject a right theory [%(default)s]"
    )


def main(args) -> int:
    """Run the subcommand and return its exit status."""
    from pathlib import Path

    from fluxtube.analysis.report.build import write_report

    output = args.output or Path(args.run).with_suffix(".html")
    print(write_report(args.run, output, args.against, args.false_alarm))
    return 0
