"""Words of a person, in one line: without what could harm a terminal or a page."""

import re

from measurements.errors import InvalidContent

LONGEST = 255
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def require_lines(**said: str) -> None:
    """Raise `InvalidContent` naming every field that says nothing, or too much, or holds control characters."""
    problems = [(f"/{name}", why) for name, text in said.items() if (why := _fault(text))]
    if problems:
        raise InvalidContent(problems)


def _fault(text: str) -> str | None:
    if not text.strip():
        return "says nothing"
    if len(text) > LONGEST:
        return f"is longer than {LONGEST} characters"
    return "holds control characters" if _CONTROL.search(text) else None
