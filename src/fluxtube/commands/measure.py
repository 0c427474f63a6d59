"""`fluxtube measure`: the angular power spectrum of a map, with its errors."""

EPILOG = """\
MAP.fits is a HEALPix map of the relative intensity in equatorial coordinates, or with --counts
IceCube's three columns (data, background, relative intensity). Monopole and dipole are fitted and
removed, the weighted mean of every ring of declination is taken out (--keep-rings leaves it), noise
is subtracted, and the mixing matrix of this mask and these weights is inverted. It writes

  spectrum.csv    C_l with total errors           covariance.csv  their exact covariance
  pseudo.csv      C~_l for `fluxtube fit`         mixing.csv      <C~_l> = M C_l
  alm.csv         pseudo-multipoles               figures of C_l and of its correlations

  fluxtube measure sky.fits --mask mask.fits --noise 3e-10 -o measured
  fluxtube fit measured/pseudo.csv --mixing-matrix measured/mixing.csv --sky-fraction 0.7 --m0-lost
"""


def add_parser(subparsers) -> None:
    """Declare the subcommand."""
    import argparse

    from fluxtube.commands.pictures import PRINT, add_format
    from fluxtube.outputs import add_names

    parser = subparsers.add_parser(
        "measure",
        help="measure C_l of a map",
        description=__doc__,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("map", metavar="MAP.fits", help="HEALPix map")
    parser.add_argument("-o", "--output", metavar="DIR", required=True, help="directory for tables and figures")
    add_names(parser, "spectrum.* correlation.* spectrum.csv pseudo.csv pseudo-covariance.csv covariance.csv mixing.csv alm.csv")
    add_format(parser, PRINT)
    parser.add_argument("--field", metavar="N", help="column, by number or name [0; needed for files of `fluxtube sky`]")
    parser.add_argument("--mask", metavar="M.fits", help="mask, positive in observed pixels")
    parser.add_argument("--weights", metavar="W.fits", help="weights of the pixels, for example the exposure")
    parser.add_argument(
        "--noise", metavar="N_l", default="0", help="level of white noise, subtracted [0; with --counts: that of the counts]"
    )
    parser.add_argument("--counts", action="store_true", help="columns are data, background, relative intensity")
    parser.add_argument("--keep-rings", action="store_true", help="do not subtract ring means: m = 0 was measured")
    parser.add_argument("--keep-dipole", action="store_true", help="do not fit and remove monopole and dipole")
    parser.add_argument("--l-max", metavar="N", default="14", help="last degree [%(default)s]")
    parser.add_argument("--pad", metavar="N", default="8", help="further degrees in the inversion, not written [%(default)s]")
    parser.add_argument("--ordering", metavar="RING|NESTED", help="pixel order, for files that do not give it")
    parser.add_argument("--turn", action="store_true", help="turn maps in galactic or ecliptic coordinates")


def main(args) -> int:
    """Run the subcommand and return its exit status."""
    from pathlib import Path

    from fluxtube.analysis.measure.maps import read_measured
    from fluxtube.analysis.measure.spectrum import measure_map
    from fluxtube.analysis.measure.view import MapView
    from fluxtube.analysis.measure.write import head, write_measurement
    from fluxtube.analysis.observations.healpix_map import read_mask
    from fluxtube.analysis.observations.marks import words_on_zeros
    from fluxtube.analysis.observations.own_columns import chosen_sky, column_number
    from fluxtube.commands.numbers import count, number
    from fluxtube.commands.pictures import formats_of, quiet_fonts
    from fluxtube.errors import InputError
    from fluxtube.files import written

    quiet_fonts()
    formats = formats_of(args)
    l_max, pad, level = count(args.l_max, "--l-max", 2, 60), count(args.pad, "--pad", 0, 40), number(args.noise, "--noise")
    if level < 0:
        raise InputError(f"--noise {level:g}: it must not be below zero")
    field: int | str = 0
    name = Path(args.map).stem
    warnings: list[str] = []
    if not args.counts:
        asked = None if args.field is None else column_number(args.field)
        field, column, warnings = chosen_sky(args.map, asked, "--field", args.ordering)
        name = f"{name}, column {column}"
    whole = read_measured(args.map, field, args.mask, args.weights, level, args.counts, args.ordering, args.turn)
    if not args.counts:
        warnings += words_on_zeros(whole.values[whole.weights > 0])
    warnings = [*warnings, *(read_mask(args.mask, args.ordering).remarks if args.mask else ())]
    nside = 32
    while nside < 2 * (l_max + pad):
        nside *= 2
    measured_map = whole.degraded(nside)
    view = MapView(measured_map.weights, not args.keep_rings, not args.keep_dipole, l_max + pad)
    noise = view.noise(measured_map.variance) if measured_map.variance.any() else None
    measured = measure_map(measured_map.values, view, l_max, noise)
    print(head(measured, name)[0])
    print(f"{'l':>4}  {'C_l':>11}  {'error':>10}  {'pseudo':>11}  {'its noise':>10}")
    for row in zip(measured.l, measured.C_l, measured.error, measured.pseudo, measured.pseudo_noise, strict=True):
        print("{:4d}  {:11.4e}  {:10.3e}  {:11.4e}  {:10.3e}".format(*row))
    for words in warnings:
        print(f"WARNING: {words}")
    for path in written(write_measurement(measured, args.output, name, formats=formats)):
        print(path)
    return 0
