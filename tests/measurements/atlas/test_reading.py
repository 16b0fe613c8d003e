"""Reading results: lines or a list, however cut, and whether they came to their end."""

import time

import pytest

from measurements.atlas.client import AtlasClient
from measurements.atlas.failures import (
    AtlasFailure,
    CutOff,
    ServerFailed,
    TimedOut,
    Unreadable,
)
from tests.measurements.atlas.traps import (
    CHUNKED,
    Traps,
    answers,
    chunks,
    cut_off,
    drips,
    raw,
    resets,
)


def lines_of(atlas: AtlasClient, **question: object) -> list[bytes]:
    """Every result of measurement 7."""
    with atlas.results(7, start_at=0, **question) as reader:  # type: ignore[arg-type]  # what each test names
        return list(reader)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", []),
        (b"\n \n", []),
        (b"[]", []),
        (b" [ ] \n", []),
        (b'{"a":1}\n{"b":2}\n', [b'{"a":1}', b'{"b":2}']),
        (b'{"a":1}\r\n\r\n{"b":2}', [b'{"a":1}', b'{"b":2}']),
        (b'[{"a":1},\n {"b":"]}\\"{"} ,{"c":[{}]}]', [b'{"a":1}', b'{"b":"]}\\"{"}', b'{"c":[{}]}']),
        (b'[{"a":"\\\\"},{"b":2}]', [b'{"a":"\\\\"}', b'{"b":2}']),
    ],
)
@pytest.mark.parametrize("size", [1, 3, 1000])
def test_results_are_lines_or_a_list(
    traps: Traps, atlas: AtlasClient, body: bytes, expected: list[bytes], size: int
) -> None:
    """However the network cuts them; verbatim."""
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    traps.will(raw(CHUNKED, chunks(*parts)))

    with atlas.results(7, start_at=0) as reader:
        assert (list(reader), reader.is_complete, reader.n_lines) == (expected, True, len(expected))


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (raw(CHUNKED, chunks(b'{"a":1}\n{"b":', end=b""), b"zz\r\n"), [b'{"a":1}']),
        (cut_off({"Transfer-Encoding": "chunked"}, chunks(b'{"a":1}\n{"b"', end=b"")), [b'{"a":1}']),
        (cut_off({"Content-Length": "1000"}, b'{"a":1}\n{"b":2}\n'), [b'{"a":1}', b'{"b":2}']),
        (raw(CHUNKED, chunks(b'{"a":1}\n{"b":')), [b'{"a":1}']),
        (raw(CHUNKED, chunks(b'[{"a":1},{"b":2}')), [b'{"a":1}', b'{"b":2}']),
        (raw(CHUNKED, chunks(b'[{"a":1},{"b"')), [b'{"a":1}']),
        (cut_off({"Connection": "close"}, b'{"a":1}\n'), [b'{"a":1}']),
    ],
)
def test_a_body_that_is_cut_off_is_an_error_after_what_came(
    traps: Traps, atlas: AtlasClient, reply: object, expected: list[bytes]
) -> None:
    """What came stands; that more was to come is known."""
    assert callable(reply)
    traps.will(reply)
    found: list[bytes] = []

    with atlas.results(7, start_at=0) as reader:
        with pytest.raises(CutOff) as cut:
            found.extend(reader)
        assert not reader.is_complete

    assert found == expected
    assert cut.value.is_retryable
    assert len(traps.requests) == 1


def test_a_closed_list_needs_no_length(traps: Traps, atlas: AtlasClient) -> None:
    """Its bracket says that it is whole."""
    traps.will(cut_off({"Connection": "close"}, b'[{"a":1}]'))

    assert lines_of(atlas) == [b'{"a":1}']


def test_a_slow_body_ends_in_time(traps: Traps, hasty: AtlasClient) -> None:
    """Though it never falls silent."""
    traps.will(drips(CHUNKED, chunks(b'{"a":1}\n', end=b""), 0.1))
    began = time.monotonic()
    found: list[bytes] = []

    with pytest.raises(TimedOut), hasty.results(7, start_at=0) as reader:
        found.extend(reader)

    assert found
    assert time.monotonic() - began < 2


def test_results_are_asked_for_again_before_any_came(traps: Traps, atlas: AtlasClient) -> None:
    """Later that would give some twice."""
    traps.will(answers(429), answers(502, b"<html>"), resets(), answers(200, b'{"a":1}\n'))

    assert lines_of(atlas) == [b'{"a":1}']


@pytest.mark.parametrize(
    ("body", "kind"), [(b"<html></html>", ServerFailed), (b"nothing", Unreadable), (b"42", Unreadable)]
)
def test_a_body_without_results_is_said_to_be_that(
    traps: Traps, atlas: AtlasClient, body: bytes, kind: type[AtlasFailure]
) -> None:
    """A page of something on the way, or nothing that we know."""
    traps.will(answers(200, body))

    with pytest.raises(kind):
        lines_of(atlas)


def test_probes_are_asked_for_in_chunks_and_none_is_none(traps: Traps, atlas: AtlasClient) -> None:
    """One answer after another, as one."""
    traps.will(answers(200, b'{"a":1}\n'))

    assert lines_of(atlas, probe_ids=()) == []
    assert traps.requests == []
    assert len(lines_of(atlas, stop_at=99, probe_ids=range(1, 1002))) == 3
    assert [len(one.query["probe_ids"].split(",")) for one in traps.requests] == [500, 500, 1]
    assert {(one.query["start"], one.query["stop"], one.query["format"]) for one in traps.requests} == {
        ("0", "99", "txt")
    }


def test_a_reader_that_is_left_lets_go(traps: Traps, atlas: AtlasClient) -> None:
    """Of its connection: more readers than connections are left one after another."""
    traps.will(raw(CHUNKED, chunks(b'{"a":1}\n' * 100_000)))

    for _ in range(10):
        with atlas.results(7, start_at=0) as reader:
            assert next(iter(reader)) == b'{"a":1}'
