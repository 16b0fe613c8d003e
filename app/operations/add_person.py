"""Add a person, and create the first one: whoever runs the service."""

from typing import NamedTuple

from app.operations.acting import Acting, require
from app.operations.issue_key import IssuedKey, keep_new_key
from app.operations.lines import require_lines
from app.store.people import add_person as store_person
from app.store.people import has_administrator
from measurements.agreements.audit import Act as Done
from measurements.agreements.audit import SubjectKind
from measurements.agreements.parties import Party
from measurements.agreements.people import Act, Person, Role, usable_scopes
from measurements.errors import InvalidContent, RasadError


class AlreadyRun(RasadError):
    """Somebody runs the service already."""


class NewAdministrator(NamedTuple):
    """Who runs the service from now on, with a key."""

    person: Person
    issued: IssuedKey


def add_person(acting: Acting, *, name: str, contact: str, party: Party | None, role: Role) -> Person:
    """Add somebody. Raises `NotPermitted`, and `InvalidContent` where the role and the party do not go together."""
    require_lines(name=name, contact=contact)
    if role is Role.REPRESENTATIVE and party is None:
        raise InvalidContent([("/party", "a representative belongs to a party")])
    if role is Role.ADMINISTRATOR and party is not None:
        raise InvalidContent([("/party", "whoever runs the service belongs to no party")])
    require(acting, Act.ADD_PERSON, party=party)
    person = store_person(acting.connection, name=name, contact=contact, party=party, role=role, added_at=acting.now_at)
    details = {"party": party and party.value, "role": role.value}
    acting.note(Done.PERSON_ADDED, SubjectKind.PERSON, person.person_id, details=details)
    return person


def create_administrator(
    acting: Acting, *, name: str, contact: str, expires_at: int, is_another: bool
) -> NewAdministrator:
    """Create whoever runs the service, with a key. Raises `AlreadyRun` where somebody does, unless another is meant."""
    if has_administrator(acting.connection) and not is_another:
        raise AlreadyRun(
            "there is an administrator already. For another one: --another, or set RASAD_KEY to an administrator's key"
        )
    person = add_person(acting, name=name, contact=contact, party=None, role=Role.ADMINISTRATOR)
    issued = keep_new_key(
        acting, person, name="first key", scopes=usable_scopes(Role.ADMINISTRATOR), expires_at=expires_at
    )
    return NewAdministrator(person, issued)
