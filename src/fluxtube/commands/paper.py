"""`fluxtube paper`: the figures of Zhang & Liu (2025), with simulations and observations laid over."""

EPILOG = """\
Draws Fig. 1 (correlation matrix), Fig. 2 (schematic), Fig. 3 left (power spectra) and Fig. 3 right
(mean-square sky over the pitch angle), each as PDF and PNG with a CSV of its numbers, and prints
their paths. Runs are laid over theory where they belong:

  fluxtube run configs/paper_fig1.toml -o fig1.h5
  fluxtube paper fig1.h5 -o figures

No observation is shipped. A table of a_lm (columns l, m, re, im; CSV or ECSV) and a spectrum
(columns l, C_l and, if known, lower, upper) are laid over with --alm and --spectrum; --synthetic
takes the shipped SYNTHETIC sky to show how it looks. docs/observations.md says where data are found.
"""


def add_parser(subparsers) -> None:
    """Declare the subcommand."""
    import argparse

    parser = subparsers.add_parser(
        "paper",
        help="draw the paper's figures",
        description=__doc__,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("runs", metavar="RUN.h5", nargs="*", help="ensembles of parallel and of isotropic transport")
    parser.add_argument("-o", "--output", metavar="DIR", default="paper", help="directory for the figures [%(default)s]")
    parser.add_argument("--alm", metavar="TABLE", action="append", default=[], help="observed a_lm, equatorial (repeatable)")
    parser.add_argument("--alm-scale", metavar="X", type=float, default=1.0, help="unit of the a_lm, e.g. 1e-4 [%(default)s]")
    parser.add_argument("--spectrum", metavar="CSV", action="append", default=[], help="observed C_l (repeatable)")
    parser.add_argument("--synthetic", action="store_true", help="lay the shipped synthetic sky over")
    parser.add_argument(
        "--field-direction",
        metavar=("RA", "DEC"),
        type=float,
        nargs=2,
        help="direction of the field for Eq. 17 [deg; 229.2 11.4: Abeysekara et al. 2019]",
    )


def main(args) -> int:
    """Run the subcommand and return its exit status."""
    import logging
    from pathlib import Path

    from fluxtube.analysis.observations.alm_table import read_alm, synthetic_alm
    from fluxtube.analysis.observations.reference import FIELD_DIRECTION
    from fluxtube.analysis.observations.spectrum_table import read_spectrum
    from fluxtube.analysis.paper.write import write_paper

    logging.getLogger("fontTools").setLevel(logging.ERROR)  # it wonders about the time stamps of matplotlib's fonts
    skies = [(Path(path).stem, read_alm(path, args.alm_scale)) for path in args.alm]
    if args.synthetic:
        skies.append(("SYNTHETIC sky, no observation", synthetic_alm()))
    spectra = [(Path(path).stem, read_spectrum(path).columns()) for path in args.spectrum]
    direction = FIELD_DIRECTION if args.field_direction is None else tuple(args.field_direction)
    for path in write_paper(args.output, args.runs, skies, spectra, direction):
        print(path)
    return 0
