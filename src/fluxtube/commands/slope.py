"""`fluxtube slope`: logarithmic slopes of the angular power spectra of finished runs."""

EPILOG = """\
Least squares of ln C_l over ln l from --l-min on, with errors from the scatter of the realisations; beside it the slope of
the theory over the run's own band and degrees. Runs by quadrature that keep all their multipoles (output.multipoles).

  fluxtube slope cross_*.h5 -o slope.png
"""


def add_parser(subparsers) -> None:
    """Declare the subcommand."""
    import argparse

    from fluxtube.commands.pictures import add_title

    parser = subparsers.add_parser(
        "slope",
        help="measure the slope of C_l",
        description=__doc__,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("runs", metavar="RUN.h5", nargs="+", help="ensemble files written by `fluxtube run`")
    parser.add_argument("-o", "--output", metavar="FILE", help="picture to write: its ending is the format, png, pdf or svg")
    add_title(parser)
    parser.add_argument("--l-min", metavar="L", type=int, default=8, help="smallest degree of the fit [%(default)s]")
    parser.add_argument("--l-max", metavar="L", type=int, help="largest degree of the fit [the run's last]")


def main(args) -> int:
    """Run the subcommand and return its exit status."""
    from fluxtube.analysis.figures.write import format_of
    from fluxtube.analysis.validation.slope import measure_slope, slope_table, weights_of
    from fluxtube.commands.pictures import quiet_fonts
    from fluxtube.errors import InputError

    quiet_fonts()
    if args.output:
        format_of(args.output)
    elif args.title is not None:
        raise InputError("--title is that of the picture; add -o, or leave --title out")
    measured = (measure_slope(run, l_min=args.l_min, l_max=args.l_max) for run in args.runs)
    slopes = sorted(measured, key=lambda slope: weights_of(slope.config))
    print(slope_table(slopes))
    if args.output:
        from fluxtube.analysis.figures.slope import slope_figure
        from fluxtube.analysis.figures.write import save_figure
        print(save_figure(slope_figure(slopes, args.title), args.output))
    return 0
