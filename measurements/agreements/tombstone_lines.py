"""Tombstones outside of the database, so that a copy of it that is restored cannot bring back what was erased.

One is a line of JSON. What is signed, by Ed25519, is that object without `signature`, in the form of RFC 8785, as a
checkpoint of the audit trail is.
"""

import base64
import binascii
import json
from typing import Any

from measurements.agreements.retention import Level, Tombstone, Why
from measurements.canonical import canonical

FORM = "rasad-tombstone-1"
_WHOLE = frozenset({"agreement_id", "version", "atlas_id", "from_at", "until_at", "n_records", "days", "erased_at"})


def signed_bytes(tombstone: Tombstone) -> bytes:
    """What its signature is of."""
    return canonical({"form": FORM, **tombstone._asdict()})


def line_of(tombstone: Tombstone, signature: bytes) -> bytes:
    """The line that is kept."""
    signed = {"form": FORM, **tombstone._asdict(), "signature": base64.b64encode(signature).decode()}
    return canonical(signed) + b"\n"


def read_line(line: bytes) -> tuple[Tombstone, bytes] | None:
    """A tombstone and its signature; None where the line is none, or of a form that this version does not know."""
    try:
        document = json.loads(line)
        if not isinstance(document, dict) or document.pop("form", None) != FORM:
            return None
        signature = base64.b64decode(document.pop("signature", ""), validate=True)
    except (ValueError, TypeError, binascii.Error):
        return None
    return (Tombstone(**document), signature) if _is_sound(document) else None


def _is_sound(document: dict[str, Any]) -> bool:
    if document.keys() != set(Tombstone._fields):
        return False
    is_typed = all(type(value) is (int if name in _WHOLE else str) for name, value in document.items())
    return is_typed and document["level"] in set(Level) and document["why"] in set(Why)
