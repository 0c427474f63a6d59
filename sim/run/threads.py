"""How many threads a rank may use."""

import os


def threads_per_rank(ranks_on_node: int, asked: int | None = None) -> int:
    """Threads of this rank: what was asked for, else SLURM's cores per task, else this node's cores shared by its ranks."""
    cores = len(os.sched_getaffinity(0))
    if asked is not None:
        return min(asked, cores)
    given = os.environ.get("SLURM_CPUS_PER_TASK") or os.environ.get("OMP_NUM_THREADS") or ""
    if given.isdigit() and int(given) > 0:
        return min(int(given), cores)
    return max(1, cores // ranks_on_node)
