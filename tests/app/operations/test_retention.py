"""What an agreement has erased goes, leaves a tombstone, and comes back by no way; figures that name no probe stay."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import ColumnElement, Connection, Engine, Table, func, select, text
from sqlalchemy.exc import DatabaseError

from app.operations import agree
from app.operations.fetch_window import Fetched, Fetcher
from app.operations.prepare_records import Preparer
from app.operations.read_series import read_series
from app.operations.refresh_probes import refresh_probes
from app.operations.reparse_records import reparse_records, retry_quarantine
from app.operations.run_retention import RetentionReport, run_retention
from app.operations.show_result import show_result
from app.operations.stop_dispatches import withdraw_agreement
from app.operations.tombstone_file import TombstoneFile
from app.store import tables
from app.store.audit import Wanted, entries
from app.store.engine import reading, writing
from app.store.records import prepare
from app.store.tend import forget_erased
from app.store.tombstones import find_tombstones_of, list_tombstones
from measurements.agreements.audit import Act
from measurements.agreements.parties import Party
from measurements.agreements.retention import day_of, digest_of_records
from measurements.campaigns.collecting import Window
from measurements.results.outcome import Label
from measurements.series.query import series_query
from measurements.series.rows import Flag, SeriesRow
from measurements.units import DAY_S, HOUR_S
from tests.agreeing import Parties, who
from tests.collecting import PING
from tests.measurements.agreements.making import make_card

pytestmark = pytest.mark.acceptance("agreement.4")
N_PROBES = 8
COPIED = (tables.raw_records, tables.deliveries, tables.results, tables.series, tables.samples, tables.bins)
TELLING = 41.123456789
"""A round-trip time that no other bytes of the database look like."""


class Measured:
    """A measurement of eight probes in four networks, every hour, under an agreement."""

    def __init__(self, parties: Parties, folder: Path, **retention: int) -> None:
        self.parties = parties
        days = {"raw_days": 2, "probe_level_days": 4} | retention
        self.agreement_id = parties.agree(make_card(retention=days))
        self.atlas_id = parties.atlas_id(parties.dispatched(self.agreement_id)) or 0
        self.file = TombstoneFile(folder / "retention" / "tombstones.ndjson", folder / "audit" / "key.pem")
        self.from_at = day_of(parties.now)[1]
        self.lines: list[bytes] = []
        self.fetcher = Fetcher(
            transaction=parties.transaction, atlas=parties.atlas, clock=parties.clock, preparer=Preparer(1),
            label=Label.REHEARSED, origin="http://atlas.example",
        )  # fmt: skip
        refresh_probes(
            parties.transaction, parties.atlas, parties.clock, label=Label.REHEARSED, origin="http://atlas.example",
            probe_ids=range(9_100_001, 9_100_001 + N_PROBES),
        )  # fmt: skip

    def day(self, number: int) -> tuple[int, int]:
        """A day in Dushanbe from the first whole one on."""
        return day_of(self.from_at + number * DAY_S)

    def measure(self, *days: int, n_probes: int = N_PROBES) -> Fetched:
        """What the probes report on these days, three hours each, comes here at the end of the last."""
        for day in days:
            for hour in (0, 12, 23):
                for n in range(n_probes):
                    rtt = TELLING + n
                    told = PING | {"min": rtt, "max": rtt, "avg": rtt, "result": [{"rtt": rtt}]}
                    at = self.day(day)[0] + hour * HOUR_S + n
                    line = self.parties.atlas.hand_in(self.atlas_id, 9_100_001 + n, at, **told)
                    self.lines.append(line)
        self.pass_to(days[-1])
        return self.fetch()

    def pass_to(self, day: int) -> None:
        """The end of a day."""
        self.parties.clock.advance(max(0, self.day(day)[1] - self.parties.now))

    def fetch(self) -> Fetched:
        fetched = Fetched()
        self.fetcher.fetch(self.atlas_id, Window(self.from_at, None), fetched)
        return fetched

    def run(self, **more: Any) -> RetentionReport:
        return run_retention(self.parties.transaction, self.file, self.parties.now, label=Label.REHEARSED, **more)

    def series(self, **asked: Any) -> list[SeriesRow]:
        question: dict[str, Any] = {
            "metric": "rtt_median_ms",
            "target": "k-root",
            "label": Label.REHEARSED,
            "from_at": self.from_at,
        }
        with reading(self.parties.engine) as connection:
            return read_series(connection, series_query(**question | asked), now=self.parties.now).rows

    def counts(self) -> dict[str, int]:
        with reading(self.parties.engine) as connection:
            return {table.name: count(connection, table) for table in COPIED}

    def bodies(self) -> int:
        with reading(self.parties.engine) as connection:
            return count(connection, tables.raw_records, func.length(tables.raw_records.c.body) > 0)


def count(connection: Connection, table: Table, *conditions: ColumnElement[bool]) -> int:
    return connection.execute(select(func.count()).select_from(table).where(*conditions)).scalar_one()


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
        entry = show_result(connection, first)
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
    assert by_day == {row.bin_at: row.value for row in days if row.value is not None and row.bin_at in by_day}
    assert by_day
    assert measured.series(scope="asn") == [], "two probes of a network would tell of single ones"
    assert measured.series(scope="probe") == []


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


class Killed(BaseException):
    """The process is gone."""


@pytest.mark.parametrize("stopped_after", range(3))
def test_a_run_that_is_killed_is_gone_on_with(measured: Measured, stopped_after: int) -> None:
    """At the end of a unit of work, after the file was written and before the database was told."""
    measured.measure(0, 1, 2)
    measured.pass_to(6)
    n_begun = 0

    @contextmanager
    def dying() -> Iterator[Connection]:
        nonlocal n_begun
        with measured.parties.transaction() as connection:
            yield connection
            n_begun += 1
            if n_begun > 2 + stopped_after:
                raise Killed

    with pytest.raises(Killed):
        run_retention(dying, measured.file, measured.parties.now, label=Label.REHEARSED)
    measured.run()

    assert measured.counts() == dict.fromkeys(measured.counts(), 0)
    with reading(measured.parties.engine) as connection:
        held = set(list_tombstones(connection))
        told = sum(one.n_records for one in held if one.why == "as_agreed")
        noted = entries(connection, Wanted(act=Act.RETENTION_RUN))
    assert held == set(measured.file.read().tombstones)
    assert told >= 3 * 3 * N_PROBES
    assert len(noted) >= 3
    hours = [row for row in measured.series() if row.value is not None]
    assert len(hours) == len({row.bin_at for row in hours}) == 9


def test_a_withdrawal_lengthens_nothing(measured: Measured) -> None:
    measured.measure(0)
    withdraw_agreement(
        measured.parties.transaction, measured.parties.atlas, measured.parties.clock, measured.agreement_id,
        who(Party.TOJIKTELECOM),
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


def test_erased_bytes_are_gone_from_the_files_of_sqlite(measured: Measured) -> None:
    engine = measured.parties.engine
    if engine.dialect.name != "sqlite":
        assert forget_erased(engine)
        return
    measured.measure(0)
    with reading(engine) as connection:
        body = bytes(connection.execute(text("SELECT body FROM raw_records LIMIT 1")).scalar_one())
        rtts = bytes(connection.execute(text("SELECT rtts FROM bins LIMIT 1")).scalar_one())
    assert body in bytes_of(engine)
    assert rtts in bytes_of(engine)
    measured.pass_to(5)
    measured.run()
    assert forget_erased(engine)
    assert body not in bytes_of(engine)
    assert rtts not in bytes_of(engine)


def bytes_of(engine: Engine) -> bytes:
    path = Path(str(engine.url.database))
    return b"".join(one.read_bytes() for one in sorted(path.parent.glob(f"{path.name}*")))


def test_a_restored_copy_is_erased_again(measured: Measured, tmp_path: Path) -> None:
    """Also where the copy does not know why: the parties had agreed on fewer days after it was made."""
    measured.measure(0)
    measured.pass_to(5)
    backup = Backup(measured.parties.engine, tmp_path)
    measured.run()
    erased = measured.file.read().tombstones
    backup.restore()
    assert measured.counts()["raw_records"] == 3 * N_PROBES

    measured.parties.clock.advance(-3 * DAY_S)  # no rule says so at this time: only the file does
    report = measured.run()

    assert [(one.why, one.n_records, one.digest) for one in report.tombstones] == [
        ("restored", 3 * N_PROBES, erased[0].digest)
    ]
    assert measured.counts()["raw_records"] == 0
    with reading(measured.parties.engine) as connection:
        assert set(erased) < set(list_tombstones(connection))
        assert [one.reason for one in entries(connection, Wanted(act=Act.RETENTION_RUN))] == ["restored"]
    assert measured.fetch().by_reason == {"erased": 3 * N_PROBES}
    assert measured.run().tombstones == []


GUARDED = ("audit_entries", "tombstones")


class Backup:
    """A copy of a database as it was: of SQLite the file, of PostgreSQL the rows."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self._engine = engine
        self._copy = folder / "backup.db"
        self._rows: dict[str, list[dict[str, Any]]] = {}
        if engine.dialect.name == "sqlite":
            forget_erased(engine)
            shutil.copy(str(engine.url.database), self._copy)
            return
        with reading(engine) as connection:
            for table in COPIED:
                self._rows[table.name] = [dict(row) for row in connection.execute(table.select()).mappings()]

    def restore(self) -> None:
        if self._engine.dialect.name == "sqlite":
            self._engine.dispose()
            path = Path(str(self._engine.url.database))
            for other in path.parent.glob(f"{path.name}-*"):
                other.unlink()
            shutil.copy(self._copy, path)
            return
        with writing(self._engine) as connection:
            for name in GUARDED:
                connection.execute(text(f"ALTER TABLE {name} DISABLE TRIGGER ALL"))
            connection.execute(tables.tombstones.delete())
            connection.execute(tables.kept_figures.delete())
            connection.execute(tables.audit_entries.delete().where(tables.audit_entries.c.act == Act.RETENTION_RUN))
            for table in COPIED:
                connection.execute(table.insert(), self._rows[table.name])
            for name in GUARDED:
                connection.execute(text(f"ALTER TABLE {name} ENABLE TRIGGER ALL"))


def test_what_is_not_signed_by_our_key_erases_nothing(measured: Measured, tmp_path: Path) -> None:
    measured.measure(0)
    measured.pass_to(5)
    measured.run()
    path = tmp_path / "retention" / "tombstones.ndjson"
    forged = path.read_bytes().replace(b'"n_records":24', b'"n_records":25')
    path.write_bytes(forged + b"{}\nnothing\n")
    report = measured.run()
    assert (report.n_refused, report.tombstones) == (3, [])


def test_a_narrower_card_binds_what_was_measured_before_it(measured: Measured) -> None:
    measured.measure(0)
    measured.pass_to(1)
    assert measured.run().tombstones == []
    narrower = make_card(retention={"raw_days": 1, "probe_level_days": 1})
    with writing(measured.parties.engine) as connection:
        agree.narrow_agreement(measured.parties.acting(connection, Party.RIPE_NCC), measured.agreement_id, narrower)
    assert [one.level for one in measured.run().tombstones] == ["probe_level"]
