"""The people who work with Rasad."""

from collections.abc import Iterable

from sqlalchemy import Connection, Row, select

from app.store import tables
from app.store.bulk import insert_rows, next_id
from measurements.agreements.parties import Party
from measurements.agreements.people import Person, Role

COLUMNS = ("id", "name", "contact", "party", "role", "added_at")


def add_person(
    connection: Connection, *, name: str, contact: str, party: Party | None, role: Role, added_at: int
) -> Person:
    """Add a person. An administrator has no party, and a representative has one: the database insists."""
    person_id = next_id(connection, tables.people)
    row = (person_id, name, contact, party and party.value, role.value, added_at)
    insert_rows(connection, tables.people, COLUMNS, [row])
    return Person(person_id, name, contact, party, role)


def find_person(connection: Connection, person_id: int) -> Person | None:
    """A person by number."""
    row = connection.execute(select(tables.people).where(tables.people.c.id == person_id)).first()
    return None if row is None else _person(row)


def list_people(
    connection: Connection, *, party: Party | None = None, after: int | None = None, limit: int | None = None
) -> list[Person]:
    """People by number: all, or a party's; those behind `after` only."""
    column = tables.people.c
    query = select(tables.people).order_by(column.id).limit(limit)
    if party is not None:
        query = query.where(column.party == party.value)
    if after is not None:
        query = query.where(column.id > after)
    return [_person(row) for row in connection.execute(query)]


def find_people(connection: Connection, person_ids: Iterable[int]) -> dict[int, Person]:
    """People by number: number -> person."""
    query = select(tables.people).where(tables.people.c.id.in_(set(person_ids)))
    return {person.person_id: person for person in map(_person, connection.execute(query))}


def has_administrator(connection: Connection) -> bool:
    """Whether anybody runs the service."""
    query = select(tables.people.c.id).where(tables.people.c.role == Role.ADMINISTRATOR.value).limit(1)
    return connection.execute(query).first() is not None


def _person(row: Row[tuple[object, ...]]) -> Person:
    held = row._mapping  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping
    party = held["party"]
    return Person(held["id"], held["name"], held["contact"], party and Party(party), Role(held["role"]))
