"""Words of a person, in one line or several: without what could harm a terminal or a page."""

import re
from collections.abc import Mapping

from measurements.errors import InvalidContent

LONGEST, LONGEST_TEXT = 255, 4_000
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_CONTROL_IN_LINES = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def require_lines(**said: str) -> None:
    """Raise `InvalidContent` naming every field that says nothing, or too much, or holds control characters."""
    _require(said, LONGEST, _CONTROL)


def require_texts(**said: str) -> None:
    """The same of fields that may go over several lines."""
    _require(said, LONGEST_TEXT, _CONTROL_IN_LINES)


def _require(said: Mapping[str, str], longest: int, control: re.Pattern[str]) -> None:
    problems = [(f"/{name}", why) for name, text in said.items() if (why := _fault(text, longest, control))]
    if problems:
        raise InvalidContent(problems)


def _fault(text: str, longest: int, control: re.Pattern[str]) -> str | None:
    if not text.strip():
        return "says nothing"
    if len(text) > longest:
        return f"is longer than {longest} characters"
    return "holds control characters" if control.search(text) else None
