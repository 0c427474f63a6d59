"""`fluxtube submit`: write a batch script for SLURM, show it, and submit it."""

import argparse
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

DESCRIPTION = """\
Write a SLURM batch script for a run, show it, and submit it where there is an sbatch.

  fluxtube submit configs/cluster.toml -o run.h5 --nodes 8 --tasks-per-node 32 --time 12:00:00
  fluxtube submit configs/cluster.toml -o run.h5 --dry-run

The job leaves in time, queues itself again, and goes on until the run is finished.
"""

SCRIPT = """\
#!/bin/bash
#SBATCH --job-name={name}
#SBATCH --nodes={nodes}
#SBATCH --ntasks-per-node={tasks}
#SBATCH --cpus-per-task={cpus}
#SBATCH --time={time}
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --signal=B:USR1@120
#SBATCH --output=%x-%j.log
{more}set -uo pipefail
cd {folder}
export PATH={bin}:$PATH
launched=
trap '[ -z "$launched" ] || kill -USR1 "$launched"' USR1
srun -K --mpi={mpi} --cpus-per-task={cpus} {command} &
launched=$!
while :; do
  wait "$launched"
  status=$?
  kill -0 "$launched" 2>/dev/null || break # a trapped signal ends `wait` before its time
done
[ "$status" -ne 85 ] || exec scontrol requeue "$SLURM_JOB_ID"
exit "$status"
"""


def add_parser(subparsers) -> None:
    """Declare the subcommand."""
    parser = subparsers.add_parser(
        "submit", help="submit a run to SLURM", description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("config", metavar="CONFIG", help="configuration, a TOML file")
    parser.add_argument("-o", "--output", metavar="FILE", required=True, help="HDF5 file to write")
    parser.add_argument("--set", metavar="KEY=VALUE", action="append", default=[], dest="overrides", help="set a key; repeatable")
    parser.add_argument("--nodes", type=int, default=1, help="[%(default)s]")
    parser.add_argument("--tasks-per-node", type=int, default=1, help="MPI ranks of each node [%(default)s]")
    parser.add_argument("--cpus-per-task", type=int, default=1, help="threads of each rank [%(default)s]")
    parser.add_argument("--time", default="01:00:00", help="limit of each start [%(default)s]")
    parser.add_argument("--partition", help="partition to run in")
    parser.add_argument("--account", help="account to charge")
    parser.add_argument("--mpi", default="pmi2", help="what srun offers the MPI library: pmi2, pmix [%(default)s]")
    parser.add_argument("--script", metavar="FILE", help="where to write the script [OUTPUT.sbatch]")
    parser.add_argument("--dry-run", action="store_true", help="write and show the script only")


def batch_script(args) -> str:
    """The script."""
    sets = [part for override in args.overrides for part in ("--set", override)]
    command = ["fluxtube", "run", args.config, "-o", args.output, "--resume", "--threads", str(args.cpus_per_task), *sets]
    asked = {"partition": args.partition, "account": args.account}
    return SCRIPT.format(
        name=Path(args.output).stem,
        nodes=args.nodes,
        tasks=args.tasks_per_node,
        cpus=args.cpus_per_task,
        time=args.time,
        more="".join(f"#SBATCH --{key}={value}\n" for key, value in asked.items() if value),
        folder=shlex.quote(str(Path.cwd())),
        bin=shlex.quote(str(Path(sys.argv[0]).resolve().parent)),
        mpi=args.mpi,
        command=shlex.join(command),
    )


def main(args) -> int:
    """Check the configuration, write the script, show it, submit it."""
    from fluxtube.errors import InputError
    from fluxtube.sim.config import load_config
    from fluxtube.sim.engine.feasible import check_runnable

    for warning in check_runnable(load_config(args.config, args.overrides)):
        print(f"fluxtube: warning: {warning}", file=sys.stderr)
    if min(args.nodes, args.tasks_per_node, args.cpus_per_task) < 1:
        raise InputError("--nodes, --tasks-per-node and --cpus-per-task must be at least 1")
    path, text = Path(args.script or f"{args.output}.sbatch"), batch_script(args)
    try:
        path.write_text(text)
    except OSError as error:
        raise InputError(f"cannot write {str(path)!r}: {error.strerror}") from None
    print(text, end="", flush=True)
    if args.dry_run or shutil.which("sbatch") is None:
        print(f"\nwritten to {path}; submit it: sbatch {path}")
        return 0
    return 2 if subprocess.run(["sbatch", str(path)]).returncode else 0
