"""A configuration written as TOML."""

from pydantic import BaseModel


def _literal(value, unit: str | None) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(_literal(item, unit) for item in value) + "]"
    if unit is not None:
        return f'"{value!r} {unit}"'
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, bool):
        return str(value).lower()
    return repr(value)


def dump(config: BaseModel) -> str:
    """TOML text of a configuration, each number to full precision and with its unit.

    Keys that hold nothing are left out: TOML has no null, and absent is what nothing means.
    """
    lines = []
    for name in type(config).model_fields:
        section = getattr(config, name)
        lines.append(f"[{name}]")
        for key, field in type(section).model_fields.items():
            value = getattr(section, key)
            if value is not None:
                lines.append(f"{key} = {_literal(value, (field.json_schema_extra or {}).get('unit'))}")
        lines.append("")
    return "\n".join(lines)
