"""Opens recordings: files, folders and standard input, plain or compressed, as streams of blocks."""

import bz2
import gzip
import os
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, closing, nullcontext
from io import BufferedReader
from pathlib import Path
from typing import Any, NamedTuple, cast

from app.compression import MAGIC, ZstdError, ZstdFile
from measurements.errors import UnreadableFile

BLOCK_BYTES = 256 * 1024
STANDARD_INPUT = "-"

LONGEST_MAGIC = 4

_MAGIC: tuple[tuple[bytes, Callable[[BufferedReader], Any]], ...] = (
    (b"\x1f\x8b", lambda file: gzip.GzipFile(fileobj=file)),
    (b"BZh", bz2.BZ2File),
    (MAGIC, ZstdFile),
)


class Recording(NamedTuple):
    """Something to ingest: a file, a named pipe, or standard input (`path` None)."""

    name: str
    """As whoever ingests it gave it, which is kept and shown as the source: no more of a machine than they tell."""
    path: Path | None
    size_bytes: int
    """As stored, so compressed; 0 for a stream."""
    is_stream: bool
    """Whether it can be read only once."""


def find_recordings(paths: Iterable[str]) -> list[Recording]:
    """The files behind the paths given: folders are walked in order of name, `-` is standard input.

    Raises UnreadableFile for a path that does not exist.
    """
    return [recording for path in paths for recording in _find(path)]


def _find(text: str) -> Iterator[Recording]:
    if text == STANDARD_INPUT:
        yield Recording(name=STANDARD_INPUT, path=None, size_bytes=0, is_stream=True)
        return
    root = Path(text)
    if not root.exists():
        msg = f"{text}: no such file or folder; nothing was read"
        raise UnreadableFile(msg)
    if not root.is_dir() and not root.is_file():  # a pipe: what a shell makes of <(command)
        yield Recording(name=_name(root), path=root, size_bytes=0, is_stream=True)
        return
    for path in sorted(root.rglob("*")) if root.is_dir() else [root]:
        if path.is_file():
            yield Recording(_name(path), path, path.stat().st_size, is_stream=False)


def _name(path: Path) -> str:
    """A path as text; bytes that are no UTF-8 are written out, since no database and no JSON takes them."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def read_blocks(recording: Recording, advance: Callable[[int], None]) -> Iterator[bytes]:
    """The decompressed content, block by block; `advance` hears how many stored bytes have been read so far.

    Raises UnreadableFile when the file cannot be opened or its compression is damaged: after all that came before.
    """
    try:
        with _opened(recording) as stored, _decompressed(stored) as content:
            # read1 gives what is there: a full block would be lost with the damage behind it
            while block := content.read1(BLOCK_BYTES):
                if stored.seekable():
                    advance(stored.tell())
                yield block
    except (OSError, EOFError, zlib.error, ZstdError) as error:
        msg = f"{recording.name}: {_in_words(error)}"
        raise UnreadableFile(msg) from error


def _opened(recording: Recording) -> AbstractContextManager[BufferedReader]:
    if recording.path is not None:
        return recording.path.open("rb")
    return nullcontext(cast("BufferedReader", sys.stdin.buffer))


def _decompressed(stored: BufferedReader) -> AbstractContextManager[BufferedReader]:
    """By its first bytes, whatever it is called: standard input has no name."""
    head = stored.peek(LONGEST_MAGIC)
    for magic, opener in _MAGIC:
        if head.startswith(magic):
            return closing(opener(stored))
    return nullcontext(stored)


def _in_words(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return f"the compressed file is damaged or ends too early ({error}); get it again"
