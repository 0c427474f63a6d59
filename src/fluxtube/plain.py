"""Results as JSON that every reader takes: it has no word for what is not a number."""

import json
from typing import Any


def without_nan(value: Any) -> Any:
    """The same dictionaries, lists, texts and numbers, with None where a number is NaN or infinite."""
    return json.loads(json.dumps(value), parse_constant=lambda _: None)


def as_json(value: Any, indent: int | None = None) -> str:
    """JSON of plain numbers, texts, lists and dictionaries; NaN and infinite numbers are null."""
    return json.dumps(without_nan(value), indent=indent, allow_nan=False)
