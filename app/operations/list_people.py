"""List people with their keys, designations, and what one may do oneself."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import Connection

from app.operations.acting import person_on_the_wire, visible_party
from app.operations.designate import designation_on_the_wire
from app.operations.issue_key import key_on_the_wire
from app.store.designations import holding_designations, list_designations
from app.store.keys import HeldKey, keys_of
from app.store.people import find_people, list_people
from measurements.agreements.people import TABLE, Act, Caller, Person, may


class Page(NamedTuple):
    """Some entries in plain values under the names of the wire, and behind which number the next page begins."""

    entries: list[dict[str, Any]]
    next_after: int | None


def people_page(connection: Connection, caller: Caller, *, after: int | None = None, limit: int = 100) -> Page:
    """One page of the people whom the caller may see, each with the keys it has."""
    party = visible_party(caller, Act.SEE_PEOPLE)
    found = list_people(connection, party=party, after=after, limit=limit + 1)
    people = found[:limit]
    keys = keys_of(connection, (person.person_id for person in people))
    return Page([person_entry(person, keys) for person in people], _next(found, people))


def designations_page(connection: Connection, now_at: int, *, after: int | None = None, limit: int = 100) -> Page:
    """One page of all designations, past ones too."""
    found = list_designations(connection, after=after, limit=limit + 1)
    shown = found[:limit]
    people = find_people(connection, (one.person_id for one in shown))
    entries = [designation_on_the_wire(one, people.get(one.person_id), now_at) for one in shown]
    return Page(entries, shown[-1].designation_id if len(found) > limit else None)


def oneself(connection: Connection, caller: Caller, now_at: int) -> dict[str, Any]:
    """Who the caller is, who it speaks for, its keys, and what it may do."""
    person = caller.person
    designations = holding_designations(connection, now_at, person_id=person.person_id)
    acts = [act for act in Act if may(caller, act).is_permitted]
    return {
        "person": person_entry(person, keys_of(connection, [person.person_id])),
        "key_id": caller.key_id,
        "scopes": sorted(caller.scopes),
        "designations": [designation_on_the_wire(one, person, now_at) for one in designations],
        "may": [{"act": act.value, "words": act.explanation, "reach": TABLE[act].reach(person.role)} for act in acts],
    }


def person_entry(person: Person, keys: Iterable[HeldKey] = ()) -> dict[str, Any]:
    """A person with those of the keys that are its own."""
    own = [key_on_the_wire(key) for key in keys if key.person_id == person.person_id]
    return {**person_on_the_wire(person), "keys": own}


def _next(found: list[Person], shown: list[Person]) -> int | None:
    return shown[-1].person_id if len(found) > len(shown) else None
