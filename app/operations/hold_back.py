"""Holds records of a stream back until a result is among them: a stream can be read only once."""

from collections.abc import Iterable, Iterator
from tempfile import SpooledTemporaryFile
from typing import IO

from measurements.results.reading import looks_like_result

IN_MEMORY_BYTES = 4 * 1024 * 1024
"""More waits in a temporary file, so that memory stays flat however late the first result comes."""
LENGTH_BYTES = 8


def hold_back(bodies: Iterable[bytes]) -> Iterator[bytes]:
    """All records, as soon as one of them is a result; nothing where none is."""
    stream = iter(bodies)
    with SpooledTemporaryFile(IN_MEMORY_BYTES) as held:
        for body in stream:
            if looks_like_result(body):
                held.seek(0)
                yield from _read(held)
                yield body
                break
            held.write(len(body).to_bytes(LENGTH_BYTES, "big") + body)
    yield from stream


def _read(held: IO[bytes]) -> Iterator[bytes]:
    while length := held.read(LENGTH_BYTES):
        yield held.read(int.from_bytes(length, "big"))
