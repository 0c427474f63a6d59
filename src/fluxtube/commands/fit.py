"""`fluxtube fit`: sigma, gamma and the model from an observed angular power spectrum."""

EPILOG = """\
SPECTRUM.csv has the columns l and C_l (of the relative intensity, noise subtracted). For one sky of
isotropic diffusion, (2l+1) C_l/<C_l> is chi-squared with 2l+1 degrees of freedom. A sky of parallel
diffusion has one multipole a degree, correlated with those of l +- 2, 4, ..., whose signs C_l has
forgotten: they are summed over. --skies N says that the table is the mean of N skies.

  fluxtube fit observed.csv --compare -o fit
  fluxtube fit theory.csv --column isotropic_C_l --skies 1000 --model parallel --gamma 5/3 --l-min 10

What is meant by sigma is the velocity dispersion at the scale of the mean free path; an infinite
inertial range and fixed free paths are assumed. docs/fits.md says more.
"""


def add_parser(subparsers) -> None:
    """Declare the subcommand."""
    import argparse

    parser = subparsers.add_parser(
        "fit",
        help="fit sigma and gamma to an observed spectrum",
        description=__doc__,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("spectrum", metavar="SPECTRUM.csv", help="table with the columns l and C_l (CSV or ECSV)")
    parser.add_argument("--column", metavar="NAME", help="column to take for C_l")
    parser.add_argument("--model", choices=("parallel", "isotropic", "both"), default="both", help="[%(default)s]")
    parser.add_argument("--gamma", metavar="G", help="fix gamma, e.g. 5/3 [free from 1.05 to 2.5]")
    parser.add_argument("--l-min", metavar="N", type=int, default=2, help="first degree [%(default)s]")
    parser.add_argument("--l-max", metavar="N", type=int, default=2000, help="last degree [end of the table]")
    parser.add_argument("--skies", metavar="N", type=int, default=1, help="skies that the table is the mean of [%(default)s]")
    parser.add_argument("--transverse-fraction", metavar="BETA", type=float, default=2 / 3, help="[2/3]")
    parser.add_argument("--spectral-slope", metavar="S", type=float, default=-4.7, help="dlnf/dlnp [%(default)s]")
    parser.add_argument(
        "--sigma-range", metavar=("LOW", "HIGH"), type=float, nargs=2, default=(1, 1000), help="prior [km/s; 1 1000]"
    )
    parser.add_argument("--compare", action="store_true", help="evidence of both models with gamma free, 5/3 and 3/2")
    parser.add_argument("--steps", metavar="N", type=int, default=3000, help="steps of each of 32 walkers [%(default)s]")
    parser.add_argument("--seed", metavar="N", type=int, default=1, help="of the sampler [%(default)s]")
    parser.add_argument("-o", "--output", metavar="DIR", help="write figures, tables, samples and a summary there")
    parser.add_argument("--json", action="store_true", help="print one JSON object in place of the text")


def main(args) -> int:
    """Run the subcommand and return its exit status."""
    import json
    import logging
    from pathlib import Path

    from fluxtube.analysis.fit.fit import compare, fit_spectrum
    from fluxtube.analysis.fit.posterior import Prior
    from fluxtube.analysis.fit.report import comparison_text, fit_dict, fit_text, write_fit
    from fluxtube.analysis.observations.spectrum_table import read_spectrum
    from fluxtube.errors import InputError

    logging.getLogger("fontTools").setLevel(logging.ERROR)  # it wonders about the time stamps of matplotlib's fonts
    if args.steps < 1:
        raise InputError(f"--steps {args.steps}: the sampler needs one step at least; 3000 are usual")
    spectrum = read_spectrum(args.spectrum, args.column).between(args.l_min, args.l_max)
    prior = Prior(tuple(args.sigma_range), (1.05, 2.5) if args.gamma is None else (_number(args.gamma),) * 2)
    physics = {"transverse_fraction": args.transverse_fraction, "spectral_slope": args.spectral_slope}
    models = ("parallel", "isotropic") if args.model == "both" else (args.model,)
    fits = [fit_spectrum(spectrum, model, prior, args.skies, args.steps, args.seed, **physics) for model in models]
    free = Prior(tuple(args.sigma_range))
    comparison = compare(spectrum, free, args.skies, **physics) if args.compare else None
    if args.json:
        print(json.dumps(fit_dict(fits, comparison)))
    else:
        print("\n\n".join(fit_text(fit) for fit in fits))
        if comparison is not None:
            print(comparison_text(comparison))
    if args.output:
        for path in write_fit(fits, args.output, comparison, Path(args.spectrum).stem):
            if not args.json:
                print(path)
    return 0


def _number(text: str) -> float:
    """5/3 or 1.6667."""
    from fractions import Fraction

    from fluxtube.errors import InputError

    try:
        return float(Fraction(text))
    except (ValueError, ZeroDivisionError):
        raise InputError(f"--gamma {text!r} is no number; 5/3 or 1.6667 would do") from None
