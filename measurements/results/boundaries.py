"""Where the values of a JSON text begin and end, and where the next record does after a damaged one.

The text is bytes taken for Latin-1: one character for each byte, whatever the encoding. What JSON is made of is
ASCII, so its boundaries stay where they are, and damaged text is as good as any. The standard library's decoder
tells where a value ends and, which no other does, where damage shows itself; values are not kept.

Damage shows itself almost at once: a key stands where none may, a bracket closes nothing. What precedes that place
belongs to the damaged record, and of what follows, its own remaining parts must be told from other records.
"""

import json
import re
from typing import NamedTuple

import orjson

SPACE = " \t\r\n"
RESULT_KEYS = frozenset(("msm_id", "prb_id", "timestamp"))
"""Every result has them, and nothing inside a result does."""
_QUOTED_KEYS = [f'"{key}"' for key in sorted(RESULT_KEYS)]

_LONGEST_TOKEN = 16
"""Damage nearer than that to the end of a text may be a token that goes on: `-Infinity`, `\\u00e9`, `1.5e-7`."""
_GLANCE = 16 * 1024
"""Most records are shorter."""
_LONGEST_INNER_LIST = 256
"""A longer run of objects is no list in a record: a traceroute has at most 255 hops."""

_decode = json.JSONDecoder(
    strict=False, object_pairs_hook=len, parse_int=len, parse_float=len, parse_constant=len
).raw_decode
"""Only the end of a value is asked for, so its parts become lengths: quicker, and flat in memory."""

_SPACES = re.compile(r"[ \t\r\n]*+")
_BETWEEN = re.compile(r"(?:[ \t\r\n,\]]|\[[ \t\r\n\[]*+(?=[{\]]))*+")
"""Between records. A bracket before an object opens one more list of records; before anything else, a value."""
_OBJECT = re.compile(r'\{[ \t\r\n]*+(?:["}]|\Z)')
_FIRST_KEY = re.compile(r'\{[ \t\r\n]*+"[^"\\]*+"')
_KEY_BEGINS = re.compile(r'\{[ \t\r\n]*+"[ \t\r\n]*+\Z')
_AFTER = re.compile(
    r'(?P<closed>[ \t\r\n\]}]*+)(?P<comma>,?+)[ \t\r\n]*+(?:"(?:[^"\\]|\\.)*+"[ \t\r\n]*+(?P<key>:)?)?+', re.DOTALL
)
_NEST = re.compile(r'(?:(?:\{[ \t\r\n]*+"[^"\\]*+"[ \t\r\n]*+:|\[)[ \t\r\n]*+){64}(?=(?:[\[{][^\[{}\]]*+){64})')
"""So many openings on end begin no record; one by one, each would be followed down to the decoder's limit."""
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"|[\[\]{}]', re.DOTALL)


class Value(NamedTuple):
    """A value that ends somewhere, or the damage that keeps it from doing so."""

    end: int
    """Nothing stands at 0, so 0 means that there is no end."""
    damage: int = 0
    is_cut_off: bool = False
    """Whether the text that follows may make another thing of it."""


class Boundary(NamedTuple):
    """Where a record may begin."""

    at: int
    is_certain: bool
    """False when the text ends too early to tell."""


def next_value(text: str, at: int) -> int:
    """Where the next value begins: past separators, and the brackets around records."""
    found = _BETWEEN.match(text, at)
    return found.end() if found else at


def record_at(text: str, at: int) -> Value:
    """The record that begins here. An object ends with its brace; anything else must be followed by a separator."""
    value = value_at(text, at)
    if not value.end or text[at] == "{":
        return value
    after = _end(_SPACES, text, value.end)
    if after == len(text):
        return value._replace(damage=value.end, is_cut_off=True)
    return value if text[after] in ",][{" else Value(0, damage=value.end)


def value_at(text: str, at: int) -> Value:
    """The value that begins here."""
    try:
        return Value(_decode(text, at)[1])
    except json.JSONDecodeError as error:
        is_unterminated = error.msg.startswith("Unterminated")
        return Value(0, error.pos, is_unterminated or error.pos >= len(text) - _LONGEST_TOKEN)
    except RecursionError:  # nested deeper than any reader follows
        return Value(0, at)


def next_record(text: str, start: int, damage: int, *, is_end: bool) -> Boundary | None:
    """Where the next record begins after one that began at `start` and is damaged at `damage`.

    Before the damage only results are records: one that was cut off inside a list swallows those that follow.
    Behind it every object is, unless it is a part of the damaged one. A `start` of -1 says that the text is the
    inside of a record.
    """
    damage = max(_before_swallowed_key(text, start + 1, damage), start + 1)
    swallowed = _first_result(text, start + 1, damage)
    if swallowed is not None:
        return Boundary(swallowed, is_certain=True)
    opening = _FIRST_KEY.match(text, start) if start >= 0 else None
    at = damage
    while found := _OBJECT.search(text, at):
        at = found.start()
        if nest := _NEST.match(text, at):
            at = nest.end()
            continue
        value = _look_at(text, at)
        if _is_result(text, at, value.end):
            return Boundary(at, is_certain=True)
        if not value.end and opening and text.startswith(opening.group(), at):
            return Boundary(at, is_certain=not value.is_cut_off or is_end)  # the next damaged one
        is_record, end = _judge_run(text, value, is_inside=start < 0, is_end=is_end)
        if is_record is not False:
            return Boundary(at, is_certain=is_record is True)
        at = _past(text, at, end)
    return None


def without_brackets(text: str) -> str:
    """A damaged record without what closes the array around it, if its own brackets are balanced."""
    text = text.strip(SPACE + ",")
    if text.rstrip(SPACE + ",[").endswith("]"):
        depth = 0
        for token in _TOKEN.finditer(text):
            depth += {"{": 1, "[": 1, "}": -1, "]": -1}.get(token.group(), 0)
            if depth < 0 and token.group() == "]" and not text[token.start() :].strip(SPACE + ",[]"):
                return text[: token.start()].rstrip(SPACE + ",")
    return text if text.strip(SPACE + ",[]") else ""


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at


def _before_swallowed_key(text: str, start: int, damage: int) -> int:
    """A string without its closing quote ends at the next quote there is: that of the first key of the next record."""
    brace = text.rfind("{", start, damage)
    return brace if brace >= 0 and _KEY_BEGINS.match(text[brace:damage]) else damage


def _look_at(text: str, at: int) -> Value:
    """The value that begins here, if it is a short one by looking at little: an error counts all lines before it."""
    value = value_at(text[at : at + _GLANCE], 0)
    if value.is_cut_off and at + _GLANCE < len(text):
        return value_at(text, at)
    return Value(value.end and value.end + at, value.damage + at, value.is_cut_off)


def _first_result(text: str, at: int, end: int) -> int | None:
    """Where the first result begins that stands in this part of the text, as a part of something else."""
    key = text.find(_QUOTED_KEYS[0], at, end)
    while key >= 0 and (found := _OBJECT.search(text, at, end)):
        at = found.start()
        value = _look_at(text, at)
        if _is_result(text, at, value.end):
            return at
        at = _past(text, at, value.end)
        if key < at:
            key = text.find(_QUOTED_KEYS[0], at, end)
    return None


def _past(text: str, at: int, end: int) -> int:
    """Where to go on after an object that is no record: behind it, or into it."""
    return end if end and not _may_hold_result(text, at, end) else at + 1


def _judge_run(text: str, value: Value, *, is_inside: bool, is_end: bool) -> tuple[bool | None, int]:
    """Whether the run of objects that begins with this one is of records, and not a list inside of one; and its end.

    None if the text ends too early to tell. A list inside of a record is closed and the record goes on, with a key
    or its closing brace. When the run comes to damage instead, it is taken for records: better one damaged record in
    parts than a good one lost.
    """
    end = 0
    for _ in range(_LONGEST_INNER_LIST):
        if value.is_cut_off and not is_end:
            return None, end
        if not value.end:
            return end > 0, end
        end = value.end
        after = _AFTER.match(text, end)
        if not after or (not is_end and text[after.end() : after.end() + 1] in {"", '"'}):
            return None, end
        if _goes_on(after):
            return False, end
        following = _following(text, after)
        if following is None:
            return True, end
        value = following
    return not is_inside, end


def _following(text: str, after: re.Match[str]) -> Value | None:
    """The next object of a run, if there is one and it is not a result, which no list inside of a record holds."""
    at = after.end()
    if after["closed"].strip(SPACE) or not text.startswith("{", at):
        return None
    value = _look_at(text, at)
    return None if _is_result(text, at, value.end) else value


def _goes_on(after: re.Match[str]) -> bool:
    closed = "".join(after["closed"].split())
    return bool(after["key"] or (closed and (closed != "]" or after["comma"])))


def _may_hold_result(text: str, start: int, end: int) -> bool:
    return all(text.find(key, start, end) >= 0 for key in _QUOTED_KEYS)


def _is_result(text: str, start: int, end: int) -> bool:
    if not _may_hold_result(text, start, end):
        return False
    try:
        record = orjson.loads(text[start:end].encode("latin-1"))
    except orjson.JSONDecodeError:
        return False
    return isinstance(record, dict) and record.keys() >= RESULT_KEYS
