"""`fluxtube run`: simulate an ensemble and store it."""

import argparse
import sys
from pathlib import Path

from fluxtube.errors import InputError
from fluxtube.failures import say
from fluxtube.plugins import load_plugins

DESCRIPTION = """\
Simulate an ensemble of skies and store its moments in an HDF5 file.

The result does not depend on the number of ranks or threads. On one process, or on several:

  fluxtube run configs/quickstart.toml -o run.h5
  mpirun -n 4 fluxtube run configs/quickstart.toml -o run.h5
  srun fluxtube run configs/cluster.toml -o run.h5

Its cost, before it is started:

  fluxtube run configs/cluster.toml --dry-run --threads 4 --ranks 64

Any key of the configuration can be set from here:

  fluxtube run configs/quickstart.toml -o steep.h5 --set turbulence.gamma=1.8 --set "turbulence.sigma=50 km/s"

SIGTERM, SIGUSR1, SIGUSR2, SIGHUP, SIGXCPU, SIGINT (Ctrl-C), --max-time and the time limit of a SLURM job make it save its
state and end with status 85; --resume continues from there, on any number of ranks, and ends in the same bits. With more
realisations in the configuration, --resume extends a finished run.
"""

UNFINISHED = 85  # as HTCondor and others have it: evicted with a checkpoint, start again
EPILOG = """\
exit status: 0 finished, 2 bad input, 70 a bug in fluxtube, 85 stopped before the end with everything saved: --resume
continues from there, 130 interrupted a second time
"""


def add_parser(subparsers) -> None:
    """Declare the subcommand."""
    parser = subparsers.add_parser(
        "run",
        help="simulate an ensemble of skies",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("config", metavar="CONFIG", help="configuration, a TOML file")
    parser.add_argument("-o", "--output", metavar="FILE", help="HDF5 file to write; --dry-run needs none")
    earlier = parser.add_mutually_exclusive_group()
    earlier.add_argument("--resume", action="store_true", help="continue from what was saved, if anything was")
    earlier.add_argument("--force", action="store_true", help="start again and replace an existing output file")
    parser.add_argument(
        "--set",
        metavar="KEY=VALUE",
        action="append",
        default=[],
        dest="overrides",
        help="set a key of the configuration; repeatable",
    )
    cores = "SLURM_CPUS_PER_TASK, else the node's cores shared by its ranks"
    parser.add_argument("--threads", metavar="N", type=_positive, help=f"threads of each rank [{cores}]")
    parser.add_argument("--part", metavar="I/N", type=_part, help="simulate part I of N, for `fluxtube merge`")
    parser.add_argument("--max-time", metavar="TIME", type=_duration, help="stop after this time: 3600, 90m, 2h, 1-12:00:00")
    pause = "time between checkpoints [60 s, longer where they take long]"
    parser.add_argument("--checkpoint-every", metavar="TIME", type=_duration, help=pause)
    parser.add_argument(
        "--dry-run", action="store_true", help="check everything, time a block, print the cost; no file"
    )
    parser.add_argument("--ranks", metavar="N", type=_positive, help="with --dry-run: estimate for N ranks")
    parser.add_argument("-q", "--quiet", action="store_true", help="print neither progress nor summary")


def _positive(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return int(text)


def _part(text: str) -> tuple[int, int]:
    numbers = text.split("/")
    counted = len(numbers) == 2 and text.isascii() and all(number.isdigit() for number in numbers)
    if not counted or not 1 <= int(numbers[0]) <= int(numbers[1]):
        raise argparse.ArgumentTypeError(f"{text!r} is not a part; write for example 3/10, counted from 1")
    return int(numbers[0]), int(numbers[1])


def _duration(text: str) -> float:
    from fluxtube.sim.run.time_limit import parse_duration

    try:
        return parse_duration(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _dry_run(args) -> int:
    """Say what the run costs."""
    from fluxtube.sim.config import load_config
    from fluxtube.sim.engine.feasible import check_runnable
    from fluxtube.sim.rehearsal import rehearse
    from fluxtube.sim.run.assignment import WHOLE
    from fluxtube.sim.run.threads import threads_per_rank
    from fluxtube.sim.store.place import check_writable, output_place

    config = load_config(args.config, args.overrides)
    warnings = check_runnable(config)
    for warning in warnings:
        say(f"warning: {warning}")
    if args.output:
        check_writable(output_place(Path(args.output)))
    cost = rehearse(config, threads_per_rank(1, args.threads), args.part or WHOLE)
    print(f"checks   {'see the warnings' if warnings else 'no problem found'}\n{cost.text(args.ranks or 1)}")
    return 0


def main(args) -> int:
    """Run; every rank leaves with the same status, and only the root speaks."""
    if args.dry_run:
        return _dry_run(args)
    if args.output is None:
        raise InputError("give the name of the file to write: -o FILE")
    if args.ranks is not None:
        raise InputError("--ranks goes with --dry-run; ranks are started by mpirun or srun")
    from fluxtube.commands.ranks import leave_unfinished, on_all_ranks
    from fluxtube.sim.run.communicator import connect

    # Before the heavy imports: SLURM's PMI cuts lines of 1024 characters, and MPICH's addresses, written with whatever was in
    # their memory and short as long as that is zeros, grow longer in a heap that has been used.
    communicator = connect()

    from fluxtube.sim.session import Request, run_session

    request = Request(
        config=Path(args.config),
        overrides=args.overrides,
        output=Path(args.output),
        resume=args.resume,
        force=args.force,
        threads=args.threads,
        part=args.part,
        max_seconds=args.max_time,
        checkpoint_seconds=args.checkpoint_every,
        quiet=args.quiet,
    )

    def work():
        load_plugins(args.plugins)
        return run_session(request, communicator)

    outcome = on_all_ranks(communicator, work)
    if outcome is None:
        return 2
    if communicator.rank == 0 and (outcome.left or not args.quiet):
        print(
            f"fluxtube: {outcome.summary}" if outcome.left else outcome.summary,
            file=sys.stderr if outcome.left else sys.stdout,
            flush=True,
        )
    if not outcome.left:
        return 0
    return leave_unfinished(communicator, UNFINISHED)
