"""`fluxtube fit`: sigma, gamma and the model from an observed angular power spectrum."""

EPILOG = """\
SPECTRUM is a table with the columns l and C_l (or l_min, l_max, C_l for bins) of the relative intensity; its
columns error (or lower, upper) and noise are used where it has them. lower and upper are sizes of
errors, C_l - its lower end and its upper end - C_l, not the ends. hawc-icecube-2019 is the spectrum of
Abeysekara et al. (2019) as measured from the published picture, with its noise and m = 0 lost. For one sky of isotropic
diffusion, (2l+1) C_l/<C_l> is chi-squared with 2l+1 degrees of freedom. A sky of parallel diffusion
has one multipole a degree, correlated with those of l +- 2, 4, ..., whose signs are not in C_l:
they are summed over where there is no noise. --skies N says that the table is the mean of N skies.

  fluxtube fit observed.csv --noise 3e-10 --m0-lost --compare -o fit
  fluxtube fit observed.csv --noise 1e-10:1e-9        level of the noise fitted too
  fluxtube fit hawc-icecube-2019 --l-max 14 --compare
  fluxtube fit theory.csv --column isotropic_C_l --skies 1000 --model parallel --gamma 5/3 --l-min 10

What is meant by sigma is the velocity dispersion at the scale of the mean free path; an infinite
inertial range and fixed free paths are assumed. docs/fits.md says more.
"""


def add_parser(subparsers) -> None:
    """Declare the subcommand."""
    import argparse

    from fluxtube.commands.pictures import PRINT, add_format
    from fluxtube.outputs import add_names

    parser = subparsers.add_parser(
        "fit",
        help="fit sigma and gamma to an observed spectrum",
        description=__doc__,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "spectrum", metavar="SPECTRUM", help="table with the columns l and C_l (CSV or ECSV), or hawc-icecube-2019"
    )
    parser.add_argument("--column", metavar="NAME", help="column to take for C_l")
    parser.add_argument(
        "--model", choices=("parallel", "isotropic", "both"), default="both", help="transport to fit [%(default)s]"
    )
    parser.add_argument("--gamma", metavar="G", help="fix gamma, e.g. 5/3 [free from 1.05 to 2.5]")
    parser.add_argument("--l-min", metavar="N", default="2", help="first degree [%(default)s]")
    parser.add_argument("--l-max", metavar="N", default="2000", help="last degree [end of the table]")
    parser.add_argument("--skies", metavar="N", help="number of skies in the mean C_l of the table [1]")
    parser.add_argument("--noise", metavar="N_l", help="noise contained in C_l: a level, or LOW:HIGH to fit it [0]")
    parser.add_argument("--noise-subtracted", metavar="N_l", help="noise that was subtracted from C_l; C_l may be below zero")
    parser.add_argument("--sky-fraction", metavar="F", default="1", help="observed fraction of the sky [%(default)s]")
    parser.add_argument("--m0-lost", action="store_true", help="rings of declination were normalised: 2l orders, not 2l + 1")
    parser.add_argument("--covariance", metavar="CSV", help="covariance of C_l, a square of numbers: its correlations are used")
    parser.add_argument("--mixing-matrix", metavar="CSV", help="C_l are pseudo-power: rows of the table, columns l = 2, 3, ...")
    parser.add_argument("--transverse-fraction", metavar="BETA", default="2/3", help="beta of the turbulence [%(default)s]")
    parser.add_argument(
        "--density-response", choices=("none", "steady"), default="none", help="isotropic part of f [%(default)s]"
    )
    parser.add_argument(
        "--free-path-observed", choices=("end", "in-flight"), default="end", help="where a particle is observed [%(default)s]"
    )
    parser.add_argument("--spectral-slope", metavar="S", default="-4.7", help="dln f/dln p of the particles [%(default)s]")
    parser.add_argument(
        "--sigma-range", metavar=("LOW", "HIGH"), nargs=2, default=("1", "1000"),
        help="range of sigma in its prior [km/s; 1 1000]",
    )
    parser.add_argument("--compare", action="store_true", help="evidence of both models with gamma free, 5/3 and 3/2")
    parser.add_argument("--steps", metavar="N", default="3000", help="steps of each of 32 walkers [%(default)s]")
    parser.add_argument("--seed", metavar="N", default="1", help="seed of the sampler [%(default)s]")
    parser.add_argument("-o", "--output", metavar="DIR", help="write figures, tables, samples and a summary there")
    add_names(parser, "spectrum.* corner-*.* spectrum-*.csv samples-*.csv chain-*.txt chain-*.paramnames chain-*.ranges fit.json")
    add_format(parser, PRINT, with_output=True)
    parser.add_argument("--json", action="store_true", help="print one JSON object in place of the text")


def main(args) -> int:
    """Run the subcommand and return its exit status."""
    from pathlib import Path

    from fluxtube.analysis.fit.fit import compare, fit_spectrum
    from fluxtube.analysis.fit.posterior import Prior
    from fluxtube.analysis.fit.report import comparison_text, fit_dict, fit_text, write_fit
    from fluxtube.analysis.inference.sky_input import SHIPPED
    from fluxtube.analysis.observations.observed import hawc_icecube_2019
    from fluxtube.analysis.observations.spectrum_table import read_spectrum
    from fluxtube.commands.numbers import count, number
    from fluxtube.commands.pictures import formats_of, quiet_fonts
    from fluxtube.errors import InputError
    from fluxtube.files import written
    from fluxtube.plain import as_json
    from fluxtube.theory.kinetic import kinetic_law

    quiet_fonts()
    formats = formats_of(args)
    steps, seed, skies = count(args.steps, "--steps"), count(args.seed, "--seed", 0), count(args.skies or "1", "--skies")
    shipped = hawc_icecube_2019() if args.spectrum == SHIPPED else None
    if shipped is not None and args.column is not None:
        raise InputError(f"{SHIPPED} has one spectrum; leave --column {args.column} out")
    whole = read_spectrum(args.spectrum, args.column) if shipped is None else shipped.spectrum
    if shipped is None:
        _say_what_it_holds(args, whole.remarks)
    first, last = count(args.l_min, "--l-min", 2), count(args.l_max, "--l-max", 2)
    spectrum = whole.between(first, last)
    kept = spectrum.rows if spectrum.rows is not None else list(range(len(spectrum.l)))
    low, high = (number(text, "--sigma-range") for text in args.sigma_range)
    sigma_range = low, high
    prior = Prior(sigma_range, (1.05, 2.5) if args.gamma is None else (number(args.gamma, "--gamma"),) * 2)
    slope = number(args.spectral_slope, "--spectral-slope")
    if not 1e-6 <= abs(slope) <= 100:
        raise InputError(f"--spectral-slope {slope:g}: a number such as -4.7, at most 100 and not zero, is needed")
    settings = {
        "transverse_fraction": number(args.transverse_fraction, "--transverse-fraction"),
        "spectral_slope": slope,
        "law": kinetic_law("fixed", None, args.density_response, args.free_path_observed),
        "noise": _level(args.noise, "--noise"),
        "noise_subtracted": _level(args.noise_subtracted, "--noise-subtracted"),
        "sky_fraction": number(args.sky_fraction, "--sky-fraction"),
        "lost_m0": args.m0_lost or shipped is not None,
        "covariance": _matrix(args.covariance, "--covariance", whole, kept),
        "mixing": _matrix(args.mixing_matrix, "--mixing-matrix", whole, kept),
    }
    models = ("parallel", "isotropic") if args.model == "both" else (args.model,)
    fits = [fit_spectrum(spectrum, model, prior, skies, steps, seed, **settings) for model in models]
    comparison = compare(spectrum, Prior(sigma_range), skies, **settings) if args.compare else None
    if args.json:
        print(as_json(fit_dict(fits, comparison)))
    else:
        print("\n\n".join(fit_text(fit) for fit in fits))
        if comparison is not None:
            print(comparison_text(comparison))
    if args.output:
        label = Path(args.spectrum).stem if shipped is None else shipped.label
        for path in written(write_fit(fits, args.output, comparison, label, formats)):
            if not args.json:
                print(path)
    return 0


def _say_what_it_holds(args, remarks) -> None:
    """Refuse tables of this program that a fit of plain C_l of one sky would misread."""
    from fluxtube.analysis.observations.own_tables import PSEUDO_POWER, refuse_pseudo, skies_in_mean
    from fluxtube.errors import InputError

    if args.mixing_matrix is None:
        refuse_pseudo(args.spectrum, remarks, PSEUDO_POWER, "give --mixing-matrix and what else its head names")
    skies = skies_in_mean(remarks) if args.skies is None else None
    if skies is not None and skies > 1:
        raise InputError(
            f"{args.spectrum!r} is of {skies} realisations, as its head says; give --skies {skies} for their mean, "
            "--skies 1 for C_l of one sky"
        )


def _level(text: str | None, name: str):
    """3e-10, or 1e-10:1e-9 as a pair."""
    from fluxtube.commands.numbers import number

    if text is None:
        return None
    parts = [number(part, name) for part in text.split(":")]
    return tuple(parts) if len(parts) == 2 else parts[0] if len(parts) == 1 else number(text, name)


def _matrix(path, option: str, spectrum, kept):
    """Matrix of a file for the rows of the table that are fitted; columns that name degrees must name those they stand for."""
    import re

    import numpy as np

    from fluxtube.errors import InputError
    from fluxtube.tables import read_table

    if path is None:
        return None
    table = read_table(path)
    matrix, square = table.matrix(), option == "--covariance"
    if len(matrix) != len(spectrum.l) or (square and matrix.shape[0] != matrix.shape[1]):
        shape = " x ".join(map(str, matrix.shape))
        raise InputError(f"{path!r} is a matrix of {shape}, the spectrum has {len(spectrum.l)} rows")
    in_file = np.argsort(spectrum.rows) if spectrum.rows is not None else np.arange(len(spectrum.l))
    wanted = spectrum.l[in_file] if square else np.arange(2, matrix.shape[1] + 2)
    named = [re.fullmatch(r"(?:l|ell|c_?l?_?)\s*=?\s*(\d+)", name) for name in table.names]
    for match, l in zip(named, wanted.tolist(), strict=False):
        if match and int(match[1]) != l and all(named):
            raise InputError(
                f"{option} {path!r}: a column named {match[0]!r} stands where that of l = {l} belongs; "
                + ("columns come in the order of the spectrum's rows" if square else "columns are those of l = 2, 3, ...")
            )
    return matrix[np.ix_(kept, kept)] if square else matrix[kept]
