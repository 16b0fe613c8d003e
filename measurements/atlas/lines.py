"""Results out of an answer's body: a result for each line, or the elements of a JSON list, without holding the rest."""

import re
from collections.abc import Iterable, Iterator

import orjson

from measurements.atlas.failures import CutOff, Phase, ServerFailed, Unreadable

LONGEST_LINE = 32 * 1024 * 1024
"""Bytes; the longest real result has under 1 MB."""
_SPACE = b" \t\r\n"
_TO_BRACKET = re.compile(rb'(?:[^"{}\[\]]++|"(?:[^"\\]++|\\.)*+")*+[{}\[\]]', re.DOTALL).match
"""Passes over everything up to the next bracket or brace outside of texts, without ever going back."""


def result_lines(name: str, blocks: Iterable[bytes], *, is_framed: bool) -> Iterator[bytes]:
    """Each result, verbatim, of the body of the call `name`.

    `is_framed` says whether HTTP itself tells where the body ends; where it does not, only a closed list is known to
    be whole. Raises `CutOff` after what there was of a body that ended too early, `ServerFailed` for a page and
    `Unreadable` for anything else that holds no results.
    """
    stream = iter(blocks)
    head = b""
    for block in stream:
        head = (head + block).lstrip(_SPACE)
        if head:
            break
    if head.startswith(b"["):
        yield from _Elements(name).of(_with(head[1:], stream))
        return
    if head and not head.startswith(b"{"):
        if head.startswith(b"<"):
            raise ServerFailed(f"{name}: a page for people where results were expected; it passes", phase=Phase.DECODE)
        raise Unreadable(f"{name}: {head[:80]!r} is no result", phase=Phase.DECODE)
    yield from _lines(name, _with(head, stream))
    if not is_framed:
        raise CutOff(f"{name}: nobody says whether the answer ended where it should; ask again", phase=Phase.READ)


def _with(head: bytes, stream: Iterator[bytes]) -> Iterator[bytes]:
    yield head
    yield from stream


def _lines(name: str, blocks: Iterator[bytes]) -> Iterator[bytes]:
    rest = b""
    for block in blocks:
        *lines, rest = (rest + block).split(b"\n")
        for line in lines:
            if body := line.strip(_SPACE):
                yield body
        if len(rest) > LONGEST_LINE:
            raise Unreadable(f"{name}: a line of more than {LONGEST_LINE} bytes is no result", phase=Phase.DECODE)
    if body := rest.strip(_SPACE):
        if not _is_json(body):
            raise CutOff(f"{name}: the last line was cut off; ask for less at once", phase=Phase.READ)
        yield body


def _is_json(body: bytes) -> bool:
    try:
        orjson.loads(body)
    except orjson.JSONDecodeError:
        return False
    return True


class _Elements:
    """Cuts a JSON list, whose opening bracket was read already, into its elements."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._text = b""
        self._at = 0
        self._depth = 0
        self._is_closed = False

    def of(self, blocks: Iterator[bytes]) -> Iterator[bytes]:
        """The elements that are objects; there are no others among results."""
        for block in blocks:
            self._text += block
            yield from self._cut()
            if len(self._text) > LONGEST_LINE:
                raise Unreadable(f"{self._name}: an element that long is no result", phase=Phase.DECODE)
        if not self._is_closed:
            raise CutOff(f"{self._name}: the list was cut off; ask for less at once", phase=Phase.READ)

    def _cut(self) -> Iterator[bytes]:
        begins_at = 0
        while not self._is_closed and (found := _TO_BRACKET(self._text, self._at)):
            at, self._at = found.end() - 1, found.end()
            if self._text[at] in b"{[":
                begins_at = begins_at if self._depth else at
                self._depth += 1
            elif self._depth:
                self._depth -= 1
                if not self._depth:
                    yield self._text[begins_at : at + 1]
                    begins_at = at + 1
            else:
                self._is_closed = True
        self._text, self._at = self._text[begins_at:], self._at - begins_at
