"""One form for what is hashed or signed, so that anybody can work out the same digest with common tools."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any


def written(document: Mapping[str, Any]) -> str:
    """JSON in the form of RFC 8785: names in order, no blanks.

    All names here are ASCII, and all numbers that are hashed are whole, so that nothing else of that form matters.
    """
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def canonical(document: Mapping[str, Any]) -> bytes:
    """The form in UTF-8. Damaged text, whose bytes that are no UTF-8 are lone surrogates, gives those bytes again."""
    return written(document).encode("utf-8", "surrogateescape")


def digest_of(document: Mapping[str, Any]) -> str:
    """SHA-256 of the form, in hexadecimal digits, lower case."""
    return hashlib.sha256(canonical(document)).hexdigest()


def storable(text: str) -> str:
    """The text without the one character that a database text cannot hold."""
    return text.replace("\x00", "\\000") if "\x00" in text else text
