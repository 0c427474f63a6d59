"""Batch scripts for SLURM: a run that queues itself again until it is done, in one job or in independent parts."""

import re
import shlex
from dataclasses import dataclass, field

from fluxtube.errors import InputError
from fluxtube.files import MARK

HEAD = """\
#!/bin/bash
#SBATCH --job-name={name}
#SBATCH --nodes={nodes}
#SBATCH --ntasks-per-node={tasks}
#SBATCH --cpus-per-task={cpus}
#SBATCH --time={time}
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --signal=B:USR1@{notice}
#SBATCH --output={log}
# {mark}
{more}set -uo pipefail
cd {folder} || exit 2
{setup}"""

RUN = """\
launched=
trap '[ -z "$launched" ] || kill -USR1 "$launched"' USR1
srun -K --mpi={mpi} --cpus-per-task={cpus} {command} &
launched=$!
while :; do
  wait "$launched"
  status=$?
  kill -0 "$launched" 2>/dev/null || break # a trapped signal ends `wait` before its time
done
[ "$status" -ne 85 ] || exec scontrol requeue {job}
"""

PARTS = """\
part=$SLURM_ARRAY_TASK_ID
output={stem}
files=()
for ((i = 1; i <= {parts}; i++)); do files+=("$output.part-$i-of-{parts}.h5"); done
"""

JOIN = """\
[ "$status" -eq 0 ] || exit "$status"
{merge} "${{files[@]}}" -o {output} --resume
status=$?
[ "$status" -ne 75 ] || exit 0 # a part is not there yet: another task will be the last
"""

# What each option may be: nothing that a shell or sbatch would read otherwise.
TIME = re.compile(r"\d+(?::\d{1,2}){0,2}|\d+-\d{1,2}(?::\d{1,2}){0,2}", re.ASCII)
NOTICE, LEAST = 120, 300  # seconds: a job is told to leave so long before its end; a shorter one would queue itself for ever
ALLOWED = {
    "partition": re.compile(r"[\w.+,-]+", re.ASCII),
    "account": re.compile(r"[\w.+@-]+", re.ASCII),
    "qos": re.compile(r"[\w.+-]+", re.ASCII),
    "constraint": re.compile(r"[\w.+,&|*()\[\]-]+", re.ASCII),
    "mem": re.compile(r"\d+[KMGT]?", re.ASCII),
    "mpi": re.compile(r"[\w.-]+", re.ASCII),
    "time": TIME,
}
EXAMPLES = {"time": "30 (minutes), 2:00:00 or 1-12:00:00", "mem": "4000M or 16G", "constraint": "haswell&ib"}


@dataclass(frozen=True)
class Job:
    """What is asked of SLURM.

    Attributes
    ----------
    nodes, tasks, cpus : int
        Nodes, MPI ranks of each, threads of each rank.
    time : str
    parts : int
        1, or the number of tasks of an array.
    asked : dict of str to str
        Further options of sbatch: partition, account, qos, constraint, mem.
    mpi : str
    modules, setup : sequence of str
        Modules to load and lines to run before.
    """

    nodes: int = 1
    tasks: int = 1
    cpus: int = 1
    time: str = "01:00:00"
    parts: int = 1
    asked: dict[str, str] = field(default_factory=dict)
    mpi: str = "pmi2"
    modules: tuple[str, ...] = ()
    setup: tuple[str, ...] = ()
    plugins: tuple[str, ...] = ()


def batch_script(job: Job, program: list[str], path: str | None, folder: str, config: str, output: str, sets: list[str]) -> str:
    """The script.

    Parameters
    ----------
    job : Job
    program : list of str
        How fluxtube is started.
    path : str or None
        Folder to put in front of PATH.
    folder, config, output : str
        Where to work, and names from there.
    sets : list of str
        "section.key=value" each.

    Raises
    ------
    InputError
        An option holds what sbatch or a shell would read otherwise.
    """
    _require_plain(job, [folder, config, output, *sets, *job.plugins, *program, path or ""])
    # A name must not be read as an option.
    config, output = (f"./{name}" if name.startswith("-") else name for name in (config, output))
    stem = output.removesuffix(".h5")
    log = "%x-%A-%a.log" if job.parts > 1 else "%x-%j.log"
    asked = {**job.asked, **({"array": f"1-{job.parts}"} if job.parts > 1 else {})}
    lines = [f"module load {shlex.quote(name)}" for name in job.modules] + list(job.setup)
    if path is not None:
        lines.append(f"export PATH={shlex.quote(path)}:$PATH")
    own = [part for plugin in job.plugins for part in ("--plugin", plugin)]
    options = [part for override in sets for part in ("--set", override)] + own
    command = shlex.join([*program, "run", config]) + " -o " + (
        '"${files[part - 1]}" --part "$part/' + f'{job.parts}"' if job.parts > 1 else shlex.quote(output)
    )
    command += f" --resume --threads {job.cpus}" + ("" if not options else " " + shlex.join(options))
    identity = '"${SLURM_ARRAY_JOB_ID}_${SLURM_ARRAY_TASK_ID}"' if job.parts > 1 else '"$SLURM_JOB_ID"'
    text = HEAD.format(
        mark=MARK, name=_job_name(stem), nodes=job.nodes, tasks=job.tasks, cpus=job.cpus, time=job.time,
        notice=NOTICE, log=log, folder=shlex.quote(folder),
        more="".join(f"#SBATCH --{key}={value}\n" for key, value in asked.items()), setup="".join(f"{line}\n" for line in lines),
    )  # fmt: skip
    if job.parts > 1:
        text += PARTS.format(stem=shlex.quote(stem), parts=job.parts)
    text += RUN.format(mpi=job.mpi, cpus=job.cpus, command=command, job=identity)
    if job.parts > 1:
        text += JOIN.format(merge=shlex.join([*program, "merge", *own]), output=shlex.quote(output))
    return text + 'exit "$status"\n'


def _job_name(stem: str) -> str:
    """The output's name in letters that sbatch takes as they are."""
    return re.sub(r"[^\w.-]", "_", stem.rpartition("/")[2], flags=re.ASCII) or "fluxtube"


def _require_plain(job: Job, names: list[str]) -> None:
    counts = {"--nodes": job.nodes, "--tasks-per-node": job.tasks, "--cpus-per-task": job.cpus, "--array": job.parts}
    for name, count in counts.items():
        if not 1 <= count <= 1_000_000:
            raise InputError(f"{name} {count}: give a number from 1 on")
    for name, value in {**job.asked, "mpi": job.mpi, "time": job.time}.items():
        if not ALLOWED[name].fullmatch(value):
            raise InputError(f"--{name} {value!r} is not what sbatch takes{_example(name)}")
    if 0 < _seconds(job.time) < LEAST:
        needed = f"the job leaves {NOTICE} s before its end: give {LEAST // 60} minutes or more"
        raise InputError(f"--time {job.time} is {_seconds(job.time)} s, and {needed}")
    for name in job.modules:
        if not re.fullmatch(r"[\w./+=-]+", name, re.ASCII):
            raise InputError(f"--module {name!r} is not the name of a module")
    for text in (*names, *job.setup):
        if any(ord(letter) < 32 or ord(letter) == 127 for letter in text):
            raise InputError(f"{text!r} holds a line end or another control character, which a script cannot; give another name")


def _seconds(time: str) -> int:
    """A time of sbatch: minutes, minutes:seconds, hours:minutes:seconds, days-hours, days-hours:minutes, days-...:seconds."""
    days, dash, rest = time.rpartition("-")
    parts = [int(part) for part in rest.split(":")]
    if not dash and len(parts) < 3:
        parts = [0, *parts]
    hours, minutes, seconds = (*parts, 0, 0)[:3]
    return ((int(days or 0) * 24 + hours) * 60 + minutes) * 60 + seconds


def _example(name: str) -> str:
    return f"; write for example {EXAMPLES[name]}" if name in EXAMPLES else ""
