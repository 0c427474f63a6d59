"""`fluxtube infer`: transport parameters, field direction and evidence of models from one whole sky."""

EPILOG = """\
SKY is a table of multipoles (l, m, re, im; equatorial, arrival directions), a HEALPix FITS map, or
hawc-icecube-2019: the sky of Abeysekara et al. (2019) as measured from its published picture.

  fluxtube infer hawc-icecube-2019 -o inference
  fluxtube infer sky.csv --noise 3e-10 --lost-orders 0 --fix gamma=5/3
  fluxtube infer map.fits --mask mask.fits --noise-map deviation.fits --free field,noise --rivals

Free parameters: sigma, gamma, displacement_perpendicular, convection_perpendicular, field, noise.
The first four are free unless fixed. docs/inference.md says what is computed, and how it was tested.
"""


def add_sky_options(parser) -> None:
    """What a sky and its view are: shared with `fluxtube flow`."""
    from fluxtube.commands.pictures import add_format

    parser.add_argument("sky", metavar="SKY", help="table of multipoles, FITS map, or hawc-icecube-2019")
    parser.add_argument("--alm-scale", metavar="X", default="1", help="unit of the values, e.g. 1e-4 [%(default)s]")
    parser.add_argument(
        "--column", metavar="N", help="column of a FITS map, by number or name [0; needed for files of `fluxtube sky`]"
    )
    parser.add_argument("--mask", metavar="FITS", help="observed pixels: above zero")
    parser.add_argument("--noise", metavar="N_L", help="white noise, N_l of the relative intensity")
    parser.add_argument(
        "--noise-bands", metavar="S:N:N_L", action="append", default=[], help="noise of a band of declination (repeatable)"
    )
    parser.add_argument("--noise-map", metavar="FITS", help="standard deviation of the noise of every pixel")
    parser.add_argument("--no-errors", action="store_true", help="ignore the columns re_error and im_error of a table")
    parser.add_argument("--error-covariance", metavar="CSV", help="covariance of a table's errors: m, l, l2, covariance")
    parser.add_argument(
        "--lost-orders", metavar="M", type=int, nargs="*", default=[],
        help="orders m that the data do not hold; 0 for ground arrays",
    )
    parser.add_argument("--beam", metavar="DEG", default="0", help="full width of the point spread at half maximum [0 deg]")
    parser.add_argument(
        "--smoothed", metavar="DEG", default="0", help="radius of the disc a table's sky was averaged over, to divide out [0 deg]"
    )
    parser.add_argument("--l-min", metavar="N", type=int, default=2, help="first degree [%(default)s]")
    parser.add_argument("--l-max", metavar="N", type=int, default=10, help="last degree [%(default)s]")
    parser.add_argument(
        "--field-direction", metavar=("RA", "DEC"), nargs=2, help="direction of the magnetic field [deg; 229.2 11.4]"
    )
    parser.add_argument("--field-error", metavar="DEG", help="makes the field free, normal about its direction")
    parser.add_argument("--free", metavar="NAMES", help="parameters to free, with commas: field,noise")
    parser.add_argument("--fix", metavar="NAME=VALUE", action="append", default=[], help="parameter to fix (repeatable)")
    parser.add_argument(
        "--sigma-range", metavar=("LOW", "HIGH"), nargs=2, default=("1", "1000"),
        help="range of sigma in its prior [km/s; 1 1000]",
    )
    parser.add_argument("--transverse-fraction", metavar="BETA", default="2/3", help="beta of the turbulence [%(default)s]")
    parser.add_argument("--spectral-slope", metavar="S", default="-4.7", help="dln f/dln p of the particles [%(default)s]")
    parser.add_argument("--free-path", metavar="LAW", default="fixed", help="fixed, exponential, erlang:K or a plug-in's [fixed]")
    parser.add_argument(
        "--density-response", choices=("none", "steady"), default="none", help="isotropic part of f [%(default)s]"
    )
    parser.add_argument(
        "--free-path-observed", choices=("end", "in-flight"), default="end", help="where a particle is observed [%(default)s]"
    )
    parser.add_argument(
        "--outer-scale", metavar="X", help="outer scale of the turbulence (von Karman) in mean free paths [none]"
    )
    parser.add_argument("--steps", metavar="N", type=int, default=600, help="steps of each of 32 walkers [%(default)s]")
    parser.add_argument("--live", metavar="N", type=int, default=200, help="live points of the evidence [%(default)s]")
    parser.add_argument("--seed", metavar="N", type=int, default=1, help="seed of the samplers [%(default)s]")
    parser.add_argument("-o", "--output", metavar="DIR", help="write summary, chains, figures and tables there")
    add_format(parser, "png,pdf", with_output=True)
    parser.add_argument("--json", action="store_true", help="print one JSON object in place of the text")


def add_parser(subparsers) -> None:
    """Declare the subcommand."""
    import argparse

    from fluxtube.outputs import add_names

    parser = subparsers.add_parser(
        "infer",
        help="transport, field direction and evidence of models from one sky",
        description=__doc__,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_names(
        parser, "inference.json predictive.csv plane.csv chain-*.txt chain-*.paramnames chain-*.ranges "
        "chain-*.nc corner-*.* skies.* plane.*"
    )  # fmt: skip
    add_sky_options(parser)
    parser.add_argument(
        "--models",
        metavar="NAME",
        nargs="+",
        choices=("parallel", "isotropic", "cross-field"),
        default=["parallel", "isotropic", "cross-field"],
        help="parallel, isotropic, cross-field [all]",
    )
    parser.add_argument("--rivals", action="store_true", help="compare with a gradient, a dipole alone and a free power law")
    parser.add_argument(
        "--skies", metavar="N", type=int, default=400, help="simulated skies for each false-alarm rate [%(default)s]"
    )


def main(args) -> int:
    """Run the subcommand and return its exit status."""
    from fluxtube.analysis.inference.report import to_dict, to_text, write
    from fluxtube.analysis.inference.run import infer_sky, stage_names
    from fluxtube.commands.pictures import formats_of, quiet_fonts
    from fluxtube.commands.stages import stages
    from fluxtube.files import written
    from fluxtube.plain import as_json

    quiet_fonts()
    formats = formats_of(args)
    view, prior, physics = read_options(args)
    rivals = ("gradient", "dipole-only", "power-law") if args.rivals else ()
    sampling = {"steps": args.steps, "live": args.live, "seed": args.seed, "skies": args.skies}
    models = tuple(dict.fromkeys(args.models))
    with stages(stage_names(models, rivals, args.skies), not args.json) as begin:
        result = infer_sky(args.sky, view, prior, models, rivals, **sampling, begin=begin, **physics)
    print(as_json(to_dict(result)) if args.json else to_text(result))
    if args.output:
        for path in written(write(result, args.output, formats)):
            if not args.json:
                print(path)
    return 0


def read_options(args):
    """View, prior and physics of the options of `add_sky_options`."""
    from fluxtube.analysis.inference.options import number, path_of, prior_of, refuse_without_effect, view_of
    from fluxtube.errors import InputError

    for name, least, most in (("steps", 1, 10**7), ("live", 20, 10**6), ("seed", 0, 2**53), ("skies", 0, 10**7)):
        value = getattr(args, name, least)
        if not least <= value <= most:
            raise InputError(f"--{name} {value}: a whole number from {least} to {most} is needed")
    refuse_without_effect(args, getattr(args, "models", None) or [args.model])
    slope = number("--spectral-slope", args.spectral_slope)
    if not 1e-6 <= abs(slope) <= 100:
        raise InputError(f"--spectral-slope {slope:g}: a number such as -4.7, at most 100 and not zero, is needed")
    physics = {
        "beta": number("--transverse-fraction", args.transverse_fraction, 0, 1),
        "spectral_slope": slope,
        "path": path_of(args),
        "outer_scale": None if args.outer_scale is None else number("--outer-scale", args.outer_scale, 0.1, 1e4),
    }
    return view_of(args), prior_of(args), physics
