"""One form for what is hashed or signed, so that anybody can work out the same digest with common tools."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any


def canonical(document: Mapping[str, Any]) -> bytes:
    """JSON in the form of RFC 8785, UTF-8: names in order, no blanks.

    All names here are ASCII, and all numbers that are hashed are whole, so that nothing else of that form matters.
    Damaged text, in which bytes that are no UTF-8 stand as lone surrogates, gives those bytes again.
    """
    text = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode("utf-8", "surrogateescape")


def digest_of(document: Mapping[str, Any]) -> str:
    """SHA-256 of the form, in hexadecimal digits, lower case."""
    return hashlib.sha256(canonical(document)).hexdigest()
