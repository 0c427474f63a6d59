"""Memory that there is, for a run or a map."""

import contextlib
import os
import resource
from pathlib import Path

from fluxtube.environment import whole_number

CGROUP = Path("/sys/fs/cgroup")
UNLIMITED = 2**60


def memory_present() -> int:
    """What this process and its neighbours may use [bytes]: the machine's, or less where a control group or SLURM says so."""
    limits = [os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"), *_control_groups(), *_slurm()]
    soft, _ = resource.getrlimit(resource.RLIMIT_AS)
    if soft != resource.RLIM_INFINITY:
        limits.append(soft)
    return min(limits)


def _control_groups() -> list[int]:
    """Limits of the control groups that this process is in, version 2 or 1."""
    found = []
    with contextlib.suppress(OSError, ValueError):
        for line in Path("/proc/self/cgroup").read_text().splitlines():
            _, controllers, group = line.split(":", 2)
            if controllers not in ("", "memory"):
                continue
            root, name = (CGROUP, "memory.max") if not controllers else (CGROUP / "memory", "memory.limit_in_bytes")
            here = root / group.lstrip("/")
            for folder in (here, *here.parents):
                if not folder.is_relative_to(root):
                    break
                with contextlib.suppress(OSError, ValueError):
                    found.append(int((folder / name).read_text()))
    return [limit for limit in found if 0 < limit < UNLIMITED]


def _slurm() -> list[int]:
    """Memory of the job on this node, in MB as SLURM gives it."""
    node = whole_number(os.environ.get("SLURM_MEM_PER_NODE"))
    core, cores = (whole_number(os.environ.get(name)) for name in ("SLURM_MEM_PER_CPU", "SLURM_CPUS_ON_NODE"))
    return [2**20 * limit for limit in (node, core * cores if core and cores else None) if limit]
