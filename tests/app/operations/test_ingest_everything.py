"""All recordings beside the checkout, by the real command line, on both databases."""

import gzip
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from app.store.engine import create_engine_for
from measurements.results.quarantine import QuarantineReason
from tests.canonical_dump import Dump, assert_equal, canonical_dump
from tests.databases import MakeDatabase
from tests.ingesting import is_sum_right, rasad

N_OPEN, N_LABORATORY = 156_557, 6_517


class Ingested(NamedTuple):
    """What two ingests of everything printed, and what they left."""

    first: dict[str, Any]
    again: dict[str, Any]
    dump: Dump


def ingest_everything(url: str, *folders: Path) -> Ingested:
    """Ingest the folders twice."""
    first, again = (rasad(url, "ingest", *folders) for _ in range(2))
    engine = create_engine_for(url)
    dump = canonical_dump(engine)
    engine.dispose()
    return Ingested(first, again, dump)


def check(done: Ingested) -> None:
    """The acceptance line, for one database."""
    first, again = done.first, done.again
    assert is_sum_right(first)
    assert first["read"] == N_OPEN + N_LABORATORY
    assert first["quarantined"] <= N_OPEN / 1000
    assert all(QuarantineReason(reason).explanation for reason in first["by_reason"])
    assert first["files"]["read"] == 6
    assert is_sum_right(again)
    assert (again["kept"], again["read"]) == (0, first["read"])


@pytest.mark.acceptance("spine.2")
@pytest.mark.slow
def test_everything_recorded_is_taken_in_alike_by_both_databases(
    make_sqlite_database: MakeDatabase,
    make_postgresql_database: MakeDatabase,
    open_recordings: Path,
    laboratory_recordings: Path,
) -> None:
    """163,074 results: none lost, next to none refused, and equal counts, results, samples and bins on both."""
    sqlite = ingest_everything(make_sqlite_database(), open_recordings, laboratory_recordings)
    postgresql = ingest_everything(make_postgresql_database(), open_recordings, laboratory_recordings)

    check(sqlite)
    check(postgresql)
    for name in ("read", "kept", "duplicate", "quarantined", "unsupported", "by_type", "by_reason"):
        assert sqlite.first[name] == postgresql.first[name], name
    assert_equal(sqlite.dump, postgresql.dump)


def test_recordings_hold_what_the_counts_say(open_recordings: Path) -> None:
    """The counts above are those of the files."""
    n_lines = 0
    for path in open_recordings.glob("*.ndjson.gz"):
        with gzip.open(path) as lines:
            n_lines += sum(1 for _ in lines)

    assert n_lines == N_OPEN
