"""One key, different bytes: what is in the tables afterwards, written out row by row."""

from itertools import permutations

import pytest
from sqlalchemy import Engine, event

from app.store.records import unpack_body
from measurements.results.outcome import DataClass
from tests.delivering import HOUR, change, deliver, emptied, ping, rows

RESULTS = "SELECT stored_at, is_conflict, is_in_series FROM results ORDER BY stored_at IS NULL, stored_at"
BINS = "SELECT bin_at, probe_id, n_results, n_sent, n_received, rtt_min_ms, rtt_median_ms FROM bins"
N_SETTLED = 300


def test_a_lone_result_has_no_flags(engine: Engine) -> None:
    """It feeds its series and contends with nobody."""
    deliver(engine, ping(10.5, 20.5, 30.5))

    assert rows(engine, RESULTS) == [(HOUR + 60, False, True)]
    assert rows(engine, BINS) == [(HOUR, 7, 1, 3, 3, 10.5, 20.5)]


@pytest.mark.parametrize("is_one_batch", [True, False])
def test_two_records_with_one_key_are_both_kept_and_the_first_stored_feeds(
    engine: Engine,
    is_one_batch: bool,  # noqa: FBT001 - a column of the table
) -> None:
    """The series has the RTTs of the record that the platform stored first, never of the one that came first."""
    first, later, unknown = ping(10.5, 20.5, 30.5), ping(1.5, 2.5, stored=90), ping(5.5, stored=None)

    for order in permutations((first, later, unknown)):
        emptied(engine)
        for batch in [order] if is_one_batch else [[body] for body in order]:
            assert deliver(engine, *batch).kept == len(batch)
        assert rows(engine, RESULTS) == [(HOUR + 60, True, True), (HOUR + 90, True, False), (None, True, False)]
        assert rows(engine, "SELECT status, count(*) FROM raw_records GROUP BY status") == [("kept", 3)]
        assert rows(engine, "SELECT n_sent, n_received FROM samples") == [(3, 3)]
        assert rows(engine, BINS) == [(HOUR, 7, 1, 3, 3, 10.5, 20.5)]


def test_the_feeder_is_read_from_what_is_held_where_it_did_not_come_just_now(engine: Engine) -> None:
    """After an upgrade with other rules, a delivery may bring to the series a result that was held all along."""
    deliver(engine, ping(10.5, 20.5, 30.5), ping(1.5, 2.5, stored=90))
    change(engine, "DELETE FROM samples", "DELETE FROM bins", "UPDATE results SET is_in_series = NOT is_in_series")

    deliver(engine, ping(5.5, stored=None))

    assert rows(engine, RESULTS) == [(HOUR + 60, True, True), (HOUR + 90, True, False), (None, True, False)]
    assert rows(engine, BINS) == [(HOUR, 7, 1, 3, 3, 10.5, 20.5)]


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_one_result_in_other_words_is_one_and_every_delivery_is_kept(engine: Engine, order: tuple[int, ...]) -> None:
    """It is read from the body stored first, with that one's time of retrieval; raw records and deliveries add up."""
    late, unknown, early = ping(10.5), ping(10.5, stored=None), ping(10.5, stored=30)
    deliveries = (("dump", 1, late), ("stream", 2, unknown), ("poll", 3, early), ("dump", 4, late))

    tallies = [deliver(engine, deliveries[i][2], source=deliveries[i][0], at=deliveries[i][1]) for i in order]

    assert [tally.kept for tally in tallies] == [1, 0, 0, 0]
    assert [tally.duplicate for tally in tallies] == [0, 1, 1, 1]
    assert rows(engine, RESULTS) == [(HOUR + 30, False, True)]
    assert rows(engine, "SELECT retrieved_at FROM results") == [(3,)]
    ((packed,),) = rows(engine, "SELECT body FROM raw_records JOIN results ON raw_id = raw_records.id")
    assert unpack_body(packed) == early
    assert rows(
        engine,
        "SELECT s.name, d.retrieved_at, raw.stored_at FROM deliveries AS d JOIN sources AS s ON s.id = d.source_id "
        "JOIN raw_records AS raw ON raw.id = d.raw_id ORDER BY d.retrieved_at",
    ) == [("dump", 1, HOUR + 60), ("stream", 2, None), ("poll", 3, HOUR + 30), ("dump", 4, HOUR + 60)]
    assert rows(engine, BINS) == [(HOUR, 7, 1, 1, 1, 10.5, 10.5)]


def test_a_delivery_is_one_at_its_second(engine: Engine) -> None:
    """The same body twice from one source at one second, in one batch or in two, is one delivery; later is another."""
    body = ping(10.5)

    deliver(engine, body, body, at=1)
    deliver(engine, body, at=1)
    deliver(engine, body, at=2)

    assert rows(engine, "SELECT retrieved_at FROM deliveries ORDER BY 1") == [(1,), (2,)]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_a_result_is_held_as_strictly_as_the_record_it_is_read_from(engine: Engine, order: tuple[int, ...]) -> None:
    """What came as public and as provided by a party is held as the stricter; a body of its own has its own class."""
    early, late = ping(10.5, stored=30), ping(10.5)
    deliveries = ((early, DataClass.PUBLIC), (late, DataClass.FORBIDDEN), (early, DataClass.PARTY_PROVIDED))

    for i in order:
        deliver(engine, deliveries[i][0], data_class=deliveries[i][1])

    assert rows(engine, "SELECT stored_at, data_class FROM results") == [(HOUR + 30, "party_provided")]
    assert rows(engine, "SELECT stored_at, data_class FROM raw_records ORDER BY 1") == [
        (HOUR + 30, "party_provided"),
        (HOUR + 60, "forbidden"),
    ]


@pytest.mark.parametrize("how", [{"stored": 90}, {"stored": 30}, {"from": "192.0.2.99", "stored": 30}])
def test_a_batch_is_settled_in_a_few_statements(engine: Engine, how: dict[str, str | int]) -> None:
    """Stream plus poll plus dump is the normal life of the service: no statement per result, however they differ."""
    changes: dict[str, object] = {key: value for key, value in how.items() if key != "stored"}
    deliver(engine, *(ping(10.5, probe_id=number) for number in range(N_SETTLED)))
    again = [ping(10.5, probe_id=number, stored=int(how["stored"]), **changes) for number in range(N_SETTLED)]  # type: ignore[arg-type] # a key of Python is one of the record
    statements: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *arguments: statements.append(arguments[2]))

    deliver(engine, *again)

    assert len(statements) < 60
