"""Note that somebody accepted the terms of a service of the RIPE NCC; without, nothing is measured at RIPE Atlas."""

from typing import Any

from app.operations.acting import Acting, NotPermitted, require_role
from app.operations.keep_reviews import SHA256
from app.operations.lines import require_lines
from app.operations.plan_entries import Page
from app.store import reviews as store
from app.store.people import find_people
from measurements.agreements.audit import Act as Done
from measurements.agreements.audit import SubjectKind
from measurements.agreements.people import Act, Grounds, Person
from measurements.agreements.platform_terms import Acceptance, Service
from measurements.errors import InvalidContent
from measurements.units import iso


def accept_terms(acting: Acting, service: Service, *, version: str, address: str, sha256: str | None) -> Acceptance:
    """Note that whoever acts accepts a version. It has to be a person that is known."""
    require_role(acting.caller, Act.KEEP_PLAN)
    if acting.person_id is None:
        raise NotPermitted(Act.KEEP_PLAN, Grounds.KEY_MISSING)
    require_lines(version=version, address=address)
    if sha256 is not None and not SHA256.fullmatch(sha256):
        raise InvalidContent([("/sha256", "is 64 hexadecimal digits, in small letters")])
    party = acting.caller.person.party
    accepted = Acceptance(0, service, version, address, sha256, acting.person_id, party, acting.now_at)
    made = accepted._replace(acceptance_id=store.add_acceptance(acting.connection, accepted))
    told = {"acceptance_id": made.acceptance_id, "version": version, "address": address}
    acting.note(Done.TERMS_ACCEPTED, SubjectKind.TERMS, service, digest=sha256, details=told)
    return made


def acceptance_page(acting: Acting, *, after: int | None = None, limit: int = 100) -> Page:
    """Which terms were accepted, by whom and when."""
    require_role(acting.caller, Act.READ_PLAN)
    found = store.find_acceptances(acting.connection, after=after, limit=limit + 1)
    shown = found[:limit]
    people = find_people(acting.connection, (one.person_id for one in shown))
    entries = [told_acceptance(one, people.get(one.person_id)) for one in shown]
    return Page(entries, shown[-1].acceptance_id if len(found) > limit else None)


def told_acceptance(acceptance: Acceptance, person: Person | None) -> dict[str, Any]:
    """An acceptance in plain values under the names of the wire."""
    return {
        **acceptance._asdict(),
        "name": person and person.name,
        "accepted_at": iso(acceptance.accepted_at),
    }
