"""What an agreement has erased goes, leaves a tombstone, and comes back by no way; figures that name no probe stay."""

from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from app.operations import agree
from app.operations.due_tasks import Tasks
from app.operations.fetch_window import Fetched
from app.operations.prepare_records import Preparer
from app.operations.reparse_records import reparse_records, retry_quarantine
from app.operations.run_due import run_due
from app.operations.show_result import show_result
from app.operations.sight import MACHINE, sight_of
from app.operations.stop_dispatches import withdraw_agreement
from app.store.audit import Wanted, entries
from app.store.engine import reading, writing
from app.store.records import prepare
from app.store.tombstones import find_tombstones_of, list_tombstones
from measurements.agreements.audit import Act
from measurements.agreements.parties import Party
from measurements.agreements.retention import digest_of_records
from measurements.results.outcome import Label
from measurements.series.rows import Flag, SeriesRow
from measurements.units import DAY_S
from tests.agreeing import Parties, who
from tests.measurements.agreements.making import make_card
from tests.retaining import N_PROBES, Measured

pytestmark = pytest.mark.acceptance("agreement.4")


@pytest.fixture
def measured(parties: Parties, tmp_path: Path) -> Measured:
    return Measured(parties, tmp_path)


def of_one(rows: list[SeriesRow]) -> list[tuple[int, float | None, int, int, tuple[str, ...]]]:
    return [(row.bin_at, row.value, row.n_probes, row.n_received, row.flags) for row in rows]


def test_raw_goes_first_and_what_was_read_of_it_stays(measured: Measured) -> None:
    measured.measure(0, 1, 2, 3)
    before = measured.counts()
    answered = measured.series()

    report = measured.run()

    assert [(one.level, one.from_at, one.n_records) for one in report.tombstones] == [
        ("raw", measured.day(day)[0], 3 * N_PROBES) for day in (0, 1)
    ]
    assert measured.counts() == before
    assert measured.bodies() == 2 * 3 * N_PROBES
    assert measured.series() == answered
    assert measured.run().tombstones == []
    with reading(measured.parties.engine) as connection:
        (first,) = connection.execute(text("SELECT id FROM results ORDER BY measured_at LIMIT 1")).scalars()
        entry = show_result(connection, first, sight_of(connection, MACHINE, measured.parties.now))
    assert (entry.raw, entry.result, entry.flags) == (b"", None, ["raw_erased"])


def test_what_names_no_probe_stays_when_all_values_of_probes_go(measured: Measured) -> None:
    measured.measure(0, 1)
    hours, days, networks = measured.series(), measured.series(bin="1d"), measured.series(scope="asn")
    assert {row.n_probes for row in hours if row.value is not None} == {N_PROBES}
    assert {row.n_probes for row in networks if row.n_received} == {2}

    measured.pass_to(5)
    report = measured.run()

    assert measured.counts() == dict.fromkeys(measured.counts(), 0)
    assert {one.level for one in report.tombstones} == {"probe_level"}
    assert report.n_figures > 0
    kept = [row for row in measured.series() if row.value is not None]
    told = [row for row in hours if row.value is not None]
    assert [row._replace(flags=()) for row in kept] == [row._replace(flags=()) for row in told]
    assert all(Flag.PROBE_VALUES_ERASED in row.flags for row in kept)
    by_day = {row.bin_at: row.value for row in measured.series(bin="1d") if row.value is not None}
    assert by_day == {row.bin_at: row.value for row in days if row.value is not None}
    assert measured.series(scope="asn") == [], "two probes of a network would tell of single ones"
    assert measured.series(scope="probe") == []


def test_the_worker_does_it_daily(measured: Measured) -> None:
    done: list[str] = []
    tasks = Tasks(
        snapshot=partial(reading, measured.parties.engine), fetcher_for=lambda _: measured.fetcher, tend=lambda: None,
        seal=lambda _: None, erase=lambda lease: done.append(lease.task),
    )  # fmt: skip
    for _ in range(3):
        run_due(measured.parties.transaction, measured.parties.clock, tasks, worker="a")
        run_due(measured.parties.transaction, measured.parties.clock, tasks, worker="a")
        measured.parties.clock.advance(DAY_S)
    assert done == ["rehearsed erase"] * 3


def test_few_probes_leave_no_value(measured: Measured) -> None:
    measured.measure(0, n_probes=4)
    measured.pass_to(5)
    measured.run()
    rows = [row for row in measured.series() if row.n_received]
    assert {row.value for row in rows} == {None}
    assert all({Flag.TOO_FEW_PROBES, Flag.PROBE_VALUES_ERASED} <= set(row.flags) for row in rows)
    assert len(rows) == 3


def test_what_was_erased_is_no_gap(measured: Measured) -> None:
    """Beside what is left of the same measurement, and in bins of which no figure is kept."""
    measured.measure(0)
    measured.measure(4)
    measured.pass_to(5)
    measured.run()
    erased = [row for row in measured.series(bin="3h") if row.bin_at < measured.day(1)[0]]
    assert all(row.flags == (Flag.PROBE_VALUES_ERASED,) and row.n_expected is None for row in erased)
    left = [row for row in measured.series() if row.bin_at >= measured.day(4)[0]]
    assert {row.n_probes for row in left if row.n_received} == {N_PROBES}
    assert all(Flag.PROBE_VALUES_ERASED not in row.flags for row in left)


def test_what_was_erased_is_not_kept_again(measured: Measured) -> None:
    measured.measure(0)
    measured.pass_to(5)
    measured.run()

    fetched = measured.fetch()

    assert (fetched.read, fetched.kept, fetched.duplicate, fetched.quarantined) == (24, 0, 0, 24)
    assert fetched.by_reason == {"erased": 24}
    assert measured.counts()["raw_records"] == 0


def test_a_tombstone_tells_of_each_record_and_says_nothing_of_what_was_in_it(measured: Measured) -> None:
    measured.measure(0)
    digests = [prepare(line, Label.REHEARSED).digest or b"" for line in measured.lines]
    measured.pass_to(5)
    measured.run()
    with reading(measured.parties.engine) as connection:
        (tombstone,) = list_tombstones(connection)
        assert tombstone.digest == digest_of_records(digests)
        assert all(find_tombstones_of(connection, digest) == [tombstone] for digest in digests)
        assert find_tombstones_of(connection, bytes(16)) == []
        (entry,) = entries(connection, Wanted(act=Act.RETENTION_RUN))
    assert (entry.digest, entry.subject_id, entry.reason) == (tombstone.digest, str(measured.agreement_id), "as_agreed")
    assert "41.1" not in (entry.details or "")
    assert "probe_id" not in (entry.details or "")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE tombstones SET n_records = 0",
        "DELETE FROM tombstones",
        "INSERT INTO tombstones "  # noqa: ISC004 - one statement
        "SELECT id + 2, agreement_id, version, label, atlas_id, level, from_at, until_at, "
        "n_records, digest, days, why, erased_at, digests FROM tombstones",
    ],
)
def test_the_database_keeps_tombstones(measured: Measured, statement: str) -> None:
    measured.measure(0)
    measured.pass_to(5)
    measured.run()
    with pytest.raises(DatabaseError, match=r"tombstone|number"), writing(measured.parties.engine) as connection:
        connection.execute(text(statement))


def test_reading_everything_again_brings_nothing_back_and_loses_nothing(measured: Measured) -> None:
    measured.measure(0, 1, 2, 3)
    measured.pass_to(4)
    measured.run()
    before, answered = measured.counts(), of_one(measured.series())
    with writing(measured.parties.engine) as connection:
        again = reparse_records(connection, clock=measured.parties.clock, preparer=Preparer(1))
        retry_quarantine(connection, clock=measured.parties.clock, preparer=Preparer(1))
    changes = again.changes
    assert changes
    assert (changes.n_results_added, changes.n_results_removed, changes.n_bins_changed) == (0, 0, 0)
    assert changes.by_field == {}
    assert (measured.counts(), of_one(measured.series())) == (before, answered)
    assert 0 < measured.bodies() < measured.counts()["raw_records"]


def test_a_withdrawal_lengthens_nothing(measured: Measured) -> None:
    measured.measure(0)
    withdraw_agreement(
        measured.parties.transaction, measured.parties.atlas, measured.parties.clock, Label.REHEARSED,
        measured.agreement_id, who(Party.TOJIKTELECOM),
    )  # fmt: skip
    measured.pass_to(4)
    assert {one.level for one in measured.run().tombstones} == {"probe_level"}
    assert measured.counts()["raw_records"] == 0


def test_what_is_cut_off_or_came_after_the_end_goes_with_the_raw_records(measured: Measured) -> None:
    measured.measure(0)
    line = measured.lines[0][:-40]
    fetched = Fetched()
    records = [prepare(line, Label.REHEARSED)]
    measured.fetcher._write("atlas", f"http://atlas.example/measurements/{measured.atlas_id}/results", records, fetched)
    assert fetched.quarantined == 1
    measured.pass_to(4)
    measured.run()
    assert measured.counts()["raw_records"] == 0


def test_a_narrower_card_binds_what_was_measured_before_it(measured: Measured) -> None:
    measured.measure(0)
    measured.pass_to(1)
    assert measured.run().tombstones == []
    narrower = make_card(retention={"raw_days": 1, "probe_level_days": 1})
    with writing(measured.parties.engine) as connection:
        agree.narrow_agreement(measured.parties.acting(connection, Party.RIPE_NCC), measured.agreement_id, narrower)
    assert [one.level for one in measured.run().tombstones] == ["probe_level"]
