"""Reads files of the platform's objects (measurements, probes), in whatever wrapping they were saved."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import orjson

from app.files import Recording, read_blocks
from measurements.errors import UnreadableFile

ENVELOPES = ("results", "objects", "probes", "data", "probe", "measurement")
"""Members that hold the objects: API lists, the probe archive, RIPEstat, and notes around a single object."""
MAX_BYTES = 1024**3
MAX_MEMBERS_NAMED = 5


class Found(NamedTuple):
    """A JSON value in a file: an object of the platform, or something of another shape."""

    record: Mapping[str, Any]
    shape: str | None
    """What it is instead, for a person; None for an object with an id."""


def read_objects(recording: Recording) -> Iterator[Found]:
    """The objects in a file: one, an array, an API list, the probe archive, or one per line.

    Raises UnreadableFile for what is no JSON, or too large to be a file of objects.
    """
    for document in read_documents(recording):
        yield from _walk(document)


def read_documents(recording: Recording) -> Sequence[Any]:
    """The JSON values in a file: one, or one per line. Raises UnreadableFile."""
    return _documents(recording.name, _content(recording))


def _content(recording: Recording) -> bytes:
    content = bytearray()
    for block in read_blocks(recording, lambda _: None):
        content += block
        if len(content) > MAX_BYTES:
            raise UnreadableFile(f"{recording.name}: larger than {MAX_BYTES} bytes, so no file of objects")
    return bytes(content)


def _documents(name: str, content: bytes) -> Sequence[Any]:
    try:
        return [orjson.loads(content)]
    except orjson.JSONDecodeError:
        pass  # not one document; perhaps one per line
    try:
        return [orjson.loads(line) for line in content.splitlines() if line.strip()]
    except orjson.JSONDecodeError as error:
        raise UnreadableFile(f"{name}: neither JSON nor one JSON object per line: {error}") from error


def _walk(value: Any) -> Iterator[Found]:
    if isinstance(value, list):
        for item in value:
            yield from _walk(item)
    elif not isinstance(value, dict):
        yield Found({}, f"a bare JSON {type(value).__name__}")
    elif "id" in value:
        yield Found(value, None)
    elif inner := [value[member] for member in ENVELOPES if isinstance(value.get(member), dict | list)]:
        yield from _walk(inner)
    else:
        yield Found({}, f"an object with {_members(value)}")


def _members(value: Mapping[str, Any]) -> str:
    names = [name[:50] for name in list(value)[:MAX_MEMBERS_NAMED]]
    return ", ".join(names) + (", …" if len(value) > MAX_MEMBERS_NAMED else "") if names else "no members"
