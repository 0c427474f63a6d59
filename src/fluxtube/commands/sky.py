"""`fluxtube sky`: a run's skies as a HEALPix FITS file."""

EPILOG = """\
Columns MEAN and MEAN_SQUARE of the ensemble and SKY_0, SKY_1, ... of the realisations that were kept (output.skies);
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
    parser.add_argument("--force", action="store_true", help="replace an existing output file")


def main(args) -> int:
    """Run the subcommand and return its exit status."""
    from fluxtube.analysis.observations.fits_sky import write_sky
    from fluxtube.sim.store.reader import read_ensemble

    columns = write_sky(read_ensemble(args.run), args.output, args.force)
    print(f"{args.output}: {', '.join(columns)}")
    return 0
