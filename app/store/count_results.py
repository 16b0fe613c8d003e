"""Counts what one measurement brought."""

from sqlalchemy import Connection, func, select

from app.store import tables
from measurements.results.outcome import Label


def count_results(connection: Connection, label: Label, atlas_id: int) -> tuple[int, int]:
    """Results of a measurement, and the probes that they come from. Two that contradict each other count as one."""
    column = tables.results.c
    which = (column.atlas_id == atlas_id) & (column.label == label.value)
    keys = select(column.probe_id, column.measured_at).where(which).distinct().subquery()
    row = connection.execute(select(func.count(), func.count(keys.c.probe_id.distinct())).select_from(keys)).one()
    return int(row[0]), int(row[1])
