"""What has to be erased by now: as agreements say, and once more where a restored database brought it back."""

from collections.abc import Collection, Iterator
from typing import NamedTuple

from sqlalchemy import Connection

from app.store.agreements import find_agreements
from app.store.dispatched import Dispatched, list_dispatched
from app.store.erase import find_due
from measurements.agreements.retention import Keeping, Level, Tombstone, Why, gone_before, keeping
from measurements.results.outcome import Label

STRICTEST = 1_000_000
"""So many probes no figure rests on: where nobody knows the agreement any more, none is kept."""


class Erasure(NamedTuple):
    """What is erased in one unit of work: a day of a measurement, on one level."""

    measurement: Dispatched
    level: Level
    day: tuple[int, int]
    keeping: Keeping
    raw_ids: "tuple[int, ...]"
    why: Why


def keepings(
    connection: Connection, now_at: int, among: Collection[int] | None = None
) -> list[tuple[Dispatched, Keeping]]:
    """For how long what each dispatched measurement brings is kept; of all, or of those with some numbers."""
    measured = [one for one in list_dispatched(connection) if among is None or one.atlas_id in among]
    if not measured:
        return []
    agreements = {one.agreement_id: one for one in find_agreements(connection, {one.agreement_id for one in measured})}
    return [
        (one, keeping(agreements[one.agreement_id], version, now_at))
        for one in measured
        for version in agreements[one.agreement_id].versions
        if version.number == one.number
    ]


def find_due_erasures(connection: Connection, label: Label, now_at: int) -> Iterator[Erasure]:
    """What agreements say of what has a label, the earliest day of each measurement first, and what goes whole first.

    What goes altogether has no raw record left to be erased.
    """
    of_label = (one for one in keepings(connection, now_at) if one[0].label is label)
    for measured, kept in of_label:
        for level in (Level.PROBE_LEVEL, Level.RAW):
            days = find_due(connection, measured.label, measured.atlas_id, level, gone_before(now_at, kept.days(level)))
            after = gone_before(now_at, kept.probe_level_days) if level is Level.RAW else 0
            for day, raw_ids in days.items():
                if day[0] >= after:
                    yield Erasure(measured, level, day, kept, tuple(raw_ids), Why.AS_AGREED)


def find_restored(connection: Connection, tombstone: Tombstone, now_at: int) -> Erasure:
    """What is held of a day of which a tombstone says that it was erased."""
    measured = Dispatched(tombstone.agreement_id, tombstone.version, Label(tombstone.label), tombstone.atlas_id)
    level, day = Level(tombstone.level), (tombstone.from_at, tombstone.until_at)
    held = find_due(connection, measured.label, measured.atlas_id, level, tombstone.until_at)
    known = dict(keepings(connection, now_at, [tombstone.atlas_id]))
    kept = known.get(measured, Keeping(tombstone.days, tombstone.days, STRICTEST, STRICTEST))
    return Erasure(measured, level, day, kept, tuple(held.get(day, ())), Why.RESTORED)
