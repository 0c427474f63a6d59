"""`fluxtube merge`: parts of a run joined to the whole."""

import argparse
from pathlib import Path

DESCRIPTION = """\
Join the parts of a run that were made with `fluxtube run ... --part I/N`, for example by an array of jobs:

  for i in 1 2 3; do fluxtube run CONFIG -o part-$i.h5 --part $i/3; done
  fluxtube merge part-*.h5 -o run.h5

The result has the same bits as a run in one go. Parts that overlap or are missing are refused by name.
"""


def add_parser(subparsers) -> None:
    """Declare the subcommand."""
    parser = subparsers.add_parser(
        "merge", help="join the parts of a run", description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", metavar="PART.h5", nargs="+", help="files of all parts, in any order")
    parser.add_argument("-o", "--output", metavar="FILE", required=True, help="HDF5 file to write")
    parser.add_argument("--force", action="store_true", help="replace an existing output file")
    parser.add_argument("-q", "--quiet", action="store_true", help="no summary")


def main(args) -> int:
    """Merge on one process."""
    from fluxtube.errors import InputError
    from fluxtube.files import refuse_inputs
    from fluxtube.sim.run.communicator import SerialCommunicator
    from fluxtube.sim.store.lock import locked
    from fluxtube.sim.store.merge import merge_parts
    from fluxtube.sim.store.place import check_writable, output_place
    from fluxtube.sim.store.provenance import provenance
    from fluxtube.sim.store.writer import write_ensemble

    output = output_place(Path(args.output))
    refuse_inputs(output, args.parts)
    with locked(output):
        check_writable(output)
        if output.exists() and not args.force:
            raise InputError(f"{str(output)!r} exists already; give another name, or --force to replace it")
        config, result = merge_parts([Path(part) for part in args.parts])
        write_ensemble(output, config, result, provenance(SerialCommunicator(), 1), result.seconds)
    if not args.quiet:
        print(f"{args.output}: {result.accumulator.count} realisations from {len(args.parts)} parts")
    return 0
