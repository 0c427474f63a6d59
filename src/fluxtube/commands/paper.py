"""`fluxtube paper`: the figures of Zhang & Liu (2025), with simulations and observations on them."""

EPILOG = """\
Draws Fig. 1 (correlation matrix), Fig. 2 (schematic), Fig. 3 left (power spectra) and Fig. 3 right
(mean-square sky over the pitch angle), each as PDF and PNG (--format) with a CSV of its numbers, and prints
their paths. Runs are drawn on theory where they belong; runs with other parameters than the paper's
come with their own theory.

  fluxtube run configs/paper_fig1.toml -o fig1.h5
  fluxtube paper fig1.h5 -o figures
  fluxtube paper --sigma 35 --gamma 3/2 -o figures

The sky of HAWC and IceCube at 10 TeV (2019), as measured from the published picture, is drawn with
both models. A table of a_lm (columns l, m, re, im) with --alm, or a spectrum (columns l, C_l and, if
known, lower, upper: sizes of errors) with --spectrum, takes its place; --no-data leaves it out;
--synthetic draws the shipped SYNTHETIC sky instead. docs/observations.md says where the numbers come from.
"""


WHOLE = "draw spectrum.csv beside it (--spectrum), which was corrected for the mask"


def add_parser(subparsers) -> None:
    """Declare the subcommand."""
    import argparse

    from fluxtube.commands.pictures import PRINT, add_format
    from fluxtube.outputs import add_names

    parser = subparsers.add_parser(
        "paper",
        help="draw the paper's figures",
        description=__doc__,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("runs", metavar="RUN.h5", nargs="*", help="ensembles of parallel and of isotropic transport")
    parser.add_argument("-o", "--output", metavar="DIR", default="paper", help="directory for the figures [%(default)s]")
    add_names(parser, "figure1-*.* figure2-*.* figure3-*.* figure1-*.csv figure3-*.csv")
    add_format(parser, PRINT)
    parser.add_argument("--alm", metavar="TABLE", action="append", default=[], help="observed a_lm, equatorial (repeatable)")
    parser.add_argument("--alm-scale", metavar="X", help="unit of the a_lm, e.g. 1e-4 [1]")
    parser.add_argument("--spectrum", metavar="CSV", action="append", default=[], help="observed C_l (repeatable)")
    parser.add_argument(
        "--label", metavar="NAME", action="append", default=[], help="legend of each --alm, then of each --spectrum, in turn"
    )
    parser.add_argument("--synthetic", action="store_true", help="draw the shipped synthetic sky")
    parser.add_argument("--no-data", action="store_true", help="draw no observed sky")
    add_theory(parser)
    parser.add_argument(
        "--field-direction",
        metavar=("RA", "DEC"),
        nargs=2,
        help="direction of the field for Eq. 17 [deg; 229.2 11.4: Abeysekara et al. 2019]",
    )


def add_theory(parser) -> None:
    """Options that choose the theory, for `paper` and `observe`."""
    parser.add_argument("--config", metavar="TOML", help="theory of this configuration [the run's; the paper's]")
    parser.add_argument("--gamma", metavar="G", help="theory of another spectral index, e.g. 3/2 [5/3]")
    parser.add_argument("--sigma", metavar="S", help="theory of another velocity dispersion [km/s; 23]")


def chosen_theory(args):
    """Settings that the options ask for; None if there is none of them."""
    from typing import Any

    from fluxtube.analysis.paper.settings import Settings
    from fluxtube.commands.numbers import number
    from fluxtube.errors import InputError

    numbers: dict[str, Any] = {
        name: number(text, f"--{name}") for name in ("gamma", "sigma") if (text := getattr(args, name)) is not None
    }
    if args.config is None:
        return Settings(**numbers) if numbers else None
    if numbers:
        raise InputError("--config and --gamma or --sigma exclude each other: change the configuration")
    from fluxtube.sim.config import load_config

    return Settings(config=load_config(args.config))


def direction_of(pair) -> tuple[float, float]:
    """--field-direction, checked; the published one if not given."""
    from fluxtube.analysis.observations.reference import FIELD_DIRECTION, direction_on_sky
    from fluxtube.commands.numbers import number

    return FIELD_DIRECTION if pair is None else direction_on_sky(*(number(text, "--field-direction") for text in pair))


def main(args) -> int:
    """Run the subcommand and return its exit status."""
    from pathlib import Path

    import numpy as np

    from fluxtube.analysis.observations.alm_table import read_alm, refuse_another_unit, synthetic_alm
    from fluxtube.analysis.observations.observed import hawc_icecube_2019
    from fluxtube.analysis.observations.own_tables import PSEUDO_POWER, refuse_pseudo
    from fluxtube.analysis.observations.spectrum_table import read_spectrum
    from fluxtube.analysis.paper.write import write_paper
    from fluxtube.commands.numbers import number
    from fluxtube.commands.pictures import formats_of, quiet_fonts
    from fluxtube.errors import InputError
    from fluxtube.files import written

    quiet_fonts()
    formats, direction, chosen = formats_of(args), direction_of(args.field_direction), chosen_theory(args)
    own = [*args.alm, *args.spectrum]
    if len(args.label) > len(own):
        raise InputError(f"{len(args.label)} labels for {len(own)} tables; each --label names one --alm or --spectrum")
    labels = [*args.label, *(Path(path).stem for path in own[len(args.label) :])]
    if args.alm_scale is not None and not args.alm:
        raise InputError("--alm-scale is the unit of a table: give one by --alm, or leave it out")
    scale = 1.0 if args.alm_scale is None else number(args.alm_scale, "--alm-scale")
    if args.no_data and (own or args.synthetic):
        raise InputError("--no-data excludes --alm, --spectrum and --synthetic")
    skies: list[tuple] = [(label, read_alm(path, scale, WHOLE)) for label, path in zip(labels, args.alm, strict=False)]
    for path, (_, alm) in zip(args.alm, skies, strict=True):
        refuse_another_unit(alm[1:], path)
        if not np.any(np.nan_to_num(alm[2:])):
            raise InputError(f"{path!r} holds no multipole of l >= 2 other than zero; the figures leave the dipole out")
    read = [read_spectrum(path) for path in args.spectrum]
    for path, spectrum in zip(args.spectrum, read, strict=True):
        refuse_pseudo(path, spectrum.remarks, PSEUDO_POWER, WHOLE)
    spectra = [(label, one.columns()) for label, one in zip(labels[len(skies) :], read, strict=True)]
    if args.synthetic:
        skies.append(("SYNTHETIC sky, no observation", synthetic_alm()))
    if not (skies or spectra or args.no_data):
        sky = hawc_icecube_2019()
        skies.append((sky.label, sky.alm, sky.spectrum.columns()))
    for path in written(write_paper(args.output, args.runs, skies, spectra, direction, chosen, formats)):
        print(path)
    return 0
