"""People to test with: two parties that are represented, one that nobody speaks for yet, and a key for everybody."""

from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import Engine

from app.cli.acting import MACHINE
from app.operations.acting import Acting
from app.operations.add_person import add_person
from app.operations.designate import designate
from app.operations.issue_key import USUAL_S, issue_key
from app.operations.key_secrets import make_key
from app.store.engine import transactions
from measurements.agreements.parties import Duty, Party
from measurements.agreements.people import Person, Role, usable_scopes
from tests.ingesting import StillClock

NOW = int(StillClock().now().timestamp())
MEMBERS: Mapping[str, tuple[Role, Party | None]] = {
    "administrator": (Role.ADMINISTRATOR, None),
    "representative": (Role.REPRESENTATIVE, Party.TOJIKTELECOM),
    "analyst": (Role.ANALYST, Party.TOJIKTELECOM),
    "reader": (Role.READER, Party.TOJIKTELECOM),
    "auditor": (Role.AUDITOR, None),
    "other_representative": (Role.REPRESENTATIVE, Party.RIPE_NCC),
    "other_analyst": (Role.ANALYST, Party.RIPE_NCC),
    "vacant_representative": (Role.REPRESENTATIVE, Party.COMMUNICATIONS_SERVICE),
    "deputy": (Role.REPRESENTATIVE, Party.TOJIKTELECOM),
}
"""In this order, so that numbers begin with 1."""
DESIGNATED = ("representative", "other_representative")


def bearer(key: str) -> dict[str, str]:
    """A key as it is sent."""
    return {"Authorization": f"Bearer {key}"}


def wrong(key_id: int) -> dict[str, str]:
    """A key that nobody has, under a number, as it is sent."""
    return bearer(make_key(key_id).key)


class Member(NamedTuple):
    """Somebody with a key that is good for all that the role may."""

    person: Person
    key: str
    key_id: int

    @property
    def headers(self) -> dict[str, str]:
        """What comes along with a request."""
        return bearer(self.key)


def add_people(engine: Engine, now_at: int = NOW) -> dict[str, Member]:
    """Add them all; name -> member."""
    with transactions(engine)() as connection:
        acting = Acting(connection, MACHINE, now_at)
        members = {name: _member(acting, name, *belongs) for name, belongs in MEMBERS.items()}
        for name in DESIGNATED:
            designate(
                acting, person_id=members[name].person.person_id, duties=[Duty.COORDINATION], act="Letter 1",
                from_at=None, until_at=None,
            )  # fmt: skip
    return members


def _member(acting: Acting, name: str, role: Role, party: Party | None) -> Member:
    person = add_person(acting, name=name, contact=f"{name}@example.net", party=party, role=role)
    issued = issue_key(
        acting, person_id=person.person_id, name="test", scopes=usable_scopes(role), expires_at=acting.now_at + USUAL_S
    )
    return Member(person, issued.key, issued.held.key_id)
