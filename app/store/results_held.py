"""How many results of a measurement are held."""

from sqlalchemy import Connection, func, select

from app.store import tables
from measurements.results.outcome import Label


def count_results(connection: Connection, atlas_id: int, label: Label) -> int:
    """Of one measurement, by the platform's number."""
    column = tables.results.c
    query = select(func.count()).where(column.atlas_id == atlas_id, column.label == label.value)
    return int(connection.execute(query).scalar_one())
