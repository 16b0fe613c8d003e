"""How answers are written: JSON straight from plain values, and CSV; and which of them a client accepts."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson
from fastapi import Request, Response

from app.api.schemas.problem import Problem
from app.errors import MEDIA_TYPE, NotAcceptable

JSON, CSV = "application/json", "text/csv"


class JsonAnswer(Response):
    """An answer that is JSON already, or plain values to be written as JSON.

    Rows by the hundred are not validated against the schema at run time; tests do that.
    """

    media_type = JSON

    def render(self, content: Any) -> bytes:
        """Write the content."""
        return content if isinstance(content, bytes) else orjson.dumps(content)


def write_csv(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> bytes:
    """Rows as CSV with a header (RFC 4180). What is unknown is empty; lists are joined by spaces."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    for row in rows:
        values = (row[column] for column in columns)
        writer.writerow([" ".join(map(str, value)) if isinstance(value, list | tuple) else value for value in values])
    return text.getvalue().encode()


def accepts_json(request: Request) -> None:
    """Refuse a request whose client takes no JSON (RFC 9110, 12.5.1)."""
    require_acceptable(request, JSON)


def require_acceptable(request: Request, media_type: str) -> None:
    """Raise NotAcceptable unless the client takes this media type."""
    accept = request.headers.get("accept", "").strip()
    kind = media_type.partition("/")[0]
    if accept and not any(_takes(part, ("*/*", f"{kind}/*", media_type)) for part in accept.split(",")):
        raise NotAcceptable(media_type)


def _takes(part: str, wanted: Sequence[str]) -> bool:
    name, *parameters = (piece.strip().lower() for piece in part.split(";"))
    is_refused = any(parameter.replace(" ", "") in ("q=0", "q=0.0", "q=0.00", "q=0.000") for parameter in parameters)
    return name in wanted and not is_refused


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The documented problems of a route: those that any may have, and these."""
    always = {400: "A parameter is unknown or has no meaning.", 406: "No media type that is offered is accepted."}
    others = {404: "Nothing is known under that number.", 503: "The database is away or not up to date."}
    described = always | {status: others[status] for status in statuses}
    return {status: _documented(text) for status, text in described.items()}


def _documented(description: str) -> dict[str, Any]:
    reference = {"$ref": f"#/components/schemas/{Problem.__name__}"}
    return {"description": description, "content": {MEDIA_TYPE: {"schema": reference}}}
