"""`fluxtube compare`: are two runs the same, and if not, what differs."""

STATUS = {"agree": 0, "differ": 1, "undecided": 3}
EPILOG = """\
Says which keys of the configuration and which versions differ, and gives C_l(A)/C_l(B) for every degree with its error.
Runs of the same seed and flow are compared realisation by realisation, so that the scatter that they share drops out;
others have independent errors. One test decides: Hotelling's T^2 of ln C_l over all degrees, at the false-alarm rate.

  fluxtube compare a.h5 b.h5
  fluxtube compare old/run.h5 new/run.h5 -o ratio.png

exit status: 0 the spectra agree, 1 they differ at the false-alarm rate, 2 bad input, 3 cannot be decided (the lines
"open:" say why), 70 a bug in fluxtube
"""


def add_parser(subparsers) -> None:
    """Declare the subcommand."""
    import argparse

    parser = subparsers.add_parser(
        "compare",
        help="compare two runs",
        description=__doc__,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("runs", metavar="RUN.h5", nargs=2, help="two ensemble files written by `fluxtube run` or `sweep`")
    parser.add_argument("-o", "--output", metavar="FILE", help="picture of the ratio to write (png, pdf or svg)")
    parser.add_argument(
        "--false-alarm", metavar="RATE", default="1e-3", help="probability to find equal spectra different [%(default)s]"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object in place of the text")


def main(args) -> int:
    """Run the subcommand and return its exit status."""
    from fluxtube.analysis.comparison.compare import compare
    from fluxtube.analysis.comparison.report import comparison_dict, comparison_figure, comparison_text
    from fluxtube.analysis.figures.write import format_of, save_figure
    from fluxtube.commands.numbers import number
    from fluxtube.commands.pictures import quiet_fonts
    from fluxtube.errors import InputError
    from fluxtube.plain import as_json

    if args.output:
        format_of(args.output)  # before the work
    rate = number(args.false_alarm, "--false-alarm")
    if not 0 < rate < 0.5:
        raise InputError(f"--false-alarm {rate:g}: a probability between 0 and 0.5 is needed, for example 1e-3")
    found = compare(args.runs[0], args.runs[1], false_alarm=rate)
    print(as_json(comparison_dict(found)) if args.json else comparison_text(found))
    if args.output:
        quiet_fonts()
        path = save_figure(comparison_figure(found), args.output)
        if not args.json:
            print(path)
    return STATUS[found.verdict]
