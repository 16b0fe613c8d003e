"""Checkpoints: how long the audit trail was at an instant and which hash it ended in, signed and kept outside of it.

One is a line of JSON. What is signed, by Ed25519, is that object without `signature`, in the form of RFC 8785: names in
order, no blanks, UTF-8. `key` is the public key, 32 bytes in hexadecimal digits; `signature` is 64 bytes in Base64.
"""

import base64
import binascii
import json
from typing import Any, NamedTuple

from measurements.canonical import canonical

FORM = "rasad-audit-checkpoint-1"


class Checkpoint(NamedTuple):
    """How the trail stood."""

    at: int
    """When it was made, seconds since the epoch, UTC."""
    n_entries: int
    head: str
    """The hash of the last entry."""
    head_act: str
    """What that entry says was done, and when: so that it can be named when it is gone."""
    head_at: int
    key: str
    signature: str = ""


TYPES = {"at": int, "n_entries": int, "head": str, "head_act": str, "head_at": int, "key": str, "signature": str}


def signed_bytes(checkpoint: Checkpoint) -> bytes:
    """What its signature is of."""
    document = {"form": FORM, **checkpoint._asdict()}
    del document["signature"]
    return canonical(document)


def sealed(checkpoint: Checkpoint, signature: bytes) -> Checkpoint:
    """With its signature."""
    return checkpoint._replace(signature=base64.b64encode(signature).decode())


def signature_of(checkpoint: Checkpoint) -> bytes:
    """The signature; nothing where there is none that could be read."""
    try:
        return base64.b64decode(checkpoint.signature, validate=True)
    except binascii.Error:
        return b""


def on_the_wire(checkpoint: Checkpoint) -> dict[str, Any]:
    """The checkpoint as the JSON object that it is kept as."""
    return {"form": FORM, **checkpoint._asdict()}


def line_of(checkpoint: Checkpoint) -> bytes:
    """The line that is kept."""
    return canonical(on_the_wire(checkpoint)) + b"\n"


def read_line(line: bytes) -> Checkpoint | None:
    """A line that was kept; None where it is no checkpoint, or is one of a form that this version does not know."""
    try:
        document = json.loads(line)
    except ValueError:
        return None
    if not isinstance(document, dict) or document.pop("form", None) != FORM or document.keys() != TYPES.keys():
        return None
    if any(type(document[name]) is not kind for name, kind in TYPES.items()):
        return None
    checkpoint = Checkpoint(**document)
    is_text = all(value.isascii() for value in document.values() if isinstance(value, str))
    return checkpoint if is_text and checkpoint.n_entries > 0 else None
