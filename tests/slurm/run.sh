#!/usr/bin/env bash
# The batch scripts under a real SLURM: two virtual nodes on this machine, from Debian's packages, started and taken down.
#   tests/slurm/run.sh [BIN]     BIN: folder with fluxtube, python and mpirun [.venv/bin]
# Run as root. Every result is compared bitwise with that of one process.
set -euo pipefail
top=$(cd "$(dirname "$0")/../.." && pwd)
bin=$(cd "${1:-$top/.venv/bin}" && pwd)
work=$(mktemp -d)
export SLURM_LOCAL=$work/slurm SLURM_CONF=$work/slurm/slurm.conf PATH=$bin:$PATH
unset "${!PMI_@}" "${!OMPI_@}" 2>/dev/null || true
passed=0 requeued=0

finish() {
  status=$?
  [ "$status" -eq 0 ] || tail -n 30 "$work"/job/*.log 2>/dev/null || true
  timeout 30 scancel --user=root 2>/dev/null || true
  timeout 30 "$top/tests/slurm/slurm_local.sh" stop || true
  rm -rf "$work"
  [ "$status" -eq 0 ] && echo "test-slurm: $passed scripts and checks passed, $requeued times requeued, results bitwise those of one process"
  exit "$status"
}
trap finish EXIT

ok() { passed=$((passed + 1)); echo "ok: $*"; }
same() { python "$top/tests/slurm/same.py" one.h5 "$1"; }
submit() { sbatch --parsable --exclusive=user "$@" | cut -d';' -f1; }
await() { # job, seconds: until it is out of the queue
  for _ in $(seq 1 $((5 * $2))); do
    [ -n "$(squeue -h -j "$1" -t PENDING,RUNNING,COMPLETING,REQUEUED,SUSPENDED -o %i 2>/dev/null)" ] || return 0
    sleep 0.2
  done
  squeue -l
  echo "job $1 did not end within $2 s" >&2
  return 1
}
until_there() { for _ in $(seq 1 200); do [ -e "$1" ] && return 0; sleep 0.1; done; echo "no $1" >&2; return 1; }
restarts() { scontrol show job "$1" | grep -o 'Restarts=[0-9]*' | head -1 | cut -d= -f2; }

timeout 180 "$top/tests/slurm/slurm_local.sh" start 2 2
mkdir "$work/job"
cp -r "$top/slurm" "$top/tests/slurm/long.toml" "$work/job"
cd "$work/job"
timeout 120 fluxtube run long.toml -o one.h5 -q --threads 1

job=$(submit slurm/job.sbatch long.toml srun.h5 -q)
await "$job" 60
same srun.h5
ok "job.sbatch with srun on two nodes"

job=$(FLUXTUBE_LAUNCHER=mpirun submit slurm/job.sbatch long.toml mpirun.h5 -q)
await "$job" 60
same mpirun.h5
ok "job.sbatch with mpirun on two nodes"

job=$(submit slurm/array.sbatch long.toml array.h5 -q)
await "$job" 90
same array.h5
ok "array.sbatch: four parts, joined by the last"

job=$(submit slurm/preemptible.sbatch long.toml preemptible.h5 --checkpoint-every 0.3s -q)
until_there preemptible.h5.checkpoint
scancel --batch --signal=USR1 "$job" # what SLURM does ahead of the time limit
for _ in $(seq 1 200); do [ "$(restarts "$job")" -ge 1 ] && break; sleep 0.1; done
await "$job" 90
grep -q "ended with status 85" fluxtube-"$job".log
same preemptible.h5
requeued=$((requeued + $(restarts "$job")))
[ "$(restarts "$job")" -ge 1 ]
ok "preemptible.sbatch: signalled, left with status 85, queued itself again, went on"

job=$(submit slurm/preemptible.sbatch long.toml taken.h5 --checkpoint-every 0.3s -q)
until_there taken.h5.checkpoint
scontrol requeue "$job" # what preemption by another job does
await "$job" 90
same taken.h5
requeued=$((requeued + $(restarts "$job")))
[ "$(restarts "$job")" -ge 1 ]
ok "preemptible.sbatch: taken off its nodes, requeued, went on"

fluxtube submit long.toml -o submitted.h5 --nodes 2 > submit.log
await "$(grep -o 'batch job [0-9]*' submit.log | cut -d' ' -f3)" 60
same submitted.h5
ok "fluxtube submit"

left=$(timeout 60 srun --time=5 -n 1 python -c "from fluxtube.sim.run.time_limit import slurm_seconds_left as left; print(round(left()))")
[ "$left" -gt 200 ] && [ "$left" -le 300 ]
ok "the time limit is read: $left s of 300 left"
