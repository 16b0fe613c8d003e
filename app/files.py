"""Opens recordings: files, folders and standard input, plain or compressed, as streams of blocks."""

import bz2
import gzip
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, closing, nullcontext
from pathlib import Path
from typing import IO, Any, NamedTuple

import zstandard

from measurements.errors import UnreadableFile

BLOCK_BYTES = 256 * 1024
STANDARD_INPUT = "-"

_MAGIC: tuple[tuple[bytes, Callable[[IO[bytes]], Any]], ...] = (
    (b"\x1f\x8b", lambda file: gzip.GzipFile(fileobj=file)),
    (b"BZh", bz2.BZ2File),
    (b"\x28\xb5\x2f\xfd", lambda file: zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True)),
)


class Recording(NamedTuple):
    """Something to ingest: a file, or standard input (`path` None)."""

    name: str
    path: Path | None
    size_bytes: int
    """As stored, so compressed; 0 for standard input."""


def find_recordings(paths: Iterable[str]) -> list[Recording]:
    """The files behind the paths given: folders are walked in order of name, `-` is standard input.

    Raises UnreadableFile for a path that does not exist.
    """
    return [recording for path in paths for recording in _find(path)]


def _find(text: str) -> Iterator[Recording]:
    if text == STANDARD_INPUT:
        yield Recording(name=STANDARD_INPUT, path=None, size_bytes=0)
        return
    root = Path(text)
    if not root.exists():
        msg = f"{text}: no such file or folder"
        raise UnreadableFile(msg)
    for path in sorted(root.rglob("*")) if root.is_dir() else [root]:
        if path.is_file():
            yield Recording(name=str(path.resolve()), path=path, size_bytes=path.stat().st_size)


def read_blocks(recording: Recording, advance: Callable[[int], None]) -> Iterator[bytes]:
    """The decompressed content, block by block; `advance` hears how many stored bytes have been read so far.

    Raises UnreadableFile when the file cannot be opened or its compression is damaged; blocks before that stand.
    """
    try:
        if recording.path is None:
            yield from _blocks(sys.stdin.buffer, sys.stdin.buffer, advance)
            return
        with recording.path.open("rb") as stored, _decompressed(stored) as content:
            yield from _blocks(content, stored, advance)
    except (OSError, EOFError, zlib.error, zstandard.ZstdError) as error:
        msg = f"{recording.name}: {error}"
        raise UnreadableFile(msg) from error


def _decompressed(stored: IO[bytes]) -> AbstractContextManager[IO[bytes]]:
    head = stored.read(4)
    stored.seek(0)
    for magic, opener in _MAGIC:
        if head.startswith(magic):
            return closing(opener(stored))
    return nullcontext(stored)


def _blocks(content: IO[bytes], stored: IO[bytes], advance: Callable[[int], None]) -> Iterator[bytes]:
    while block := content.read(BLOCK_BYTES):
        if stored.seekable():
            advance(stored.tell())
        yield block
