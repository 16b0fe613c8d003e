"""Pages of lists: `cursor` in, `next_cursor` out, null after the last page.

A cursor is the place where a page ended, written so that nobody is tempted to make one up.
"""

import base64
import json
from typing import Annotated, TypeVar

from pydantic import Field, TypeAdapter

from measurements.errors import InvalidFilter

P = TypeVar("P")
_Held = Annotated[int, Field(ge=-(2**53), le=2**53)]
NUMBER: TypeAdapter[int] = TypeAdapter(_Held)
"""The place in a list in order of a number."""
NAME: TypeAdapter[str] = TypeAdapter(Annotated[str, Field(pattern=r"^[^\x00]*$")])
"""The place in a list in order of a name. PostgreSQL holds no NUL."""
INSTANT_AND_NUMBER: TypeAdapter[tuple[int, int]] = TypeAdapter(tuple[_Held, _Held])
"""The place in a list in order of time."""


def write_cursor(place: int | str | tuple[int, int] | None) -> str | None:
    """A place as text for addresses; None where there is no further page."""
    return None if place is None else base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def read_cursor(text: str | None, kind: TypeAdapter[P]) -> P | None:
    """The place behind a cursor, None without one. Raises InvalidFilter for what is no cursor of such a list."""
    if text is None:
        return None
    try:
        return kind.validate_json(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), strict=True)
    except ValueError:
        raise InvalidFilter(
            "cursor", "this is no cursor of this list; take `next_cursor` of the page before, unchanged"
        ) from None
