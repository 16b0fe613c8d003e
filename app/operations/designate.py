"""Designate a representative of a party, and end a designation."""

from collections.abc import Collection
from hashlib import sha256
from typing import Any

import orjson

from app.operations.acting import Acting, require
from app.operations.lines import require_lines
from app.store.designations import add_designation, find_designation
from app.store.designations import end_designation as store_end
from app.store.people import find_person
from measurements.agreements.audit import Act as Done
from measurements.agreements.audit import SubjectKind
from measurements.agreements.parties import Designation, Duty
from measurements.agreements.people import Act, Person, Role
from measurements.errors import InvalidContent, NotFound, RasadError
from measurements.units import iso

ETAG_CHARACTERS = 16


class ChangedMeanwhile(RasadError):
    """What should be changed is not as it was when it was read."""


def designate(
    acting: Acting, *, person_id: int, duties: Collection[Duty], act: str, from_at: int | None, until_at: int | None
) -> Designation:
    """Note that a party designated somebody of its own, from now on unless a later instant is given.

    Raises `NotFound`, `NotPermitted`, and `InvalidContent` for what no designation can be.
    """
    what = f"person {person_id}"
    person = find_person(acting.connection, person_id)
    if person is None:
        raise NotFound(f"there is no {what}")
    require(acting, Act.DESIGNATE, party=person.party, person_id=person_id, hidden=what)
    require_lines(act=act)
    begins_at = acting.now_at if from_at is None else from_at
    problems: list[tuple[str, str]] = []
    if person.role is not Role.REPRESENTATIVE or person.party is None:
        problems.append(("/person_id", f"{what} is no representative by role, but {person.role}"))
    if not duties:
        problems.append(("/duties", "name at least one"))
    if begins_at < acting.now_at:
        problems.append(("/from_at", "is past; nobody represented a party before that was noted"))
    if until_at is not None and until_at <= begins_at:
        problems.append(("/until_at", "is not after the beginning"))
    if problems or person.party is None:
        raise InvalidContent(problems)
    wanted = Designation(0, person.party, person_id, frozenset(duties), act, begins_at, until_at)
    designation = add_designation(acting.connection, wanted)
    details = {"party": person.party.value, "person_id": person_id, "act": act, "from_at": begins_at}
    acting.note(Done.DESIGNATION_RECORDED, SubjectKind.DESIGNATION, designation.designation_id, details=details)
    return designation


def end_designation(
    acting: Acting, designation_id: int, *, until_at: int | None, etags: Collection[str] | None
) -> Designation:
    """End a designation now, or at a later instant that is given. An end is never put off, nor set in the past.

    `etags` are those by which the caller knows it; None where it need not be as it was. Raises `ChangedMeanwhile`,
    `NotFound`, `NotPermitted`, `InvalidContent`.
    """
    what = f"designation {designation_id}"
    held = find_designation(acting.connection, designation_id)
    if held is None:
        raise NotFound(f"there is no {what}")
    require(acting, Act.END_DESIGNATION, party=held.party, person_id=held.person_id, hidden=what)
    if etags is not None and etag_of(held) not in etags:
        raise ChangedMeanwhile(f"The {what} was changed meanwhile; read it again.")
    ends_at = max(acting.now_at, held.from_at) if until_at is None else until_at
    if ends_at < acting.now_at:
        raise InvalidContent([("/until_at", "is past; what was once true stays")])
    if ends_at < held.from_at:
        raise InvalidContent([("/until_at", "is before the beginning")])
    if held.until_at is not None and ends_at >= held.until_at:
        raise InvalidContent([("/until_at", f"it ends at {iso(held.until_at)}, which can be brought forward only")])
    store_end(acting.connection, designation_id, ends_at)
    acting.note(
        Done.DESIGNATION_ENDED, SubjectKind.DESIGNATION, designation_id,
        details={"party": held.party.value, "until_at": ends_at},
    )  # fmt: skip
    return held._replace(until_at=ends_at)


def designation_on_the_wire(designation: Designation, person: Person | None, now_at: int) -> dict[str, Any]:
    """The designation in plain values under the names of the wire."""
    return {
        "id": designation.designation_id,
        "party": designation.party.value,
        "person_id": designation.person_id,
        "name": person and person.name,
        "contact": person and person.contact,
        "duties": sorted(designation.duties),
        "act": designation.act,
        "from_at": iso(designation.from_at),
        "until_at": None if designation.until_at is None else iso(designation.until_at),
        "is_holding": designation.holds_at(now_at),
        "etag": etag_of(designation),
    }


def etag_of(designation: Designation) -> str:
    """A word that is another one after every change (RFC 9110, 8.8.3), with its quotes."""
    stands = [designation.designation_id, designation.until_at]
    return f'"{sha256(orjson.dumps(stands)).hexdigest()[:ETAG_CHARACTERS]}"'
