"""Cutting streams that are damaged: the records around the damage come out whole, and no byte of it is lost."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from measurements.results import splitting
from measurements.results.splitting import split_records
from tests.records import laboratory

SEPARATORS = b" \t\r\n,[]"
GARBAGE = (
    b"}", b"{", b"]", b"[", b'"', b",", b":", b"\\", b"\x00", b"\xff", b"\xc3", b"null", b"}}", b'{"', b'"}', b"}]",
    b"{},", b'\\"', b"NaN", b"<html>503</html>", b'{"a":[', b'"x":1', b"'", b"01", b"}{",
)  # fmt: skip


def pretty(record: bytes) -> bytes:
    """The record over many lines."""
    return orjson.dumps(orjson.loads(record), option=orjson.OPT_INDENT_2)


FORMATS: dict[str, Callable[[Sequence[bytes]], bytes]] = {
    "array": lambda records: b"[" + b",".join(records) + b"]",
    "array over lines": lambda records: b"[\n" + b",\n".join(records) + b"\n]\n",
    "array without commas": lambda records: b"[" + b" ".join(records) + b"]",
    "array without an end": lambda records: b"[" + b", ".join(records),
    "lines": lambda records: b"\n".join(records) + b"\n",
    "array per line": lambda records: b"".join(b"[" + record + b"]\n" for record in records),
    "documents": b"\n".join,
    "array, then lines": lambda records: b"[" + records[0] + b"]\n" + b"\n".join(records[1:]),
}


class Stream(NamedTuple):
    """A stream, what it is made of, and which parts of that are damaged."""

    data: bytes
    parts: list[bytes]
    damaged: set[int]


@st.composite
def damaged_copies(draw: st.DrawFn, record: bytes, *, is_first: bool) -> bytes:
    """The record with one thing wrong with it.

    Only the first of several may lack its beginning: `{"a":`, a good record and `}` are one value, nothing is wrong.
    """
    kind = draw(st.sampled_from(["insert", "overwrite", "drop", "cut"] + ["behead"] * is_first))
    at = draw(st.integers(0, len(record)))
    if kind == "cut":
        return record[:at]
    if kind == "behead":
        return record[at:]
    if kind == "drop":
        at = draw(st.sampled_from([i for i, byte in enumerate(record) if byte in b'{}[]",:']))
        return record[:at] + record[at + 1 :]
    garbage = draw(st.sampled_from(GARBAGE))
    return record[:at] + garbage + record[at + (len(garbage) if kind == "overwrite" else 0) :]


@st.composite
def streams(draw: st.DrawFn) -> Stream:
    """Results, one or more of them damaged, in any of the forms they come in."""
    name = draw(st.sampled_from(sorted(FORMATS)))
    parts = draw(st.lists(st.sampled_from(laboratory()), min_size=1, max_size=7, unique=True))
    if name == "documents" or (name != "lines" and draw(st.booleans())):
        parts = [pretty(record) for record in parts]
    damaged = draw(st.sets(st.integers(0, len(parts) - 1), min_size=1, max_size=3))
    for i in damaged:
        parts[i] = draw(damaged_copies(parts[i], is_first=i == min(damaged)))
    return Stream(FORMATS[name](parts), parts, damaged)


def cut(data: bytes, size: int = 7) -> list[bytes]:
    """The records of some data that comes in blocks of some size."""
    return list(split_records(data[i : i + size] for i in range(0, len(data), size)))


def bare(*texts: bytes) -> bytes:
    """Texts without what stands between records."""
    return b"".join(texts).translate(None, SEPARATORS)


def between(stream: Stream, pieces: list[bytes]) -> Iterator[tuple[list[bytes], list[bytes]]]:
    """The damaged parts before each good one, and at the end, beside the pieces that came out there."""
    found: list[bytes] = []
    lost: list[bytes] = []
    rest = iter(pieces)
    for i, part in enumerate(stream.parts):
        if i in stream.damaged:
            lost.append(part)
            continue
        for piece in rest:
            if piece == part:
                break
            found.append(piece)
        else:
            pytest.fail(f"record {i} did not come out of {stream.data!r}")
        yield lost, found
        found, lost = [], []
    yield lost, list(rest)


@settings(max_examples=150, deadline=None)
@given(stream=streams(), size=st.integers(1, 3_000))
def test_good_records_come_out_and_no_byte_of_a_damaged_one_is_lost(stream: Stream, size: int) -> None:
    """Whatever is wrong with some records, the others come out verbatim and in order, and those as they are."""
    for damaged, found in between(stream, cut(stream.data, size)):
        assert bare(*found) == bare(*damaged)


@settings(max_examples=50, deadline=None)
@given(stream=streams(), size=st.integers(1, 3_000))
def test_damage_is_cut_alike_wherever_the_blocks_end(stream: Stream, size: int) -> None:
    """Reading in other blocks gives the same records, so that reading a file again adds none."""
    assert cut(stream.data, size) == cut(stream.data, 10**6)


@pytest.mark.parametrize(
    ("data", "damaged"),
    [
        (b'[{"a":1,{"b":2},{"c":3}]', [b'{"a":1']),
        (b'[{"a":{"x":1,"y":2},{"b":2},{"c":3}]', [b'{"a":{"x":1,"y":2}']),
        (b'[{"a":1}},{"b":2},{"c":3}]', [b'{"a":1}', b"}"]),
        (b'[{{"a":1},{"b":2},{"c":3}]', [b"{", b'{"a":1}']),
        (b'["a":1},{"b":2},{"c":3}]', [b'"a":1}']),
        (b'[{"a":"x},{"b":2},{"c":3}]', [b'{"a":"x}']),
        (b'[{"a":x"},{"b":2},{"c":3}]', [b'{"a":x"}']),
        (b'[{"a":"x"y"},{"b":2},{"c":3}]', [b'{"a":"x"y"}']),
        (b'[{"a":"x\\},{"b":2},{"c":3}]', [b'{"a":"x\\}']),
        (b'[{"a":"x{"b":2},{"c":3}]', [b'{"a":"x']),
        (b'[{"a":,{"b":2},{"c":3}]', [b'{"a":']),
        (b'[{"a" 1},{"b":2},{"c":3}]', [b'{"a" 1}']),
        (b'[garbage,{"b":2},{"c":3}]', [b"garbage"]),
        (b'[{"a":1}\x00{"b":2},{"c":3}]', [b'{"a":1}', b"\x00"]),
        (b'[{"a":nul},{"a":nul},{"b":2},{"c":3}]', [b'{"a":nul}', b'{"a":nul}']),
        (b'{"a":1\n{"b":2}\n{"c":3}\n', [b'{"a":1']),
        (b'{"a":"x\n{"b":2}\n{"c":3}\n', [b'{"a":"x']),
        (b'{"a":[\n{"b":2}\n{"c":3}\n', [b'{"a":[']),
        (b'{"a":1},\n{"x\n{"b":2}\n{"c":3}\n', [b'{"a":1}', b'{"x']),
    ],
)
def test_first_record_damaged_leaves_the_others(data: bytes, damaged: list[bytes]) -> None:
    """A missing or odd brace, quote or comma, a record cut off and garbage: each stays with the one it is in."""
    for size in (1, 5, 1_000):
        assert cut(data, size) == [*damaged, b'{"b":2}', b'{"c":3}']


@pytest.mark.parametrize(
    "record",
    [
        b'{"a":nul,"list":[{"x":1},{"y":{"z":2}}],"b":{"c":3},"d":4}',
        b'{"a":nul,"list":[{"x":1},{"y":2}]}',
        b'{"a":nul,"b":{"c":{"d":1}}}',
    ],
)
def test_damaged_record_stays_in_one_piece(record: bytes) -> None:
    """The objects inside of it are no records, even where nothing is wrong with them."""
    assert cut(b"[" + record + b',{"b":2}]', 9) == [record, b'{"b":2}']
    assert cut(b'[{"b":2},' + record + b"]", 9) == [b'{"b":2}', record]


def test_records_inside_of_a_string_are_none() -> None:
    """Where an element is as it should be, nothing inside of it is a boundary."""
    element = rb'{"text":"},{\"b\":2},{","list":[{"x":1},{"y":2}]}'

    assert cut(b"[" + element + b"," + element + b"]") == [element, element]


def test_record_cut_off_inside_a_list_gives_back_the_results_after_it() -> None:
    """They look like members of the list, up to the end; that they are results shows that they are not."""
    first, second, third = laboratory()[:3]
    cut_off = b'{"fw":5120,"result":[{"hop":1}'

    assert cut(b"[" + b",".join((cut_off, first, second, third)) + b"]", 999) == [cut_off, first, second, third]


def test_long_record_after_a_damaged_one_is_whole() -> None:
    """However long it is: only the limit is too long."""
    long = b'{"b":"' + b"x" * 100_000 + b'"}'

    assert cut(b'[{"a":1,' + long + b',{"c":3}]', 4_096) == [b'{"a":1', long, b'{"c":3}']


def test_damage_does_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten thousand records behind a damaged one are handed on as they come, not when the limit is reached."""
    monkeypatch.setattr(splitting, "MAX_RECORD_BYTES", 10**9)
    stream = (b'[{"a":1,' if i == 0 else b'{"b":%d},' % i for i in range(10_000))
    first = next(iter(split_records(stream)))

    assert first == b'{"a":1'
    assert sum(1 for _ in stream) > 9_000


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'{"a":[', b'{"', b'"', b"{"])
def test_openings_without_end_are_got_through(opening: bytes) -> None:
    """What nests deeper than any reader follows costs no more than its length, and keeps nothing from the next."""
    good = laboratory()[0]

    assert cut(b"[" + opening * 20_000 + b"," + good + b"]", 100_000)[-1] == good
