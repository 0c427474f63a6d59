"""`fluxtube run`: simulate an ensemble and store it."""

import argparse
import sys
import time
import traceback
from pathlib import Path

from fluxtube.errors import InputError

DESCRIPTION = """\
Simulate an ensemble of skies and store its moments in an HDF5 file.

The result does not depend on the number of ranks or threads. On one process, or on several:

  fluxtube run configs/quickstart.toml -o run.h5
  mpirun -n 4 fluxtube run configs/quickstart.toml -o run.h5
  srun fluxtube run configs/cluster.toml -o run.h5

Any key of the configuration can be set from here:

  fluxtube run configs/quickstart.toml -o steep.h5 --set turbulence.gamma=1.8 --set "transport.mean_free_path=3 pc"
"""


def add_parser(subparsers) -> None:
    """Declare the subcommand."""
    parser = subparsers.add_parser(
        "run",
        help="simulate an ensemble of skies",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("config", metavar="CONFIG", help="configuration, a TOML file")
    parser.add_argument("-o", "--output", metavar="FILE", required=True, help="HDF5 file to write")
    parser.add_argument("--force", action="store_true", help="replace an existing output file")
    parser.add_argument("--set", metavar="KEY=VALUE", action="append", default=[], dest="overrides", help="set a key of the configuration; repeatable")
    parser.add_argument("--threads", metavar="N", type=_positive, help="threads of each rank (default: SLURM_CPUS_PER_TASK, else the node's cores shared by its ranks)")  # fmt: skip
    parser.add_argument("-q", "--quiet", action="store_true", help="no progress, no summary")


def _positive(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return int(text)


def main(args) -> int:
    """Run; every rank leaves with the same status, and only the root speaks."""
    from fluxtube.sim.communicator import connect

    communicator = connect()
    try:
        return _run(args, communicator)
    except InputError:
        if communicator.rank == 0:
            raise
        return 2
    except KeyboardInterrupt:
        if communicator.size > 1:
            print(f"fluxtube: rank {communicator.rank} interrupted; nothing was written", file=sys.stderr, flush=True)
            communicator.abort(130)
        raise
    except BaseException:
        # One rank that leaves alone would let the others wait for ever.
        if communicator.size > 1:
            traceback.print_exc()
            communicator.abort(1)
        raise


def _run(args, communicator) -> int:
    start = time.perf_counter()
    path = Path(args.output)
    config = _together(communicator, lambda: _prepare(args, path))

    from fluxtube.sim.ensemble import run_ensemble
    from fluxtube.sim.output import write_ensemble
    from fluxtube.sim.provenance import provenance
    from fluxtube.sim.threads import threads_per_rank

    threads = threads_per_rank(communicator.ranks_on_node, args.threads)
    result = run_ensemble(config, communicator, threads, quiet=args.quiet)
    if communicator.rank == 0:
        seconds = {**result.seconds, "total": time.perf_counter() - start}
        _together(communicator, lambda: write_ensemble(path, config, result, provenance(communicator, threads), seconds))
        if not args.quiet:
            _summarise(path, config, result, communicator.size, threads)
    else:
        _together(communicator, None)
    return 0


def _together(communicator, action):
    """The root does it; all ranks get its result, or its InputError."""
    outcome = None
    if communicator.rank == 0:
        try:
            outcome = action(), None
        except InputError as error:
            outcome = None, str(error)
    result, message = communicator.broadcast(outcome)
    if message is not None:
        raise InputError(message)
    return result


def _prepare(args, path: Path):
    """Configuration and output, checked before any work."""
    from fluxtube.sim.config import load_config
    from fluxtube.sim.config.checks import check_runnable
    from fluxtube.sim.output import check_output

    config = load_config(args.config, args.overrides)
    for warning in check_runnable(config):
        print(f"fluxtube: warning: {warning}", file=sys.stderr)
    check_output(path, args.force)
    return config


def _summarise(path: Path, config, result, ranks: int, threads: int) -> None:
    count, seconds = result.accumulator.count, result.seconds["ensemble"]
    print(
        f"{path}: {count} realisations by {config.sampling.estimator}, flow {config.sampling.flow}, "
        f"in {seconds:.2f} s ({count / seconds:.3g}/s) on {ranks} rank{'s' * (ranks > 1)} x {threads} thread{'s' * (threads > 1)}"
    )
