"""`fluxtube submit`: write a batch script for SLURM, show it, and submit it."""

import argparse
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

DESCRIPTION = """\
Write a SLURM batch script for a run, show it, and submit it where there is an sbatch.

  fluxtube submit configs/cluster.toml -o run.h5 --nodes 8 --tasks-per-node 32 --time 12:00:00
  fluxtube submit configs/cluster.toml -o run.h5 --array 20 --mem 4G --module mpi/mpich --setup "source .venv/bin/activate"
  fluxtube submit configs/cluster.toml -o run.h5 --dry-run

The job stops before its time limit, queues itself again, and continues until the run is finished.
"""


def add_parser(subparsers) -> None:
    """Declare the subcommand."""
    parser = subparsers.add_parser(
        "submit", help="submit a run to SLURM", description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("config", metavar="CONFIG", help="configuration, a TOML file")
    parser.add_argument("-o", "--output", metavar="FILE", required=True, help="HDF5 file to write")
    parser.add_argument("--set", metavar="KEY=VALUE", action="append", default=[], dest="overrides", help="set a key; repeatable")
    parser.add_argument("--nodes", type=int, default=1, help="number of nodes [%(default)s]")
    parser.add_argument("--tasks-per-node", type=int, default=1, help="MPI ranks of each node [%(default)s]")
    parser.add_argument("--cpus-per-task", type=int, default=1, help="threads of each rank [%(default)s]")
    parser.add_argument("--time", default="01:00:00", help="time limit of each start, in the form of sbatch [%(default)s]")
    parser.add_argument("--array", metavar="N", type=int, default=1, help="make N independent parts, joined by the last")
    parser.add_argument("--partition", help="partition to run in")
    parser.add_argument("--account", help="account to charge")
    parser.add_argument("--qos", help="quality of service")
    parser.add_argument("--constraint", help="features that nodes must have")
    parser.add_argument("--mem", help="memory of each node, such as 16G")
    parser.add_argument("--mpi", default="pmi2", help="srun --mpi, the interface to the MPI library: pmi2, pmix [%(default)s]")
    parser.add_argument("--module", metavar="NAME", action="append", default=[], help="module to load before the run; repeatable")
    parser.add_argument(
        "--setup", metavar="LINE", action="append", default=[], help="shell line to execute before the run; repeatable"
    )
    parser.add_argument("--script", metavar="FILE", help="where to write the script [OUTPUT.sbatch]")
    parser.add_argument("--dry-run", action="store_true", help="write and show the script, do not submit it")


def main(args) -> int:
    """Check the configuration, say what it costs, write the script, show it, submit it."""
    from fluxtube.errors import InputError
    from fluxtube.failures import say
    from fluxtube.files import MARK, refuse_inputs, target_of, write_whole
    from fluxtube.sim.config import load_config
    from fluxtube.sim.engine.feasible import check_runnable
    from fluxtube.sim.rehearsal import rehearse
    from fluxtube.sim.run.slurm_script import ALLOWED, Job, batch_script
    from fluxtube.sim.run.threads import threads_per_rank
    from fluxtube.sim.store.place import require_ensemble

    config = load_config(args.config, args.overrides)
    for warning in check_runnable(config):
        say(f"warning: {warning}")
    job = Job(
        nodes=args.nodes,
        tasks=args.tasks_per_node,
        cpus=args.cpus_per_task,
        time=args.time,
        parts=args.array,
        asked={name: value for name in ALLOWED if name not in ("mpi", "time") and (value := getattr(args, name))},
        mpi=args.mpi,
        modules=tuple(args.module),
        setup=tuple(args.setup),
        plugins=tuple(args.plugins),
    )
    program, path = _program()
    text = batch_script(job, program, path, str(Path.cwd()), args.config, args.output, args.overrides)
    script = Path(args.script or f"{args.output}.sbatch")
    output = target_of(args.output)
    refuse_inputs(output, [args.config])
    require_ensemble(output)  # as the run would, after it has waited in a queue
    if os.path.realpath(script) == str(output):
        raise InputError(f"--script {str(script)!r} is the run's output; give another name")
    refuse_inputs(script, [args.config, args.output])
    write_whole(script, os.fsencode(text), like=b"#!/bin/bash\n#SBATCH", inputs=[args.config], mark=MARK.encode())
    print(text, end="", flush=True)
    ranks = job.nodes * job.tasks
    cost = rehearse(config, threads_per_rank(1, job.cpus), (1, job.parts))
    print(f"\nwhat {'each part' if job.parts > 1 else 'it'} costs, as timed on this machine:\n{cost.text(ranks)}")
    if args.dry_run or shutil.which("sbatch") is None:
        print(f"\nwritten to {script}; submit it: sbatch {shlex.quote(str(script))}")
        return 0
    return 2 if subprocess.run(["sbatch", str(script)]).returncode else 0


def _program() -> tuple[list[str], str | None]:
    """How a job starts this fluxtube, and the folder for its PATH: the command beside this Python, else the module."""
    folder = Path(sys.executable).absolute().parent
    if (folder / "fluxtube").exists():
        return ["fluxtube"], str(folder)
    return [sys.executable, "-m", "fluxtube"], None
