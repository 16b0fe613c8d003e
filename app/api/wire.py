"""How answers are written: JSON straight from plain values, CSV, and problems as documented."""

import io
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson
from fastapi import Response

from app.api.negotiation import CSV, JSON
from app.api.schemas.problem import Problem
from app.comma_separated import write_csv
from app.errors import MEDIA_TYPE

OTHERS = {
    401: "A key is needed, or the one sent is unknown, has expired or was revoked.",
    403: "The person behind the key may not do this.",
    404: "Nothing is known under that number, or it is none of the caller's business.",
    409: "How things stand does not allow it.",
    412: "It was changed since it was read.",
    422: "Something else was asked under this Idempotency-Key before.",
    428: "If-Match is missing.",
    429: "Too many wrong keys were tried, or this key asks too often.",
    503: "The database is away or not up to date.",
}
_UNUSUAL = re.compile(r"[^A-Za-z0-9._-]+")


class JsonAnswer(Response):
    """An answer that is JSON already, or plain values to be written as JSON.

    Rows by the hundred are not validated against the schema at run time; tests do that.
    """

    media_type = JSON

    def render(self, content: Any) -> bytes:
        """Write the content."""
        return content if isinstance(content, bytes) else orjson.dumps(content)


class CsvAnswer(Response):
    """Rows as CSV, to be saved under a name."""

    media_type = CSV

    def __init__(self, content: bytes, name: str, headers: Mapping[str, str]) -> None:
        """`name` may hold anything; what no file name should is replaced in it."""
        filename = f"{_UNUSUAL.sub('_', name)}.csv"
        super().__init__(content, headers={**headers, "Content-Disposition": f'attachment; filename="{filename}"'})


def csv_bytes(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> bytes:
    """Rows as CSV, in UTF-8."""
    text = io.StringIO()
    write_csv(text, columns, rows)
    return text.getvalue().encode()


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The documented problems of a route: those that any may have, and these."""
    always = {
        400: "What is asked for has no meaning, or is unknown.",
        406: "No media type that is offered is accepted.",
    }
    described = always | {status: OTHERS[status] for status in statuses}
    return {status: _documented(text) for status, text in described.items()}


def _documented(description: str) -> dict[str, Any]:
    reference = {"$ref": f"#/components/schemas/{Problem.__name__}"}
    return {"description": description, "content": {MEDIA_TYPE: {"schema": reference}}}
