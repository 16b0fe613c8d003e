"""Finds what is held about targets: which series, and from when to when."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, collate, func, select

from app.store import tables


class HoldingRow(NamedTuple):
    """What is held about one target under one label, of one type and address family."""

    target: str
    label: str
    type: str
    address_family: int
    """4, 6, or 0 where the records do not say."""
    n_series: int
    first_bin_at: int | None
    """Start of the first bin, an hour, that holds a result, seconds since the epoch, UTC."""
    last_bin_at: int | None
    """Start of the last such bin."""


def find_target_names(connection: Connection, *, after: str | None, limit: int) -> list[str]:
    """At most `limit` names of targets with a series, in order, those behind `after` only."""
    target = by_code_point(connection, tables.series.c.target)
    query = select(target).distinct().order_by(target).limit(limit)
    if after is not None:
        query = query.where(target > after)
    return list(connection.execute(query).scalars())


def by_code_point(connection: Connection, column: ColumnElement[str]) -> ColumnElement[str]:
    """A text column that sorts as Python sorts, whatever the language of a PostgreSQL server."""
    return collate(column, "C") if connection.dialect.name == "postgresql" else column


def find_holdings(connection: Connection, targets: Sequence[str]) -> list[HoldingRow]:
    """What is held about these targets, by target, label, type and address family."""
    series, bins = tables.series, tables.bins
    ends = (
        select(getattr(func, end)(bins.c.bin_at)).where(bins.c.series_id == series.c.id).scalar_subquery()
        for end in ("min", "max")
    )
    first_bin_at, last_bin_at = ends
    group = (series.c.target, series.c.label, series.c.type, series.c.address_family)
    query = (
        select(*group, func.count(), func.min(first_bin_at), func.max(last_bin_at))
        .where(series.c.target.in_(targets))
        .group_by(*group)
        .order_by(*group)
    )
    return [HoldingRow._make(row) for row in connection.execute(query)]


def find_labels(connection: Connection, target: str | None = None) -> list[str]:
    """The labels under which any series is held; or one about a target."""
    label = tables.series.c.label
    query = select(label).distinct().order_by(label)
    if target is not None:
        query = query.where(tables.series.c.target == target)
    return list(connection.execute(query).scalars())
