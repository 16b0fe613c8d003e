"""Cuts a stream of bytes into the records it holds, verbatim, without holding more than one of them.

No library yields the original bytes of the elements of a JSON stream, and raw must stay verbatim; so this
finds where records begin and end and leaves their meaning to the parser. A broken record never swallows
the ones after it: in line-delimited files a line is a record, whatever is in it; anywhere else the next
record is looked for behind the damage, and what lies before it is handed on as it is.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

import orjson

from measurements.results.boundaries import SPACE, Value, next_record, next_value, record_at, value_at, without_brackets

MAX_RECORD_BYTES = 32 * 1024 * 1024
"""A longer record is cut there; the longest real ones are under 1 MB."""
LONGEST_DAMAGE = 1024 * 1024
"""If none of so many bytes make a line that is an object, they are not in a file of lines."""

_WHITESPACE = SPACE.encode()
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def split_records(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """The records of JSON arrays, of line-delimited JSON, or of documents that each spread over many lines."""
    stream = iter(blocks)
    head = _from_first_character(stream)
    if head.startswith(b"["):
        return _split_values(chain((head[1:],), stream))
    head, are_lines = _look_ahead(head, stream)
    return (_split_lines if are_lines else _split_values)(chain((head,), stream))


def _from_first_character(stream: Iterator[bytes]) -> bytes:
    head = b""
    for block in stream:
        head += block
        if head.removeprefix(_BYTE_ORDER_MARK).strip(_WHITESPACE) and not _BYTE_ORDER_MARK.startswith(head):
            break
    return head.removeprefix(_BYTE_ORDER_MARK).lstrip(_WHITESPACE)


def _look_ahead(head: bytes, stream: Iterator[bytes]) -> tuple[bytes, bool]:
    """As much of the stream as tells whether it is lines, and whether it is."""
    if (are_lines := _are_lines(head, is_end=False)) is not None:
        return head, are_lines
    enough = 2 * len(head)
    for block in stream:
        head += block
        if len(head) >= enough and (are_lines := _are_lines(head, is_end=False)) is not None:
            return head, are_lines
        enough = enough if len(head) < enough else 2 * len(head)
    return head, _are_lines(head, is_end=True) is True


def _are_lines(head: bytes, *, is_end: bool) -> bool | None:
    """Whether the first line is an object, or is damaged and another one is; None if more must be read to tell."""
    line, newline, others = head.partition(b"\n")
    if newline and _is_object(line):
        return True
    value = value_at(head.decode("latin-1"), 0)
    is_document = value.end > len(line) and _is_json(head[: value.end])
    after = head[value.end : len(line) + 1].lstrip(b" \t\r")
    if is_document or (value.end and after.startswith((b",", b"{", b"[", b"]"))):
        return False
    is_open = value.is_cut_off or (value.end and not newline and not after)
    if is_open and not is_end and len(head) <= MAX_RECORD_BYTES:
        return None
    if any(_is_object(other) for other in others.split(b"\n")):
        return True
    return False if is_end or len(head) > LONGEST_DAMAGE else None


def _is_object(line: bytes) -> bool:
    """Whether the line is one, with something in it: a lone `{}` may be what damage made of a document's first line."""
    return line.startswith(b"{") and b'"' in line and _is_json(line)


def _is_json(body: bytes) -> bool:
    try:
        orjson.loads(body)
    except orjson.JSONDecodeError:
        return False
    return True


def _split_lines(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Non-empty lines. A line over the limit is cut there and the rest of it passed over."""
    rest: list[bytes] = []
    n_bytes = 0
    for block in blocks:
        first, *others = block.split(b"\n")
        if n_bytes <= MAX_RECORD_BYTES:
            rest.append(first)
            n_bytes += len(first)
        if others:
            lines = b"".join(rest), *others[:-1]
            rest, n_bytes = others[-1:], len(others[-1])
            for line in lines:
                if body := line.strip(_WHITESPACE):
                    if body.startswith(b"[") or len(body) > MAX_RECORD_BYTES:
                        yield from _unusual_line(body)
                    else:
                        yield body
    if body := b"".join(rest).strip(_WHITESPACE):
        yield from _unusual_line(body)


def _unusual_line(body: bytes) -> Iterator[bytes]:
    """A line that is too long, an array of records, or the last line, whatever it is."""
    if len(body) > MAX_RECORD_BYTES:
        yield body[:MAX_RECORD_BYTES]
    elif body.startswith(b"[") and _is_json(body):
        yield from _split_values((body,))
    else:
        yield body


def _split_values(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Values one after another, with or without commas and brackets between them."""
    values = _Values()
    for block in blocks:
        yield from values.feed(block)
    yield from values.close()


@dataclass(slots=True)
class _Values:
    """The part of the stream that is being looked at, and what has been cut from it."""

    text: str = ""
    enough: int = 0
    """How long the text must be for another look: twice as long, lest long records be read again and again."""
    is_passing_over: bool = False
    """Whether the text is the rest of a record over the limit."""

    def feed(self, block: bytes) -> Iterator[bytes]:
        """The records that are complete with this block."""
        self.text += block.decode("latin-1")
        if len(self.text) >= self.enough:
            yield from self._cut(is_end=False)

    def close(self) -> Iterator[bytes]:
        """What is left at the end."""
        return self._cut(is_end=True)

    def _cut(self, *, is_end: bool) -> Iterator[bytes]:
        text = self.text
        at = self._pass_over(is_end=is_end) if self.is_passing_over else 0
        while not self.is_passing_over and (at := next_value(text, at)) < len(text):
            value = record_at(text, at)
            if value.end and (is_end or not value.is_cut_off):
                yield _bytes(text[at : value.end])
                at = value.end
                continue
            end = self._end_of_damaged(at, value, is_end=is_end)
            if end is None:
                break
            if body := without_brackets(text[at:end]):
                yield _bytes(body)
            at = end
        self.text = text[at:]
        self.enough = min(2 * len(self.text), max(len(self.text), MAX_RECORD_BYTES) + 1)

    def _end_of_damaged(self, at: int, value: Value, *, is_end: bool) -> int | None:
        """Where the damaged record that begins here is to be cut off; None if more must be read to tell."""
        is_too_long = len(self.text) - at > MAX_RECORD_BYTES
        if value.is_cut_off and not is_end and not is_too_long:
            return None
        found = next_record(self.text, at, value.damage, is_end=is_end)
        if found and (found.is_certain or is_too_long):
            return found.at
        if is_end:
            return len(self.text)
        self.is_passing_over = is_too_long
        return len(self.text) if is_too_long else None

    def _pass_over(self, *, is_end: bool) -> int:
        """Where the next record begins after one over the limit, or as much as can be said of that."""
        found = next_record(self.text, -1, 0, is_end=is_end)
        if not found:
            return len(self.text)
        self.is_passing_over = not found.is_certain and len(self.text) - found.at <= MAX_RECORD_BYTES
        return found.at


def _bytes(text: str) -> bytes:
    """The record as it stood, or as much of it as may be."""
    return text[:MAX_RECORD_BYTES].encode("latin-1")
