"""What has to be erased when, and what was erased, in plain values."""

from typing import Any, NamedTuple

from sqlalchemy import Connection

from app.operations.find_due_erasures import find_due_erasures, keepings
from app.store.tombstones import list_tombstones, newest_tombstones
from measurements.agreements.retention import Level, Tombstone, gone_before
from measurements.results.outcome import Label
from measurements.units import iso


def retention_on_the_wire(connection: Connection, label: Label, now_at: int) -> dict[str, Any]:
    """For how long what every dispatched measurement brings is kept, what is due, and the tombstones."""
    return {
        "measurements": [
            {
                "agreement_id": measured.agreement_id,
                "version": measured.number,
                "label": measured.label.value,
                "atlas_id": measured.atlas_id,
                **{f"{level.value}_days": keeping.days(level) for level in Level},
                **{f"{level.value}_gone_before": iso(gone_before(now_at, keeping.days(level))) for level in Level},
            }
            for measured, keeping in keepings(connection, now_at)
        ],
        "due": due_on_the_wire(connection, label, now_at),
        "tombstones": [tombstone_on_the_wire(one) for one in list_tombstones(connection)],
    }


def due_on_the_wire(connection: Connection, label: Label, now_at: int) -> list[dict[str, Any]]:
    """What a run would erase now, by the day of a measurement."""
    return [
        {
            "agreement_id": one.measurement.agreement_id,
            "version": one.measurement.number,
            "label": one.measurement.label.value,
            "atlas_id": one.measurement.atlas_id,
            "level": one.level.value,
            "from_at": iso(one.day[0]),
            "until_at": iso(one.day[1]),
            "n_records": len(one.raw_ids),
            "days": one.keeping.days(one.level),
        }
        for one in find_due_erasures(connection, label, now_at)
    ]


def tombstone_on_the_wire(tombstone: Tombstone) -> dict[str, Any]:
    """The tombstone with its instants as people read them."""
    told = tombstone._asdict()
    return told | {name: iso(told[name]) for name in ("from_at", "until_at", "erased_at")}


class TombstonePage(NamedTuple):
    """Some tombstones in plain values under the names of the wire, and before which number the next page begins."""

    entries: list[dict[str, Any]]
    next_before: int | None


def tombstone_page(connection: Connection, *, before: int | None = None, limit: int = 100) -> TombstonePage:
    """One page of them, the last one first."""
    found = newest_tombstones(connection, before=before, limit=limit + 1)
    shown = found[:limit]
    entries = [{"number": number, **tombstone_on_the_wire(one)} for number, one in shown]
    return TombstonePage(entries, shown[-1][0] if len(found) > limit else None)
