"""What differs between two configurations."""

from fluxtube.sim.config.model import Config

# They say how long a run goes on, not what a realisation is: a longer run contains the shorter one.
LENGTH_KEYS = frozenset(
    f"ensemble.{name}" for name in ("realisations", "target_relative_error", "target_degrees", "minimum_realisations")
)


def differences(there: Config, here: Config, but: frozenset[str] = frozenset()) -> list[str]:
    """One line for each key whose value differs, but for those named."""
    lines = []
    for section in type(here).model_fields:
        theirs, ours = getattr(there, section).flat(), getattr(here, section).flat()
        for key in {**ours, **theirs}:
            a, b = theirs.get(key), ours.get(key)
            if a != b and f"{section}.{key}" not in but:
                lines.append(f"{section}.{key} = {_shown(a)} there, {_shown(b)} here")
    return lines


def _shown(value: object) -> str:
    return "nothing" if value is None else str(list(value) if isinstance(value, tuple) else value)
