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
    always = {400: "A parameter is unknown or has no meaning.", 406: "No media type that is offered is accepted."}
    others = {404: "Nothing is known under that number.", 503: "The database is away or not up to date."}
    described = always | {status: others[status] for status in statuses}
    return {status: _documented(text) for status, text in described.items()}


def _documented(description: str) -> dict[str, Any]:
    reference = {"$ref": f"#/components/schemas/{Problem.__name__}"}
    return {"description": description, "content": {MEDIA_TYPE: {"schema": reference}}}
