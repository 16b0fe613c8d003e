"""Single values in a request's body, as the platform reads them, and what it says of those it cannot read."""

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, ValidationError

from app.rehearsal.api.envelope import Mistake

MAX_INSTANT = 2**32 - 1


def _number(value: Any) -> Any:
    """Digits in a text are a number, true and false are none."""
    if isinstance(value, bool):
        raise ValueError("A valid integer is required.")  # noqa: TRY004 - pydantic lets a TypeError through
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit():
        return int(value) if len(value) <= len(str(2**63)) else float("inf")
    return value


def _text(value: Any) -> Any:
    if isinstance(value, str) and "\x00" in value:
        raise ValueError("Null characters are not allowed.")
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return value


def read_instant(value: Any) -> int:
    """Unix seconds, or an ISO 8601 text that is UTC unless it says otherwise. Raises ValueError for anything else."""
    if isinstance(value, str) and not value.strip().isdigit():
        read = datetime.fromisoformat(value.strip())
        value = (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise TypeError("no instant")
    seconds = int(value)
    if not 0 <= seconds <= MAX_INSTANT:
        raise ValueError("no instant of these centuries")
    return seconds


def _instant(value: Any) -> int:
    try:
        return read_instant(value)
    except (ValueError, TypeError, OverflowError):
        raise ValueError("Datetime has wrong format. Use a unix timestamp or ISO 8601 instead.") from None


Number = BeforeValidator(_number)
Text = Annotated[str, BeforeValidator(_text)]
Yes = bool
Instant = Annotated[int, BeforeValidator(_instant)]

_TEXTS = {
    "missing": "This field is required.",
    "bool_type": "Must be a valid boolean.",
    "bool_parsing": "Must be a valid boolean.",
    "string_type": "Not a valid string.",
    "string_too_long": "Ensure this field has no more than {max_length} characters.",
    "string_too_short": "This field may not be blank.",
    "string_pattern_mismatch": "Enter a valid value.",
    "less_than_equal": "Ensure this value is less than or equal to {le}.",
    "greater_than_equal": "Ensure this value is greater than or equal to {ge}.",
    "too_short": "This list may not be empty.",
    "too_long": "Ensure this field has no more than {max_length} elements.",
    "value_error": "{error}",
    "float_type": "A valid number is required.",
    "float_parsing": "A valid number is required.",
}
_DICTIONARY = {"model_type", "model_attributes_type", "dict_type"}
_CHOICE = {"literal_error", "enum"}


def _detail(error: Any) -> str:
    kind, given = error["type"], error["input"]
    if given is None and kind != "missing":
        return "This field may not be null."
    if kind in _CHOICE:
        return f'"{given}" is not a valid choice.'
    if kind in _DICTIONARY:
        return f"Invalid data. Expected a dictionary, but got {type(given).__name__}."
    if kind == "list_type":
        return f'Expected a list of items but got type "{type(given).__name__}".'
    if kind.startswith("int_") or kind == "finite_number":
        return "A valid integer is required."
    if kind in ("too_long", "too_short") and isinstance(given, str):
        kind = f"string_{kind}"
    text: str = _TEXTS.get(kind, error["msg"])
    return text.format(**error.get("ctx", {}))


def as_mistakes(invalid: ValidationError, pointer: str) -> list[Mistake]:
    """What pydantic found, in the platform's words, below a place in the body."""
    return [Mistake(_detail(error), "/".join((pointer, *map(str, error["loc"])))) for error in invalid.errors()]
