"""A reparse mends what differs from the raw records, and says what it was, counts written out."""

from sqlalchemy import Engine, insert, select

from app.operations.prepare_records import Preparer
from app.operations.reparse_records import ReparseReport, reparse_records
from app.store.engine import writing
from app.store.rebuild import Changes, finish, read_raw, replay, set_aside
from app.store.records import prepare, unpack_body
from app.store.series import SeriesNumbers
from app.store.tables import results
from measurements.results.outcome import Label
from tests.canonical_dump import assert_equal, canonical_dump
from tests.delivering import change, deliver, ping, rows
from tests.ingesting import StillClock

PROBES = (1, 2, 3, 4, 5)
NOTHING = Changes(0, 0, 0, 0, 0, 0, {})


def reparse(engine: Engine) -> ReparseReport:
    """As `rasad reparse` does."""
    with writing(engine) as connection:
        return reparse_records(connection, clock=StillClock(), preparer=Preparer(1))


def test_a_reparse_says_what_changed_and_mends_it(engine: Engine) -> None:
    """On the engine that ingested, and once more on the same, which finds nothing."""
    deliver(engine, *(ping(1.5, 2.5, probe_id=probe_id) for probe_id in PROBES))
    untouched = canonical_dump(engine)
    change(
        engine,
        "UPDATE results SET outcome = 'no_reply' WHERE probe_id = 1",
        "UPDATE samples SET n_sent = 9 WHERE probe_id = 2",
        "UPDATE bins SET rtt_median_ms = 0 WHERE probe_id = 3",
        "UPDATE raw_records SET status = 'unsupported' WHERE probe_id = 4",
        "DELETE FROM samples WHERE probe_id = 5",
        "DELETE FROM results WHERE probe_id = 5",
    )
    with writing(engine) as connection:  # one that no record tells of
        invented = connection.execute(select(results).where(results.c.probe_id == 1)).one()
        connection.execute(insert(results).values({**invented._asdict(), "id": 99, "probe_id": 99}))

    report = reparse(engine)

    assert (report.read, report.by_status) == (5, {"unsupported>kept": 1})
    assert report.changes == Changes(
        n_results_added=1,
        n_results_removed=1,
        n_series_added=0,
        n_series_removed=0,
        n_samples_changed=2,
        n_bins_changed=1,
        by_field={"outcome": 1},
    )
    assert_equal(untouched, canonical_dump(engine))
    again = reparse(engine)
    assert (again.read, again.by_status, again.changes) == (5, {}, NOTHING)


def test_results_keep_their_numbers_and_new_ones_take_none_of_theirs(engine: Engine) -> None:
    """Also where the numbers of results further on are not known yet."""
    deliver(engine, *(ping(1.5, probe_id=probe_id) for probe_id in PROBES))
    change(engine, "DELETE FROM samples WHERE probe_id = 1", "DELETE FROM results WHERE probe_id = 1")

    with writing(engine) as connection:
        series, aside = SeriesNumbers(), set_aside(connection)
        for raw in read_raw(connection, 2):
            replay(connection, raw, [prepare(unpack_body(row.body), Label.MEASURED) for row in raw], series, aside)
        changes = finish(connection, aside)

    assert rows(engine, "SELECT probe_id, id FROM results ORDER BY 1") == [(1, 6), (2, 2), (3, 3), (4, 4), (5, 5)]
    assert changes == NOTHING._replace(n_results_added=1, n_samples_changed=1)


def test_series_are_those_of_a_fresh_ingest(engine: Engine) -> None:
    """One whose target was read otherwise goes; a result that contends and feeds nothing has none."""
    elsewhere = ping(1.5, stored=90, dst_name="192.0.2.54", dst_addr="192.0.2.54")
    deliver(engine, ping(1.5), elsewhere, ping(2.5, at=240))
    fresh = canonical_dump(engine)
    assert fresh.counts["series"] == 1
    change(engine, "UPDATE series SET target = '192.0.2.99' WHERE target = '192.0.2.53'")

    report = reparse(engine)

    assert_equal(fresh, canonical_dump(engine))
    # samples and bins of a series that goes, and of one that comes, count on both sides
    assert report.changes == NOTHING._replace(
        n_series_added=1, n_series_removed=1, n_samples_changed=4, n_bins_changed=2
    )


def test_an_ingest_beside_a_reparse_does_not_write_into_a_series_that_took_over_a_number(engine: Engine) -> None:
    """Numbers kept at hand between batches are looked at again before they are used."""
    series = SeriesNumbers()
    deliver(engine, ping(0.5), series=series)
    deliver(engine, ping(1.5, at=240), series=series)
    change(engine, "UPDATE series SET target = '192.0.2.99'")

    deliver(engine, ping(2.5, at=480), series=series)

    assert rows(
        engine, "SELECT target, measured_at % 3600 FROM samples JOIN series ON series.id = series_id ORDER BY 2"
    ) == [("192.0.2.99", 0), ("192.0.2.99", 240), ("192.0.2.53", 480)]
