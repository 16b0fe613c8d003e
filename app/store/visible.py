"""What somebody may see one by one, as a condition on rows that say as what they are held.

Rows are held under an agreement by what they say themselves, and by their measurement having been dispatched under one.
"""

from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, FromClause, and_, exists, or_, select

from app.store import tables
from measurements.results.outcome import DataClass

Measured = tuple[str, int]
"""Label and Atlas's number: a measurement."""


class Visible(NamedTuple):
    """The agreements whose data somebody sees, and those among the dispatched ones whose it does not."""

    is_all: bool
    """Whether the person sees whatever is held."""
    given: frozenset[int]
    withheld: frozenset[int]


def find_dispatched(connection: Connection) -> dict[Measured, int]:
    """The agreement of every measurement that was dispatched under one."""
    column = tables.dispatches.c
    query = select(column.label, column.atlas_id, column.agreement_id).where(column.atlas_id.is_not(None))
    return {(label, atlas_id): agreement_id for label, atlas_id, agreement_id in connection.execute(query)}


def find_held(connection: Connection) -> set[tuple[str, str, int | None]]:
    """Label, data class and agreement of all series that are not public by what they say themselves."""
    column = tables.series.c
    query = select(column.label, column.data_class, column.agreement_id).distinct()
    is_held = or_(column.data_class != DataClass.PUBLIC.value, column.agreement_id.is_not(None))
    return {(row[0], row[1], row[2]) for row in connection.execute(query.where(is_held))}


def are_visible(table: FromClause, visible: Visible) -> list[ColumnElement[bool]]:
    """The conditions on a table with provenance and `atlas_id`; where all is public they cost a comparison a row.

    A row that does not say which measurement it is of may be of any, and is left out where any is withheld.
    """
    if visible.is_all:
        return []
    column: Any = table.c
    is_public = and_(column.data_class == DataClass.PUBLIC.value, column.agreement_id.is_(None))
    is_given = and_(column.agreement_id.in_(visible.given), column.data_class != DataClass.FORBIDDEN.value)
    conditions = [or_(is_public, is_given) if visible.given else is_public]
    if visible.withheld:
        sent = tables.dispatches.c
        is_withheld = exists().where(
            sent.label == column.label, sent.atlas_id == column.atlas_id, sent.agreement_id.in_(visible.withheld)
        )
        conditions += [column.atlas_id.is_not(None), ~is_withheld]
    return conditions
