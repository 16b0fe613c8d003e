"""Show one result: what it says beside the record it was read from."""

from sqlalchemy import Connection

from app.operations.result_entries import ResultEntry, read_entry
from app.store.find_results import find_deliveries, find_result
from measurements.errors import NotFound


def show_result(connection: Connection, result_id: int) -> ResultEntry:
    """The result with this number; raises NotFound where there is none."""
    row = find_result(connection, result_id)
    if row is None:
        raise NotFound(f"There is no result with the number {result_id}.")
    return read_entry(row, find_deliveries(connection, [row.raw_id])[row.raw_id])
