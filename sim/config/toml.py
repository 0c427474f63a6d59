"""A configuration written as TOML."""

import json

from pydantic import BaseModel


def _literal(value, unit: str | None) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(_literal(item, unit) for item in value) + "]"
    if unit is not None:
        return f'"{value!r} {unit}"'
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, bool):
        return str(value).lower()
    return repr(value)


def dump(config: BaseModel) -> str:
    """TOML text of a configuration, each number to full precision and with its unit.

    Keys that hold nothing, or have no effect beside the others, are left out.
    """
    lines = []
    for name in type(config).model_fields:
        lines.append(f"[{name}]")
        for key, value, field in getattr(config, name).entries():
            lines.append(f"{key} = {_literal(value, (field.json_schema_extra or {}).get('unit'))}")
        lines.append("")
    return "\n".join(lines)
