"""`fluxtube observe`: both models as observed by a ground array."""

EPILOG = """\
An array observes a band of declination, and takes the mean of every ring of declination for the
isotropic level: m = 0 in equatorial coordinates is lost. The pseudo-spectrum of the rest, divided by
the sky fraction, is compared with the true C_l, for isotropic diffusion (mixing matrix) and for
parallel diffusion (the direction of the field matters). Single skies of a run are drawn on top.

VIEW: hawc, icecube, both, full, or SOUTH:NORTH in degrees of declination, such as -30:64.
"""


def add_parser(subparsers) -> None:
    """Declare the subcommand."""
    import argparse

    from fluxtube.commands.paper import add_theory
    from fluxtube.commands.pictures import PRINT, add_format
    from fluxtube.outputs import add_names

    parser = subparsers.add_parser(
        "observe",
        help="both models as observed by a ground array",
        description=__doc__,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("run", metavar="RUN.h5", nargs="?", help="ensemble of parallel transport")
    parser.add_argument("--view", default="both", metavar="VIEW", help="field of view; write --view=-30:64 [%(default)s]")
    parser.add_argument("--l-max", default="50", metavar="N", help="last degree [%(default)s]")
    parser.add_argument(
        "--field-direction", metavar=("RA", "DEC"), nargs=2, help="direction of the magnetic field [deg; 229.2 11.4]"
    )
    add_theory(parser)
    parser.add_argument("-o", "--output", metavar="DIR", help="write figure and CSV there")
    add_names(parser, "observed-*.* observed-*.csv")
    add_format(parser, PRINT, with_output=True)


def main(args) -> int:
    """Run the subcommand and return its exit status."""
    from fluxtube.analysis.figures.tables import write_csv
    from fluxtube.analysis.figures.write import save_figures
    from fluxtube.analysis.observer.field_of_view import named_view
    from fluxtube.analysis.observer.figure import observer_figure, observer_table, simulated_view
    from fluxtube.analysis.paper.settings import settings_for, sort_runs
    from fluxtube.analysis.validation.validate import open_ensemble
    from fluxtube.commands.numbers import count
    from fluxtube.commands.paper import chosen_theory, direction_of
    from fluxtube.commands.pictures import formats_of, quiet_fonts
    from fluxtube.errors import InputError
    from fluxtube.files import make_directory, together

    quiet_fonts()
    formats = formats_of(args)
    l_max = count(args.l_max, "--l-max", 2, 200)
    view = named_view(args.view)
    direction = direction_of(args.field_direction)
    runs = sort_runs([open_ensemble(args.run)]) if args.run else {}
    if "isotropic" in runs:
        raise InputError(f"{args.run}: isotropic transport; give a run of parallel transport")
    table = observer_table(view, l_max, direction, settings=settings_for(runs, chosen_theory(args)))
    simulated = None
    if runs:
        ensemble = runs["parallel"]
        simulated = simulated_view(ensemble, view, direction)
    print(f"{view.name}: {view.sky_fraction:.1%} of the sky; observed C_l over true C_l, m = 0 lost")
    print(f"{'l':>4}  {'parallel':>9}  {'isotropic':>9}")
    for l, parallel, isotropic in zip(table["l"], table["parallel_ratio"], table["isotropic_ratio"], strict=True):
        print(f"{l:4d}  {parallel:9.4f}  {isotropic:9.4f}")
    if args.output:
        stem = f"observed-{view.name.replace(':', '_')}"
        head = f"view {view.name}, declination bands {list(view.bands)} deg, field towards {direction} deg"
        with together():
            directory = make_directory(args.output)
            paths = [*save_figures(observer_figure(table, view, simulated), directory / stem, formats)]
            paths.append(write_csv(directory / f"{stem}.csv", table, [head]))
        print("\n".join(map(str, paths)))
    return 0
