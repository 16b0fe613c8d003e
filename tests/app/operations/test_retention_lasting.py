"""What was erased stays erased: through kills, restored copies, forged lines, and in the bytes of the files."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, text

from app.operations.run_retention import run_retention
from app.store.audit import Wanted, entries
from app.store.engine import reading
from app.store.tend import forget_erased
from app.store.tombstones import list_tombstones
from measurements.agreements.audit import Act
from measurements.results.outcome import Label
from measurements.units import DAY_S
from tests.agreeing import Parties
from tests.retaining import N_PROBES, Backup, Measured

pytestmark = pytest.mark.acceptance("agreement.4")


@pytest.fixture
def measured(parties: Parties, tmp_path: Path) -> Measured:
    return Measured(parties, tmp_path)


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


def test_what_is_not_signed_by_our_key_erases_nothing(measured: Measured, tmp_path: Path) -> None:
    measured.measure(0)
    measured.pass_to(5)
    measured.run()
    path = tmp_path / "retention" / "tombstones.ndjson"
    forged = path.read_bytes().replace(b'"n_records":24', b'"n_records":25')
    path.write_bytes(forged + b"{}\nnothing\n")
    report = measured.run()
    assert (report.n_refused, report.tombstones) == (3, [])


@pytest.mark.parametrize("is_daily", [True, False])
def test_when_it_is_erased_does_not_show_in_what_stays(measured: Measured, *, is_daily: bool) -> None:
    """A day at a time as it falls due, or everything at once."""
    measured.measure(0)
    measured.measure(1)
    answered = {row.bin_at: row.value for row in measured.series() if row.value is not None}
    for day in (2, 3, 4, 5, 6) if is_daily else (6,):
        measured.pass_to(day)
        measured.run()
    assert {row.bin_at: row.value for row in measured.series() if row.value is not None} == answered
    with reading(measured.parties.engine) as connection:
        held = [one for one in list_tombstones(connection) if one.level == "probe_level"]
    assert [(one.from_at, one.n_records) for one in held] == [(measured.day(day)[0], 3 * N_PROBES) for day in (0, 1)]


def test_what_is_measured_with_another_label_is_left_alone(measured: Measured) -> None:
    """The clock of a rehearsal may be years ahead."""
    measured.measure(0)
    measured.pass_to(5)
    measured.run_of(Label.MEASURED)
    assert measured.counts()["raw_records"] == 3 * N_PROBES
