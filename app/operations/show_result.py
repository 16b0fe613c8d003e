"""Show one result: what it says beside the record it was read from."""

from sqlalchemy import Connection

from app.operations.result_entries import ResultEntry, held_as, read_entry
from app.operations.sight import Sight
from app.store.find_results import find_deliveries, find_result
from measurements.errors import NotFound


def show_result(connection: Connection, result_id: int, sight: Sight) -> ResultEntry:
    """The result with this number; raises NotFound where there is none, and likewise where it may not be seen.

    So nobody learns from a number what was measured, and when.
    """
    row = find_result(connection, result_id, sight.visible)
    if row is None:
        raise NotFound(f"There is no result with the number {result_id}.")
    return read_entry(row, find_deliveries(connection, [row.raw_id])[row.raw_id], held_as(sight, row))
