"""Cutting streams into records."""

from collections.abc import Iterator

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from measurements.results import splitting
from measurements.results.splitting import split_records

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=8,
)
OBJECTS = st.dictionaries(st.text(max_size=4), VALUES, max_size=4)


def blocks(data: bytes, size: int) -> Iterator[bytes]:
    """The data in blocks of some size, as a file gives it."""
    return (data[i : i + size] for i in range(0, len(data), size))


def bodies(data: bytes, size: int = 7) -> list[bytes]:
    """The bodies of the records of some data."""
    return list(split_records(blocks(data, size)))


@given(records=st.lists(OBJECTS, max_size=6), size=st.integers(1, 50))
def test_array_and_lines_give_the_same_records(records: list[object], size: int) -> None:
    """An array and one object per line hold the same records, wherever the blocks end."""
    lines = [orjson.dumps(record) for record in records]

    as_array = bodies(b" [ " + b" ,\n".join(lines) + b"]\n", size)
    as_lines = bodies(b"\n\r\n".join(lines) + b"\n", size)

    assert as_array == lines
    assert as_lines == lines


def test_bytes_are_kept_verbatim() -> None:
    """White space, escapes and number forms inside a record stay as they were."""
    record = rb'{ "rtt" : 35.400000, "text":"a\u00e9]},\"" }'

    assert bodies(b"[" + record + b"]") == [record]
    assert bodies(record) == [record]


def test_broken_line_does_not_swallow_the_next() -> None:
    """In line-delimited files a line is a record, whatever is in it."""
    assert bodies(b'{"a":1}\n{"b":[[\n\xff\x00\n{"c":3}') == [b'{"a":1}', b'{"b":[[', b"\xff\x00", b'{"c":3}']


def test_first_line_cut_at_a_comma_is_still_a_line() -> None:
    """A file whose first line is cut off is not taken for one long document."""
    assert bodies(b'{"fw":4790,\n{"a":1}\n') == [b'{"fw":4790,', b'{"a":1}']


def test_one_object_over_many_lines_is_one_record() -> None:
    """A pretty-printed file is one document, verbatim."""
    assert bodies(b'{\n "a": 1,\n "b": {"c": 2}\n}\n') == [b'{\n "a": 1,\n "b": {"c": 2}\n}']


def test_documents_one_after_another_are_records() -> None:
    """What a tool prints that spreads each record over lines."""
    assert bodies(b'{\n "a": 1\n}\n{\n "b": 2\n}\n') == [b'{\n "a": 1\n}', b'{\n "b": 2\n}']


@pytest.mark.parametrize(
    "data",
    [
        b'[{"a":1}]\n{"b":2}\n{"c":3}',
        b'[{"a":1}]\n[{"b":2},{"c":3}]\n',
        b'[{"a":1}][][{"b":2}][{"c":3}]',
        b'[{"a":1} {"b":2}\n{"c":3}]',
        b'[[{"a":1},{"b":2}],[{"c":3}]]',
        b'{"a":1},{"b":2},{"c":3}]',
        b'{"a":1} {"b":2}\n{"c":3}',
        b'{"a":1}\n[{"b":2},{"c":3}]\n',
    ],
)
@pytest.mark.parametrize("size", [1, 7, 100])
def test_records_come_out_however_they_are_strung_together(data: bytes, size: int) -> None:
    """Arrays after arrays, lines after an array, and commas or brackets that are not there."""
    assert bodies(data, size) == [b'{"a":1}', b'{"b":2}', b'{"c":3}']


def test_values_that_are_no_objects_are_records() -> None:
    """They are of no use, and that is for the reader to say."""
    assert bodies(b'[1,"a,b",null,[2,3],{"a":4}]') == [b"1", b'"a,b"', b"null", b"[2,3]", b'{"a":4}']


def test_array_cut_off_keeps_the_remainder() -> None:
    """What an interrupted download leaves of the last element is kept."""
    assert bodies(b'[{"a":1},{"b":"tru', 5) == [b'{"a":1}', b'{"b":"tru']


@pytest.mark.parametrize("data", [b"", b" \n\r\n ", b"\xef\xbb\xbf", b"[]", b" [ ] "])
def test_nothing_in_nothing_out(data: bytes) -> None:
    """An empty file or array holds no record."""
    assert bodies(data) == []


def test_byte_order_mark_is_no_record() -> None:
    """A file written by a program that marks the byte order is read like any other."""
    assert bodies(b'\xef\xbb\xbf{"a":1}\n') == [b'{"a":1}']


@pytest.mark.parametrize("opening", [b"[", b""])
def test_record_over_the_limit_is_cut(monkeypatch: pytest.MonkeyPatch, opening: bytes) -> None:
    """A record that never ends does not fill the memory."""
    monkeypatch.setattr(splitting, "MAX_RECORD_BYTES", 100)

    (piece,) = split_records(blocks(opening + b'"' + b"x" * 1000, 30))

    assert len(piece) == 100


@pytest.mark.parametrize("data", [b'[{"a":"%s"},{"b":2}]', b'[{"a":"%s,{"b":2}]', b'{"b":1}\n{"a":"%s"}\n{"b":2}\n'])
def test_record_over_the_limit_is_one_record(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    """The rest of it is passed over, and the next one is whole."""
    monkeypatch.setattr(splitting, "MAX_RECORD_BYTES", 100)

    for size in (1, 30, 2_000):
        *_, long, last = split_records(blocks(data % (b"x" * 1000), size))

        assert len(long) == 100
        assert last == b'{"b":2}'


def test_line_over_the_limit_leaves_the_next_readable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the long line is cut."""
    monkeypatch.setattr(splitting, "MAX_RECORD_BYTES", 100)

    assert bodies(b"x" * 1000 + b'\n{"a":1}\n', 30) == [b"x" * 100, b'{"a":1}']
