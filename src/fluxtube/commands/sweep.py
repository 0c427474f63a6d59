"""`fluxtube sweep`: a grid of runs on the same flows, and derivatives of C_l by its parameters."""

import argparse
from pathlib import Path

DESCRIPTION = """\
Run a grid of configurations that see the same random flows, and say how C_l depends on its parameters.

A key that is given several values, with commas, is a parameter of the grid; several such keys make all combinations:

  fluxtube sweep configs/sweep.toml --set turbulence.gamma=1.4,1.5,5/3 -o gamma
  fluxtube sweep configs/sweep.toml --set "turbulence.sigma=20 km/s,25 km/s" --set turbulence.gamma=1.5,5/3 -o grid
  mpirun -n 4 fluxtube sweep configs/sweep.toml --set turbulence.gamma=1.4,1.5,5/3 -o gamma --resume

DIR holds one ordinary run file a point, which every other command reads, and

  spectra.csv      parameters, l, C_l, its error, theory
  derivatives.csv  d ln C_l and dC_l by each parameter between neighbours: error of paired realisations, error
                   without pairing, theory, correlation of the two points
  sweep.png        C_l and its derivatives against the parameters, with theory

Random numbers depend on the seed and the realisation alone, so that neighbouring points see the same flows and most
of their scatter drops out of differences (docs/sweep.md). --resume keeps what is finished, continues what was
interrupted, and takes more values of the same parameters. Signals, --max-time and SLURM's limit stop it as they
stop `fluxtube run`; any number of ranks gives the same bits.
"""


def add_parser(subparsers) -> None:
    """Declare the subcommand."""
    from fluxtube.commands.pictures import add_format
    from fluxtube.commands.run import EPILOG, _duration, _positive
    from fluxtube.outputs import add_names

    parser = subparsers.add_parser(
        "sweep",
        help="simulate a grid of parameters on the same flows",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("config", metavar="CONFIG", help="configuration, a TOML file")
    parser.add_argument(
        "--set", metavar="KEY=VALUE[,VALUE...]", action="append", default=[], dest="sets",
        help="several values make a parameter of the grid, one sets a key at all points; repeatable",
    )  # fmt: skip
    parser.add_argument("-o", "--output", metavar="DIR", required=True, help="directory of the runs; made where there is none")
    parser.add_argument("--resume", action="store_true", help="continue the sweep that DIR holds, if it holds one")
    parser.add_argument("--degrees", metavar="L,L,...", help="degrees that are printed and drawn [2,5,10,20,50]")
    add_names(parser, "sweep.json spectra.csv derivatives.csv sweep.*")
    add_format(parser)
    parser.add_argument("--threads", metavar="N", type=_positive, help="threads of each rank [as of fluxtube run]")
    parser.add_argument("--max-time", metavar="TIME", type=_duration, help="leave after so long: 3600, 90m, 2h, 1-12:00:00")
    pause = "time between commits to disk [60 s, longer where they take long]"
    parser.add_argument("--checkpoint-every", metavar="TIME", type=_duration, help=pause)
    parser.add_argument("--json", action="store_true", help="print one JSON object in place of the text")
    parser.add_argument("-q", "--quiet", action="store_true", help="no progress, no table")


def main(args) -> int:
    """Run the grid; every rank leaves with the same status, and only the root speaks and draws."""
    from fluxtube.commands.ranks import leave_unfinished, on_all_ranks
    from fluxtube.commands.run import UNFINISHED
    from fluxtube.failures import say
    from fluxtube.plugins import load_plugins
    from fluxtube.sim.run.communicator import connect, on_root

    communicator = connect()  # before the heavy imports, as `fluxtube run` does

    from fluxtube.sim.sweep.session import SweepRequest, prepare_sweep, run_sweep

    request = SweepRequest(
        Path(args.config), args.sets, Path(args.output), resume=args.resume, threads=args.threads, max_seconds=args.max_time,
        checkpoint_seconds=args.checkpoint_every, quiet=args.quiet or args.json,
    )  # fmt: skip
    seen: dict = {}

    def judge(grid) -> None:
        """On the root, before any work: theory of every point, and degrees that can be shown."""
        from fluxtube.analysis.pairs import FEWEST
        from fluxtube.analysis.sweep.derivatives import theories
        from fluxtube.commands.pictures import formats_of
        from fluxtube.outputs import check_directory
        from fluxtube.sim.run.log import LOG

        check_directory(Path(args.output), args.writes)
        kept = min(min(point.config.output.multipoles, point.config.ensemble.realisations) for point in grid.points)
        if kept < FEWEST:
            LOG.warning(
                f"the multipoles of {kept} realisations are kept, and paired errors need {FEWEST}: they stay empty; set "
                "output.multipoles=1000"
            )
        l_max = min(point.config.sky.l_max for point in grid.points)
        seen["formats"] = formats_of(args)
        seen["degrees"] = _degrees(args.degrees, l_max)
        seen["theory"] = theories(grid)

    def finished(line: str) -> None:
        if communicator.rank == 0 and not request.quiet:
            print(line, flush=True)

    def work():
        load_plugins(args.plugins)
        grid = prepare_sweep(request, communicator, judge)
        outcome = run_sweep(request, grid, communicator, finished)
        if not outcome.left:
            on_root(communicator, lambda: _conclude(args, grid, seen), broadcast=False)
        return outcome

    outcome = on_all_ranks(communicator, work)
    if outcome is None:
        return 2
    if not outcome.left:
        return 0
    if communicator.rank == 0:
        say(outcome.summary)
    return leave_unfinished(communicator, UNFINISHED)


def _degrees(text: str | None, l_max: int) -> tuple[int, ...]:
    """Degrees to show, of "2,5,10"."""
    from fluxtube.analysis.sweep.figure import usual_degrees
    from fluxtube.commands.numbers import count

    if text is None:
        return usual_degrees(l_max)
    return tuple(sorted({count(part, "--degrees", 2, l_max) for part in text.split(",")}))


def _conclude(args, grid, seen: dict) -> None:
    """Tables, figure and what is printed."""
    from fluxtube.analysis.sweep.derivatives import measure
    from fluxtube.analysis.sweep.write import sweep_dict, sweep_text, write_sweep
    from fluxtube.commands.pictures import quiet_fonts
    from fluxtube.files import written
    from fluxtube.plain import as_json

    quiet_fonts()
    sweep = measure(grid, Path(args.output), seen["theory"])
    paths = written(write_sweep(sweep, Path(args.output), seen["degrees"], seen["formats"]))
    if args.json:
        print(as_json(sweep_dict(sweep)))
    elif not args.quiet:
        print(sweep_text(sweep, seen["degrees"]))
        for path in paths:
            print(path)
