"""Small records made by hand, delivered to a database as a source would, and what is in its tables afterwards."""

import json
from collections.abc import Sequence
from types import ModuleType
from typing import Any

from sqlalchemy import Engine, Table, text

from app.store.engine import reading, writing
from app.store.raw import Delivery, source_number
from app.store.records import prepare
from app.store.series import SeriesNumbers
from app.store.tables import (
    access_log,
    answers,
    audit_entries,
    campaigning,
    consent,
    designations,
    dispatching,
    kept_figures,
    keys,
    metadata,
    operating,
    owners,
    people,
    plan,
    practice,
    probes,
    reminders,
    requesting,
    tombstones,
    treasury,
    wrong_tries,
)
from app.store.writer import Tally, write_batch
from measurements.results.outcome import DataClass, Label


def _tables_of(module: ModuleType) -> set[Table]:
    return {one for one in vars(module).values() if isinstance(one, Table)}


PARTIES = {
    people,
    designations,
    keys,
    answers,
    wrong_tries,
    audit_entries,
    access_log,
    tombstones,
    kept_figures,
    reminders,
    practice,
    *_tables_of(campaigning),
    *_tables_of(consent),
    *_tables_of(dispatching),
    *_tables_of(operating),
    *_tables_of(owners),
    *_tables_of(plan),
    *_tables_of(probes),
    *_tables_of(requesting),
    *_tables_of(treasury),
}
"""Who speaks for whom, is reminded, agreed to what; what was dispatched, planned, chosen, erased: no data, and kept.
What was last said of probes is as old as whoever asked last, and says nothing that their snapshots do not."""
HOUR = 1_795_471_200
"""A full hour, in seconds since the epoch."""


def ping(*rtts_ms: float, probe_id: int = 7, at: int = 0, stored: int | None = 60, **changes: Any) -> bytes:
    """A ping of as many packets as there are RTTs, measured `at` seconds after HOUR, stored so many after that."""
    record = {
        "fw": 5080, "lts": 3, "type": "ping", "msm_id": 5001, "prb_id": probe_id, "timestamp": HOUR + at,
        "af": 4, "dst_name": "192.0.2.53", "dst_addr": "192.0.2.53", "src_addr": "10.0.0.2", "from": "198.51.100.7",
        "proto": "ICMP", "size": 64, "ttl": 57, "step": 240, "sent": len(rtts_ms), "rcvd": len(rtts_ms), "dup": 0,
        "min": min(rtts_ms), "max": max(rtts_ms), "avg": sum(rtts_ms) / len(rtts_ms),
        "result": [{"rtt": rtt} for rtt in rtts_ms],
    }  # fmt: skip
    if stored is not None:
        record["stored_timestamp"] = HOUR + at + stored
    return json.dumps(record | changes).encode()


def deliver(
    engine: Engine,
    *bodies: bytes,
    source: str = "stream",
    at: int = 0,
    data_class: DataClass = DataClass.PUBLIC,
    series: SeriesNumbers | None = None,
) -> Tally:
    """One batch from a source, `at` an instant of ours."""
    records = [prepare(body, Label.MEASURED) for body in bodies]
    with writing(engine) as connection:
        delivery = Delivery(source_number(connection, "file", source), at, data_class)
        return write_batch(connection, records, delivery, series or SeriesNumbers())


def rows(engine: Engine, query: str) -> Sequence[tuple[Any, ...]]:
    """What a query finds."""
    with reading(engine) as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def change(engine: Engine, *statements: str) -> None:
    """Tamper with the database, behind the back of the service."""
    with writing(engine) as connection:
        for statement in statements:
            connection.execute(text(statement))


def emptied(engine: Engine) -> Engine:
    """The same database without a record. Who agreed to what is never removed."""
    with writing(engine) as connection:
        for table in reversed(metadata.sorted_tables):
            if table not in PARTIES:
                connection.execute(table.delete())
    return engine
