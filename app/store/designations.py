"""Who represents a party, from when to when. What was once true stays."""

from sqlalchemy import Connection, Row, Select, or_, select

from app.store import tables
from app.store.bulk import insert_rows, next_id
from measurements.agreements.parties import Designation, Duty, Party

COLUMNS = ("id", "party", "person_id", "duties", "act", "from_at", "until_at")


def add_designation(connection: Connection, designation: Designation) -> Designation:
    """Add a designation; gives it with its number. The person must belong to the party: the database insists."""
    numbered = designation._replace(designation_id=next_id(connection, tables.designations))
    duties = " ".join(sorted(numbered.duties))
    row = (
        numbered.designation_id, numbered.party.value, numbered.person_id, duties, numbered.act, numbered.from_at,
        numbered.until_at,
    )  # fmt: skip
    insert_rows(connection, tables.designations, COLUMNS, [row])
    return numbered


def find_designation(connection: Connection, designation_id: int) -> Designation | None:
    """A designation by number."""
    row = connection.execute(_query().where(tables.designations.c.id == designation_id)).first()
    return None if row is None else _designation(row)


def list_designations(
    connection: Connection, *, after: int | None = None, limit: int | None = None
) -> list[Designation]:
    """Designations by number, past ones too; those behind `after` only."""
    query = _query().order_by(tables.designations.c.id).limit(limit)
    if after is not None:
        query = query.where(tables.designations.c.id > after)
    return [_designation(row) for row in connection.execute(query)]


def holding_designations(
    connection: Connection, at: int, *, party: Party | None = None, person_id: int | None = None
) -> list[Designation]:
    """The designations that hold at an instant: of a party, of a person."""
    column = tables.designations.c
    query = _query().where(column.from_at <= at, or_(column.until_at.is_(None), column.until_at > at))
    if party is not None:
        query = query.where(column.party == party.value)
    if person_id is not None:
        query = query.where(column.person_id == person_id)
    return [_designation(row) for row in connection.execute(query.order_by(column.id))]


def end_designation(connection: Connection, designation_id: int, until_at: int) -> None:
    """Set when it ends. An end can be brought forward and never put off: the database insists."""
    column = tables.designations.c
    connection.execute(tables.designations.update().where(column.id == designation_id).values(until_at=until_at))


def _query() -> Select[tuple[object, ...]]:
    return select(tables.designations)


def _designation(row: Row[tuple[object, ...]]) -> Designation:
    held = row._mapping  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping
    return Designation(
        designation_id=held["id"],
        party=Party(held["party"]),
        person_id=held["person_id"],
        duties=frozenset(map(Duty, held["duties"].split())),
        act=held["act"],
        from_at=held["from_at"],
        until_at=held["until_at"],
    )
