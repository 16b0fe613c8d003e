"""Who does something, when, and in which unit of work: what every act of a person is handed."""

from typing import Any, NamedTuple

from sqlalchemy import Connection

from app.store.audit import append
from app.store.designations import holding_designations
from measurements.agreements.audit import Act as Done
from measurements.agreements.audit import Deed, Subject, SubjectKind
from measurements.agreements.parties import Party
from measurements.agreements.people import TABLE, Act, Caller, Concern, Grounds, Person, Reach, may
from measurements.errors import NotFound, RasadError

HIDDEN = frozenset({Grounds.OF_ANOTHER_PARTY, Grounds.OF_ANOTHER_PERSON})
"""Whose existence is none of the caller's business."""


class NotPermitted(RasadError):
    """Somebody may not do something; `grounds` says why."""

    def __init__(self, act: Act, grounds: Grounds) -> None:
        super().__init__(f"Not permitted: {act.explanation}. {grounds.explanation}")
        self.act = act
        self.grounds = grounds


class Acting(NamedTuple):
    """An act of somebody: its unit of work, who it is, and when. An instant is seconds since the epoch."""

    connection: Connection
    caller: Caller
    now_at: int

    @property
    def person_id(self) -> int | None:
        """Who it is; None on the command line."""
        return self.caller.person.person_id or None

    def note(self, act: Done, kind: SubjectKind, subject_id: int | str, **more: Any) -> None:
        """Tell the audit, in the unit of work of the act itself; `more` are other members of a `Deed`."""
        told = {"party": self.caller.person.party, "designation_id": self.caller.designation_id} | more
        append(
            self.connection,
            Deed(at=self.now_at, act=act, person_id=self.person_id, subject=Subject(kind, subject_id), **told),
        )


def require_role(caller: Caller | None, act: Act) -> None:
    """Raise `NotPermitted` unless the role and the key allow it about somebody."""
    permission = may(caller, act)
    if not permission.is_permitted:
        raise NotPermitted(act, permission.grounds)


def require(
    acting: Acting, act: Act, *, party: Party | None, person_id: int | None = None, hidden: str | None = None
) -> None:
    """Raise `NotPermitted` unless the caller may do it about this party or person.

    Where something is `hidden` from whom it is no business of, there is none as far as those are told: `NotFound`.
    """
    is_represented = party is not None and bool(holding_designations(acting.connection, acting.now_at, party=party))
    permission = may(acting.caller, act, Concern(party, person_id, is_represented))
    if permission.is_permitted:
        return
    if hidden and permission.grounds in HIDDEN:
        raise NotFound(f"there is no {hidden}")
    raise NotPermitted(act, permission.grounds)


def visible_party(caller: Caller, act: Act) -> Party | None:
    """Of which party alone somebody may see things; None for all."""
    return caller.person.party if TABLE[act].reach(caller.person.role) is Reach.PARTY else None


def person_on_the_wire(person: Person) -> dict[str, Any]:
    """The person in plain values under the names of the wire."""
    return {
        "id": person.person_id,
        "name": person.name,
        "contact": person.contact,
        "party": person.party and person.party.value,
        "role": person.role.value,
    }
