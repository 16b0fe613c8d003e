"""A measurement under an agreement that has it erased, and a copy of the database from before."""

import shutil
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Table, func, select, text

from app.operations.fetch_window import Fetched, Fetcher
from app.operations.prepare_records import Preparer
from app.operations.read_series import read_series
from app.operations.refresh_probes import refresh_probes
from app.operations.run_retention import RetentionReport, run_retention
from app.operations.sight import MACHINE, sight_of
from app.operations.tombstone_file import TombstoneFile
from app.store import tables
from app.store.engine import reading, writing
from app.store.tend import forget_erased
from measurements.agreements.audit import Act
from measurements.agreements.retention import day_of
from measurements.campaigns.collecting import Window
from measurements.results.outcome import Label
from measurements.series.query import series_query
from measurements.series.rows import SeriesRow
from measurements.units import DAY_S, HOUR_S
from tests.agreeing import Parties
from tests.collecting import PING
from tests.measurements.agreements.making import make_card

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

    def run_of(self, label: Label) -> RetentionReport:
        return run_retention(self.parties.transaction, self.file, self.parties.now, label=label)

    def series(self, **asked: Any) -> list[SeriesRow]:
        question: dict[str, Any] = {
            "metric": "rtt_median_ms",
            "target": "k-root",
            "label": Label.REHEARSED,
            "from_at": self.from_at,
        }
        with reading(self.parties.engine) as connection:
            sight = sight_of(connection, MACHINE, self.parties.now)
            return read_series(connection, series_query(**question | asked), sight, now=self.parties.now).rows

    def counts(self) -> dict[str, int]:
        with reading(self.parties.engine) as connection:
            return {table.name: count(connection, table) for table in COPIED}

    def bodies(self) -> int:
        with reading(self.parties.engine) as connection:
            return count(connection, tables.raw_records, func.length(tables.raw_records.c.body) > 0)


def count(connection: Connection, table: Table, *conditions: ColumnElement[bool]) -> int:
    return connection.execute(select(func.count()).select_from(table).where(*conditions)).scalar_one()


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
