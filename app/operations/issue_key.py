"""Issue a key to a person, and revoke one."""

from collections.abc import Collection
from typing import Any, NamedTuple

from app.operations.acting import Acting, NotPermitted, require
from app.operations.key_secrets import make_key
from app.operations.lines import require_lines
from app.store.keys import HeldKey, add_key, find_key, next_key_id
from app.store.keys import revoke_key as store_revocation
from app.store.people import find_person
from measurements.agreements.audit import Act as Done
from measurements.agreements.audit import SubjectKind
from measurements.agreements.people import TABLE, Act, Grounds, Person, Reach, Scope, usable_scopes
from measurements.errors import InvalidContent, NotFound
from measurements.units import DAY_S, iso

LONGEST_S = 366 * DAY_S
"""A key expires after a year at the latest."""
USUAL_S = 180 * DAY_S
"""When it expires, unless something else is wished."""


class IssuedKey(NamedTuple):
    """A new key, which is shown this once, and what is held of it."""

    key: str
    held: HeldKey

    def __repr__(self) -> str:
        return f"IssuedKey({self.held.prefix}…)"


def issue_key(acting: Acting, *, person_id: int, name: str, scopes: Collection[Scope], expires_at: int) -> IssuedKey:
    """Issue a key. Raises `NotFound`, `NotPermitted`, and `InvalidContent` for what no key may be."""
    what = f"person {person_id}"
    person = find_person(acting.connection, person_id)
    if person is None:
        raise NotFound(f"there is no {what}")
    require(acting, Act.ISSUE_KEY, party=person.party, person_id=person_id, hidden=what)
    require_lines(name=name)
    _require_sensible(acting, person, scopes, expires_at)
    return keep_new_key(acting, person, name=name, scopes=scopes, expires_at=expires_at)


def keep_new_key(acting: Acting, person: Person, *, name: str, scopes: Collection[Scope], expires_at: int) -> IssuedKey:
    """Make a key and keep its digest."""
    key_id = next_key_id(acting.connection)
    made = make_key(key_id)
    held = HeldKey(
        key_id=key_id, person_id=person.person_id, name=name, prefix=made.prefix, digest=made.digest,
        scopes=frozenset(scopes), issued_at=acting.now_at, expires_at=expires_at, last_used_at=None, revoked_at=None,
    )  # fmt: skip
    add_key(acting.connection, held)
    details = {"person_id": person.person_id, "scopes": sorted(scopes), "expires_at": expires_at}
    acting.note(Done.KEY_ISSUED, SubjectKind.KEY, key_id, details=details)
    return IssuedKey(made.key, held)


def revoke_key(acting: Acting, key_id: int) -> HeldKey:
    """Revoke a key: from this commit on it opens nothing. Revoking it again changes nothing.

    Raises `NotFound` where there is none, or it is none of the caller's business.
    """
    what = f"key {key_id}"
    held = find_key(acting.connection, key_id)
    person = held and find_person(acting.connection, held.person_id)
    if held is None or person is None:
        raise NotFound(f"there is no {what}")
    require(acting, Act.REVOKE_KEY, party=person.party, person_id=person.person_id, hidden=what)
    if held.revoked_at is not None:
        return held
    store_revocation(acting.connection, key_id, acting.now_at)
    acting.note(Done.KEY_REVOKED, SubjectKind.KEY, key_id, details={"person_id": person.person_id})
    return held._replace(revoked_at=acting.now_at)


def key_on_the_wire(held: HeldKey) -> dict[str, Any]:
    """What is held of a key, in plain values under the names of the wire."""
    instants = {name: getattr(held, name) for name in ("issued_at", "expires_at", "last_used_at", "revoked_at")}
    return {
        "id": held.key_id,
        "name": held.name,
        "prefix": held.prefix,
        "scopes": sorted(held.scopes),
        **{name: None if at is None else iso(at) for name, at in instants.items()},
    }


def _require_sensible(acting: Acting, person: Person, scopes: Collection[Scope], expires_at: int) -> None:
    problems: list[tuple[str, str]] = []
    if useless := sorted(set(scopes) - usable_scopes(person.role)):
        problems.append(("/scopes", f"{', '.join(useless)}: of no use to a person who is {person.role}"))
    if not scopes:
        problems.append(("/scopes", "a key that is good for nothing is of no use"))
    if not acting.now_at < expires_at <= acting.now_at + LONGEST_S:
        problems.append(("/expires_at", "must lie ahead, and no more than a year"))
    if problems:
        raise InvalidContent(problems)
    is_setting_up = TABLE[Act.ISSUE_KEY].reach(acting.caller.person.role) is Reach.VACANT
    if not is_setting_up and not set(scopes) <= acting.caller.scopes:  # a stolen key must not make a better one
        raise NotPermitted(Act.ISSUE_KEY, Grounds.SCOPE_MISSING)
