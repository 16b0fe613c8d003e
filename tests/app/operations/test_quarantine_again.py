"""Records put aside, met again: delivered once more, cut otherwise, or read by a version that can."""

from itertools import permutations
from pathlib import Path

import pytest
from sqlalchemy import Engine

from app.operations.prepare_records import Preparer
from app.operations.reparse_records import reparse_records, retry_quarantine
from app.store.engine import writing
from app.store.records import unpack_body
from measurements.results.outcome import DataClass
from tests.canonical_dump import assert_equal, canonical_dump
from tests.delivering import change, deliver, emptied, ping, rows
from tests.ingesting import StillClock, ingest

PUT_ASIDE = (
    "DELETE FROM samples",
    "DELETE FROM bins",
    "DELETE FROM results",
    "UPDATE raw_records SET status = 'quarantined', reason = 'parser_failed', detail = 'of old', digest = NULL",
)
"""As an older version might have left a database."""
RAW = "SELECT status, reason, detail FROM raw_records ORDER BY id"
CUT = ping(1.5)[:100]


def test_what_stays_unreadable_is_counted_as_such_each_time(engine: Engine) -> None:
    """A duplicate is a body that a result was read from, nothing else."""
    bodies = (ping(1.5), CUT, ping(1.5, type="ntp"))

    first, again = deliver(engine, *bodies), deliver(engine, *bodies, at=1)

    assert first[:4] == (1, 0, 1, 1)
    assert again[:4] == (0, 1, 1, 1)
    assert first.by_reason == again.by_reason == {"truncated": 1}


def test_what_can_be_read_by_now_is_taken_in_when_it_is_delivered_again(engine: Engine) -> None:
    """It is kept, not a duplicate of nothing; afterwards nothing tells that it was ever put aside."""
    body = ping(1.5, 2.5)
    deliver(engine, body)
    untouched = canonical_dump(engine)
    change(engine, *PUT_ASIDE)

    again = deliver(engine, body, body, at=1)

    assert again[:4] == (1, 1, 0, 0)
    assert_equal(untouched, canonical_dump(engine))
    assert rows(engine, "SELECT retrieved_at FROM results") == [(0,)]


def test_what_is_taken_in_late_is_held_as_strictly_as_its_record(engine: Engine) -> None:
    """The delivery that brings it in may be the one that makes it stricter."""
    deliver(engine, ping(1.5))
    change(engine, *PUT_ASIDE)

    deliver(engine, ping(1.5), at=1, data_class=DataClass.PARTY_PROVIDED)

    assert rows(engine, "SELECT data_class FROM raw_records") == [("party_provided",)]
    assert rows(engine, "SELECT data_class FROM results") == [("party_provided",)]


def test_what_was_read_before_stays_a_duplicate_where_this_version_refuses_it(engine: Engine) -> None:
    """A body in use is left alone until a reparse, which says so."""
    deliver(engine, CUT)
    change(engine, "UPDATE raw_records SET status = 'kept', reason = NULL, detail = NULL")

    again = deliver(engine, CUT, at=1)

    assert again[:4] == (0, 1, 0, 0)
    assert again.by_reason == {}
    assert rows(engine, RAW) == [("kept", None, None)]


def test_another_reason_replaces_the_old_one(engine: Engine) -> None:
    """Of what is not in use, what this version reads counts."""
    deliver(engine, CUT)
    before = rows(engine, RAW)
    change(engine, "UPDATE raw_records SET reason = 'parser_failed', detail = 'of old'")

    deliver(engine, CUT, at=1)

    assert rows(engine, RAW) == before


def test_retry_takes_in_what_can_be_read_now(engine: Engine) -> None:
    """Without any delivery; the rest stays where it is."""
    deliver(engine, ping(1.5, 2.5))
    untouched = canonical_dump(engine)
    change(engine, *PUT_ASIDE)
    deliver(engine, CUT, source="elsewhere")

    with writing(engine) as connection:
        report = retry_quarantine(connection, clock=StillClock(), preparer=Preparer(1))

    assert (report.read, report.by_status) == (2, {"quarantined>kept": 1})
    assert rows(engine, RAW)[0] == ("kept", None, None)
    assert rows(engine, RAW)[1][:2] == ("quarantined", "truncated")
    for name in ("results", "samples", "bins", "series"):
        assert canonical_dump(engine).tables[name] == untouched.tables[name], name


@pytest.mark.parametrize("body", [CUT, ping(1.5)[:-1] + b"x", b'{"msm_id": "\xd0'])
def test_the_reason_does_not_depend_on_how_the_bytes_were_cut(engine: Engine, tmp_path: Path, body: bytes) -> None:
    """Once as the end of an array that was cut off, once as a line among others; whichever comes first."""
    cut_off, line = tmp_path / "cut-off.json", tmp_path / "lines.ndjson"
    cut_off.write_bytes(b"[" + ping(1.5) + b"," + body)
    line.write_bytes(body + b"\n" + ping(1.5) + b"\n" + body + b"\n" + ping(2.5, at=240) + b"\n")

    dumps = []
    for order in permutations([cut_off, line]):
        for path in order:
            ingest(emptied(engine) if path is order[0] else engine, path)
        dumps.append(canonical_dump(engine))
    with writing(engine) as connection:
        report = reparse_records(connection, clock=StillClock(), preparer=Preparer(1))

    assert_equal(*dumps)
    assert_equal(dumps[0], canonical_dump(engine))
    assert not report.by_status
    assert body in [unpack_body(packed) for (packed,) in rows(engine, "SELECT body FROM raw_records")]
