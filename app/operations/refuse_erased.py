"""What was measured so long ago that its agreement has it erased is not kept again, by whatever way it comes."""

from collections.abc import Sequence

from sqlalchemy import Connection

from app.operations.find_due_erasures import keepings
from app.store.records import Record
from app.store.tombstones import find_erased_until
from measurements.agreements.retention import counts_from, gone_before


def refuse_erased(connection: Connection, records: Sequence[Record], now_at: int) -> list[Record]:
    """The records that may be kept. Of the others nothing is written: they are counted alone.

    What an agreement has erased by now is refused by when it was measured; so is what a tombstone says was erased.
    """
    atlas_ids = {one.atlas_id for one in records if one.atlas_id is not None}
    until = find_erased_until(connection, atlas_ids)
    for measured, keeping in keepings(connection, now_at, atlas_ids):
        key, before = (measured.label.value, measured.atlas_id), gone_before(now_at, keeping.probe_level_days)
        until[key] = max(until.get(key, before), before)
    return list(records) if not until else [one for one in records if not _is_erased(one, until, now_at)]


def _is_erased(record: Record, until: dict[tuple[str, int], int], now_at: int) -> bool:
    before = None if record.atlas_id is None else until.get((record.label, record.atlas_id))
    if before is None:
        return False
    is_datable = record.result is not None and record.result.is_datable
    return counts_from(record.measured_at, record.stored_at, now_at, is_datable=is_datable) < before
