"""Which media type an answer has: what the client accepts (RFC 9110, 12.5.1), and what it asks for by name."""

from collections.abc import Iterator
from typing import Any

import mimeparse
from fastapi import Request

from app.errors import NotAcceptable

JSON, CSV, TEXT = "application/json", "text/csv", "text/plain"
VARY = {"Vary": "Accept"}
"""Of an answer that would have been another one for somebody who accepts something else."""
ANYTHING = "*/*"


def accepts_json(request: Request) -> None:
    """Refuse a request whose client takes no JSON."""
    preferred(request, JSON)


def preferred(request: Request, *offered: str, how_to_ask: str = "") -> str:
    """Of the media types offered the one the client likes best, the first one of those it likes alike.

    Raises NotAcceptable where it takes none of them; `how_to_ask` is told then.
    """
    ranges = list(_accepted(request))
    best = max(offered, key=lambda media_type: mimeparse.quality_and_fitness_parsed(media_type, ranges))
    if not mimeparse.quality_parsed(best, ranges):
        raise NotAcceptable(offered, how_to_ask)
    return best


def is_ruled_out(request: Request, media_type: str) -> bool:
    """Whether the client says, with a quality of 0, that it does not take this type."""
    quality, fitness = mimeparse.quality_and_fitness_parsed(media_type, list(_accepted(request)))
    return bool(fitness >= 0 and quality == 0)


def _accepted(request: Request) -> Iterator[Any]:
    """The media ranges accepted; any where the client does not say. What is no media range accepts nothing."""
    text = ",".join(request.headers.getlist("accept")).lower()
    for part in text.split(",") if text.strip(" ,") else [ANYTHING]:
        try:
            yield mimeparse.parse_media_range(part.strip())
        except mimeparse.MimeTypeParseException:
            continue
