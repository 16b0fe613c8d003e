"""Cuts a stream of bytes into the records it holds, verbatim, without holding more than one of them.

No library yields the original bytes of the elements of a JSON stream, and raw must stay verbatim; so this
finds where records begin and end and leaves their meaning to the parser. A broken record never swallows
the ones after it: in line-delimited files a line is a record, whatever is in it.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import NamedTuple

import orjson

MAX_RECORD_BYTES = 32 * 1024 * 1024
"""A longer record is cut there and marked; the longest real ones are under 1 MB."""

_WHITESPACE = b" \t\r\n"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[\]{},]|"', re.DOTALL)
_OPENING, _CLOSING = b"[{", b"]}"


class Piece(NamedTuple):
    """One record as it stood in the stream."""

    body: bytes
    is_whole: bool
    """False when the stream ended, or the size limit came, before the record did."""


def split_records(blocks: Iterable[bytes]) -> Iterator[Piece]:
    """The records of a JSON array, of line-delimited JSON, or the single value of a document."""
    stream = iter(blocks)
    head = b""
    for block in stream:
        head += block
        if head.removeprefix(_BYTE_ORDER_MARK).strip(_WHITESPACE):
            break
    head = head.removeprefix(_BYTE_ORDER_MARK).lstrip(_WHITESPACE)
    rest = chain((head,), stream)
    if head.startswith(b"["):
        return _split_array(rest)
    return _split_lines_or_document(rest)


def _split_lines_or_document(blocks: Iterator[bytes]) -> Iterator[Piece]:
    """Lines; or one value spread over many lines: the first opens an object that the second goes on with."""
    lines = _lines(blocks)
    beginning = list(islice(lines, 2))
    whole = chain(beginning, lines)
    is_document = (
        len(beginning) > 1
        and beginning[0].body.startswith(b"{")
        and not beginning[1].body.startswith(b"{")
        and not _is_json(beginning[0].body)
    )
    if is_document:
        yield _document(whole)
    else:
        yield from whole


def _document(lines: Iterable[Piece]) -> Piece:
    body = bytearray()
    for line in lines:
        body += line.body + b"\n"
        if len(body) > MAX_RECORD_BYTES:
            return Piece(bytes(body[:MAX_RECORD_BYTES]), is_whole=False)
    whole = bytes(body).strip(_WHITESPACE)
    return Piece(whole, is_whole=_is_json(whole))


def _is_json(body: bytes) -> bool:
    try:
        orjson.loads(body)
    except orjson.JSONDecodeError:
        return False
    return True


def _lines(blocks: Iterator[bytes]) -> Iterator[Piece]:
    """Non-empty lines. A line over the limit is cut there and the rest of it passed over."""
    rest = b""
    is_skipping = False
    for block in blocks:
        *complete, rest = (rest + block).split(b"\n")
        for line in complete:
            body = line.strip(_WHITESPACE)
            if body and not is_skipping:
                yield Piece(body, is_whole=True)
            is_skipping = False
        if len(rest) > MAX_RECORD_BYTES:
            if not is_skipping:
                yield Piece(rest[:MAX_RECORD_BYTES], is_whole=False)
            is_skipping, rest = True, b""
    body = rest.strip(_WHITESPACE)
    if body and not is_skipping:
        yield Piece(body, is_whole=not body.startswith(b"{") or _is_json(body))


def _split_array(blocks: Iterator[bytes]) -> Iterator[Piece]:  # noqa: C901 - one state machine, split up it is harder to follow
    """The elements of one array. Elements that follow one another without a comma are kept apart by nesting."""
    buffer = b""
    depth, start, at = 0, 0, 0
    for block in blocks:
        buffer = buffer[start:] + block
        at, start = at - start, 0
        for token in _TOKEN.finditer(buffer, at):
            text, end = token.group(), token.end()
            if text == b'"':
                at = token.start()  # a string that goes on in the next block
                break
            at = end
            if text in _OPENING:
                depth += 1
                if depth == 1:
                    start = end
            elif text in _CLOSING:
                depth -= 1
                if depth == 0:
                    yield from _element(buffer[start : end - 1])
                    start = end
            elif text == b"," and depth == 1:
                yield from _element(buffer[start : end - 1])
                start = end
        else:
            at = len(buffer)
        if len(buffer) - start > MAX_RECORD_BYTES:
            yield Piece(buffer[start : start + MAX_RECORD_BYTES], is_whole=False)
            return
    if remainder := buffer[start:].strip(_WHITESPACE):
        yield Piece(remainder, is_whole=False)


def _element(text: bytes) -> Iterator[Piece]:
    if body := text.strip(_WHITESPACE):
        yield Piece(body, is_whole=True)
