"""Under which data class a series, its samples and bins are held follows from the records that feed them."""

from itertools import permutations
from pathlib import Path

import pytest
from sqlalchemy import Engine

from app.operations.prepare_records import Preparer
from app.operations.read_series import read_series
from app.operations.reparse_records import reparse_records
from app.operations.sight import MACHINE, sight_of
from app.store.engine import reading, writing
from measurements.results.outcome import DataClass, Label
from measurements.series.query import Scope, series_query
from tests.canonical_dump import assert_equal, canonical_dump
from tests.delivering import HOUR, deliver, emptied, ping, rows
from tests.ingesting import StillClock, ingest, write_lines

SAMPLES = (
    "SELECT series.data_class, samples.probe_id, samples.n_sent FROM samples JOIN series ON series.id = series_id "
    "ORDER BY 1, 2"
)
BINS = (
    "SELECT series.data_class, bins.probe_id, bins.n_results, bins.n_sent FROM bins "
    "JOIN series ON series.id = series_id ORDER BY 1, 2"
)
SERIES = "SELECT data_class FROM series ORDER BY 1"
AGREED, PROVIDED, PUBLIC = DataClass.AGREED_COLLECTION, DataClass.PARTY_PROVIDED, DataClass.PUBLIC


def reparse(engine: Engine) -> None:
    """As `rasad reparse` does; it finds nothing to change."""
    with writing(engine) as connection:
        report = reparse_records(connection, clock=StillClock(), preparer=Preparer(1))
    assert report.changes is not None
    assert not any(report.changes), report.changes


def test_what_is_ingested_under_a_class_is_in_series_of_that_class(engine: Engine, tmp_path: Path) -> None:
    """Samples and bins by their series, after a reparse as well; public ones beside them stay public."""
    ingest(engine, write_lines(tmp_path / "agreed.ndjson", [ping(1.5), ping(2.5, at=240)]), data_class=AGREED)
    ingest(engine, write_lines(tmp_path / "public.ndjson", [ping(3.5, 4.5, probe_id=8)]))

    for _ in range(2):
        assert rows(engine, SERIES) == [("agreed_collection",), ("public",)]
        assert rows(engine, SAMPLES) == [("agreed_collection", 7, 1), ("agreed_collection", 7, 1), ("public", 8, 2)]
        assert rows(engine, BINS) == [("agreed_collection", 7, 2, 2), ("public", 8, 1, 2)]
        reparse(engine)


def test_a_figure_rests_on_one_data_class_and_says_which(engine: Engine) -> None:
    """The series of one question has rows of both, never one that mixes them."""
    deliver(engine, ping(1.5), data_class=AGREED)
    deliver(engine, ping(3.5, at=240))
    query = series_query(
        metric="rtt_min_ms", target="192.0.2.53", scope=Scope.PROBE, label=Label.MEASURED, from_at=HOUR
    )

    with reading(engine) as connection:
        answer = read_series(connection, query, sight_of(connection, MACHINE, 0), now=HOUR + 3600)

    assert [(row.data_class, row.value, row.n_received) for row in answer.rows] == [
        ("agreed_collection", 1.5, 1),
        ("public", 3.5, 1),
    ]


@pytest.mark.parametrize("order", list(permutations((PUBLIC, AGREED, PROVIDED))))
def test_a_record_delivered_under_several_classes_leaves_the_looser_series(
    engine: Engine, order: tuple[DataClass, ...]
) -> None:
    """Whichever came first; what else is in the public series stays there, in the same bin."""
    deliver(engine, ping(9.5, at=240))

    for at, data_class in enumerate(order):
        deliver(engine, ping(1.5, 2.5), data_class=data_class, at=at)

    assert rows(engine, SERIES) == [("party_provided",), ("public",)]
    assert rows(engine, SAMPLES) == [("party_provided", 7, 2), ("public", 7, 1)]
    assert rows(engine, BINS) == [("party_provided", 7, 1, 2), ("public", 7, 1, 1)]
    before = canonical_dump(engine)
    reparse(engine)
    assert_equal(before, canonical_dump(engine))


def test_a_series_that_nothing_feeds_any_more_is_gone(engine: Engine) -> None:
    """Also when the class changes because another body of the same result was stored first."""
    late, early = (ping(1.5), AGREED), (ping(1.5, stored=30), PROVIDED)

    for order in permutations((late, early)):
        emptied(engine)
        for body, data_class in order:
            deliver(engine, body, data_class=data_class)
        assert rows(engine, SERIES) == [("party_provided",)]
        assert rows(engine, SAMPLES) == [("party_provided", 7, 1)]
        assert rows(engine, BINS) == [("party_provided", 7, 1, 1)]
