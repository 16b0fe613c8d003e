"""All recordings beside the checkout, by the real command line, on both databases."""

import gzip
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from app.operations.read_series import read_series
from app.operations.sight import MACHINE, sight_of
from app.store.engine import create_engine_for, reading
from measurements.metrics.registry import METRICS
from measurements.results.outcome import Label
from measurements.series.query import series_query
from measurements.series.rows import SeriesRow
from tests.canonical_dump import Dump, assert_equal, canonical_dump
from tests.databases import MakeDatabase
from tests.ingesting import is_sum_right, rasad

N_OPEN, N_LABORATORY = 156_557, 6_517
NOW = 1_800_000_000


class Ingested(NamedTuple):
    """What two ingests of everything printed, and what they left."""

    first: dict[str, Any]
    again: dict[str, Any]
    dump: Dump
    series: dict[str, list[SeriesRow]]
    """Answers about K-root, by metric and label."""


def ingest_everything(url: str, *folders: Path) -> Ingested:
    """Ingest the folders twice."""
    first, again = (rasad(url, "ingest", *folders) for _ in range(2))
    engine = create_engine_for(url)
    dump = canonical_dump(engine)
    with reading(engine) as connection:
        series = {
            f"{metric} {label}": read_series(
                connection,
                series_query(metric=metric, target="k-root", scope="probe", label=label),
                sight_of(connection, MACHINE, NOW),
                now=NOW,
            ).rows
            for metric in METRICS
            for label in (Label.MEASURED, Label.LABORATORY)
        }
    engine.dispose()
    return Ingested(first, again, dump, series)


def check(done: Ingested) -> None:
    """The acceptance line, for one database."""
    first, again = done.first, done.again
    assert is_sum_right(first)
    assert first["read"] == N_OPEN + N_LABORATORY
    assert (first["quarantined"], first["by_reason"]) == (0, {}), "no odd kind that was recorded is refused"
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
    assert sqlite.series == postgresql.series
    assert [name for name, rows in sqlite.series.items() if not rows] == []


def test_recordings_hold_what_the_counts_say(open_recordings: Path) -> None:
    """The counts above are those of the files."""
    n_lines = 0
    for path in open_recordings.glob("*.ndjson.gz"):
        with gzip.open(path) as lines:
            n_lines += sum(1 for _ in lines)

    assert n_lines == N_OPEN
