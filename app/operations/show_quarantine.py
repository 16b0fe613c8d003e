"""Show one quarantined record: its text, why it could not be used, and how it came."""

from sqlalchemy import Connection

from app.operations.quarantine_entries import QuarantineEntry, read_quarantine_entry
from app.operations.sight import Sight
from app.store.find_quarantine import find_quarantined_record
from app.store.find_results import find_deliveries
from measurements.errors import NotFound


def show_quarantine(connection: Connection, record_id: int, sight: Sight) -> QuarantineEntry:
    """The quarantined record with this number; raises NotFound where there is none, or none that may be seen."""
    row = find_quarantined_record(connection, record_id, sight.visible)
    if row is None:
        raise NotFound(f"There is no quarantined record with the number {record_id}.")
    return read_quarantine_entry(row, find_deliveries(connection, [row.id])[row.id], sight)
