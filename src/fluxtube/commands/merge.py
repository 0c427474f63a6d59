"""`fluxtube merge`: parts of a run joined to the whole."""

import argparse
from pathlib import Path

DESCRIPTION = """\
Join the parts of a run that were made with `fluxtube run ... --part I/N`, for example by an array of jobs:

  for i in 1 2 3; do fluxtube run CONFIG -o part-$i.h5 --part $i/3; done
  fluxtube merge part-*.h5 -o run.h5

The result has the same bits as one single run. Parts that overlap or are missing are refused by name.

With --resume each of several jobs can run it. It waits for another job that joins the same parts, keeps a complete output,
replaces it after the parts were continued with more realisations, and ends with status 75 while a part is missing or not
yet continued.
"""
NOT_YET = 75  # EX_TEMPFAIL of sysexits.h: try again later
PATIENCE = 600.0  # s
EPILOG = "exit status: 0 joined, 2 bad input, 75 (with --resume) not all parts are there yet"


def add_parser(subparsers) -> None:
    """Declare the subcommand."""
    parser = subparsers.add_parser(
        "merge",
        help="join the parts of a run",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("parts", metavar="PART.h5", nargs="+", help="files of all parts, in any order")
    parser.add_argument("-o", "--output", metavar="FILE", required=True, help="HDF5 file to write")
    earlier = parser.add_mutually_exclusive_group()
    earlier.add_argument("--force", action="store_true", help="replace an existing output file")
    earlier.add_argument("--resume", action="store_true", help="join the parts once all are complete; see above")
    parser.add_argument("-q", "--quiet", action="store_true", help="no summary")


def main(args) -> int:
    """Merge on one process."""
    from fluxtube.errors import InputError
    from fluxtube.failures import say
    from fluxtube.files import refuse_inputs
    from fluxtube.sim.run.communicator import SerialCommunicator
    from fluxtube.sim.store.lock import locked
    from fluxtube.sim.store.merge import joined_already, merge_parts, not_joined_yet
    from fluxtube.sim.store.place import check_writable, output_place, require_ensemble
    from fluxtube.sim.store.provenance import provenance
    from fluxtube.sim.store.writer import write_ensemble

    output = output_place(Path(args.output))
    parts = [Path(part) for part in args.parts]
    refuse_inputs(output, parts)
    with locked(output, PATIENCE if args.resume else 0.0):
        check_writable(output)
        if args.resume:
            reason = not_joined_yet(parts)
            if reason:
                say(f"not joined yet: {reason}")
                return NOT_YET
            if output.exists() and joined_already(output, parts):
                if not args.quiet:
                    print(f"{args.output}: complete already")
                return 0
        elif output.exists() and not args.force:
            raise InputError(f"{str(output)!r} exists already; give another name, or --force to replace it")
        require_ensemble(output)
        config, result = merge_parts(parts)
        write_ensemble(output, config, result, provenance(SerialCommunicator(), 1), result.seconds)
    if not args.quiet:
        print(f"{args.output}: {result.accumulator.count} realisations from {len(parts)} parts")
    return 0
