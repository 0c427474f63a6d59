"""How long a run may take: what was asked for, and what SLURM says is left."""

import os
import re
import subprocess

_CLOCK = re.compile(r"(?:(\d+)-)?(?:(\d+):)?(\d+):(\d+)")
_UNITS = {"": 1, "s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400}


def parse_duration(text: str) -> float:
    """Seconds of "90", "90 s", "1.5h", "30m", "2:00:00" or "1-12:00:00".

    Raises
    ------
    ValueError
        Anything else.
    """
    clock = _CLOCK.fullmatch(text.strip())
    if clock:
        days, hours, minutes, seconds = (int(part or 0) for part in clock.groups())
        return 86400.0 * days + 3600 * hours + 60 * minutes + seconds
    number = re.fullmatch(r"(\d+(?:\.\d*)?)\s*([a-z]*)", text.strip())
    if number and number[2] in _UNITS:
        return float(number[1]) * _UNITS[number[2]]
    raise ValueError(f'{text!r} is not a time; write for example 3600, "90m", "2h" or "1-12:00:00"')


def slurm_seconds_left() -> float | None:
    """Seconds until SLURM ends this job; None outside of a job, without a limit, or where SLURM does not answer."""
    job = os.environ.get("SLURM_JOB_ID")
    if not job:
        return None
    try:
        answer = subprocess.run(["squeue", "-h", "-j", job, "-o", "%A %L"], capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.SubprocessError):
        return None
    for line in answer.stdout.splitlines():
        number, _, left = line.partition(" ")
        if number == job:
            try:
                return parse_duration(left)
            except ValueError:  # UNLIMITED, NOT_SET, INVALID
                return None
    return None


def time_to_work(asked: float | None) -> float | None:
    """Seconds that a run may work: what was asked for or what SLURM leaves, whichever ends first.

    Of SLURM's time a tenth, at least 10 s and at most 2 min, is kept for the last commit: its limit and its signals come
    up to 20 s early.
    """
    left = slurm_seconds_left()
    limits = [] if asked is None else [asked]
    if left is not None:
        limits.append(left - min(120.0, max(10.0, left / 10)))
    return max(0.0, min(limits)) if limits else None
