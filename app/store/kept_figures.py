"""Figures that stay when the values of single probes are erased: rows of series as they were answered."""

from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy import Connection, select

from app.store import tables
from app.store.bulk import insert_rows, next_id
from measurements.series.query import SeriesQuery
from measurements.series.rows import SeriesRow

COLUMNS = ("id", "agreement_id", "label", "atlas_id", "target", "type", "metric", "scope", "binning", "bin_at", "row")


def keep_rows(
    connection: Connection, agreement_id: int, atlas_id: int, query: SeriesQuery, rows: Sequence[SeriesRow]
) -> int:
    """Keep the rows that answer a question about one measurement; gives how many."""
    first = next_id(connection, tables.kept_figures)
    told = (query.metric.name, query.scope.value, query.binning.name)
    packed = [
        (first + i, agreement_id, row.label, atlas_id, row.target, query.type, *told, row.bin_at, _packed(row))
        for i, row in enumerate(rows)
    ]
    insert_rows(connection, tables.kept_figures, COLUMNS, packed)
    return len(packed)


def kept_bins(connection: Connection, label: str, atlas_id: int, from_at: int, until_at: int) -> set[tuple[str, int]]:
    """Binning and beginning of the bins of a measurement of which figures are kept, within a time."""
    column = tables.kept_figures.c
    query = select(column.binning, column.bin_at).distinct()
    query = query.where(column.atlas_id == atlas_id, column.label == label)
    return {(row[0], row[1]) for row in connection.execute(query.where(column.bin_at.between(from_at, until_at - 1)))}


def find_kept(connection: Connection, query: SeriesQuery) -> list[SeriesRow]:
    """The figures that are kept and answer a question, in order of time.

    A question about some probes or networks of a country, or with a weight of its own, is about other figures.
    """
    column = tables.kept_figures.c
    statement = select(column.row).where(
        column.target == query.target,
        column.type == query.type,
        column.metric == query.metric.name,
        column.scope == query.scope.value,
        column.binning == query.binning.name,
        column.label == query.label.value,
    )
    if query.atlas_ids:
        statement = statement.where(column.atlas_id.in_(query.atlas_ids))
    if query.from_at is not None:
        statement = statement.where(column.bin_at >= query.from_at)
    if query.to_at is not None:
        statement = statement.where(column.bin_at < query.to_at)
    return [_unpacked(text) for text in connection.execute(statement.order_by(column.bin_at, column.id)).scalars()]


def _packed(row: SeriesRow) -> str:
    return orjson.dumps(row._asdict()).decode()


def _unpacked(text: str) -> SeriesRow:
    told: dict[str, Any] = orjson.loads(text)
    return SeriesRow(**told | {"atlas_ids": tuple(told["atlas_ids"]), "flags": tuple(told["flags"])})
