"""`fluxtube sky`: a run's skies as a HEALPix FITS file."""

EPILOG = """\
Columns MEAN and MEAN_SQUARE of the ensemble and SKY_0, SKY_1, ... of the realisations that were kept (output.skies);
SKY_0_1_TEV, ...: the same realisation at the run's other energies (or SKY_0_3_PC, its other mean free paths);
Delta f/f, no dimension; ORDERING RING; COORDSYS C for sky.frame = "equatorial". Needs healpy: pip install fluxtube[fits].

  fluxtube run configs/quickstart.toml -o run.h5 --set sky.frame=equatorial
  fluxtube sky run.h5 -o sky.fits
"""


def add_parser(subparsers) -> None:
    """Declare the subcommand."""
    import argparse

    parser = subparsers.add_parser(
        "sky",
        help="write a run's skies as FITS",
        description=__doc__,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("run", metavar="RUN.h5", help="ensemble file written by `fluxtube run`")
    parser.add_argument("-o", "--output", metavar="FILE", required=True, help="FITS file to write")
    parser.add_argument("--force", action="store_true", help="replace an existing FITS file")


def main(args) -> int:
    """Run the subcommand and return its exit status."""
    from fluxtube.analysis.observations.fits_sky import write_sky
    from fluxtube.sim.store.reader import read_ensemble

    ensemble = read_ensemble(args.run)
    columns = write_sky(ensemble, args.output, args.force, skies_of_other_energies(ensemble))
    print(f"{args.output}: {', '.join(columns)}")
    return 0


def skies_of_other_energies(ensemble) -> dict:
    """Columns SKY_0_1_TEV, ...: the kept realisations, drawn again, as particles of the run's other energies see them."""
    from typing import Any

    from fluxtube.analysis.energies import names
    from fluxtube.realisation import Realisation

    config = ensemble.config
    columns: dict[str, Any] = {}
    if len(config.transport.seen_paths) < 2 or config.ensemble.field_directions != "fixed":
        return columns
    for number in range(len(ensemble.samples_sky)):
        drawn = Realisation(config, number)
        for seen, name in enumerate(names(config)[1:], start=1):
            columns[f"SKY_{number}_{name.replace(' ', '_').upper()}"] = drawn.sky(config.sky.nside, seen)
    return columns
