"""Say something of a target, and have confirmed by somebody else what protects its owner less.

An owner that is a party loosens it itself. For any other owner whoever keeps the records proposes it, and somebody who
speaks for another party confirms exactly that; as long as nobody has, what was said before holds. What was proposed
before somebody said anything else of the target, an opt-out above all, is not confirmed any more.
"""

from collections.abc import Iterable
from typing import Any

from app.operations.acting import Acting, require
from app.operations.agree import speaking
from app.operations.catalogue_entries import basis_of, catalogue_entry, changes
from app.store import catalogue, loosenings
from measurements.agreements.audit import Act as Done
from measurements.agreements.audit import SubjectKind
from measurements.agreements.catalogue import CatalogueEntry
from measurements.agreements.people import Act
from measurements.agreements.protection import Loosening, loosened, owner_of
from measurements.errors import NotFound, NotPossible


def say(acting: Acting, before: CatalogueEntry, after: CatalogueEntry, why: str | None = None) -> CatalogueEntry:
    """Note what is said of a target, and propose what takes another's word; gives the entry as it is held then."""
    fields = () if _is_own(acting, before) else loosened(before, after)
    held = after._replace(**{name: getattr(before, name) for name in fields})
    if held != before or not fields:
        catalogue.put_entry(acting.connection, held, acting.now_at)
        _note(acting, Done.TARGET_CHANGED, before, held, why)
    if fields:
        wanted = held._replace(**{name: getattr(after, name) for name in fields})
        who, party = acting.person_id, acting.caller.person.party
        number = loosenings.propose(
            acting.connection, held, wanted, basis=basis_of(held), at=acting.now_at, by=who, party=party
        )
        _note(acting, Done.TARGET_CHANGE_PROPOSED, held, wanted, why, number=number)
    return held


def find_waiting(acting: Acting, entries: Iterable[CatalogueEntry]) -> dict[str, Loosening]:
    """What waits to be confirmed of targets, by their names: not what waits in vain, since something else was said."""
    waiting = loosenings.find_waiting(acting.connection)
    held = ((entry, waiting.get(entry.name)) for entry in entries)
    return {entry.name: one for entry, one in held if one is not None and one.basis == basis_of(entry)}


def confirm_loosening(acting: Acting, name: str, number: int) -> CatalogueEntry:
    """Confirm for a party what another has proposed to say of a target; from now on it is said.

    Raises `NotFound` where nothing of that number waits, `NotPermitted`, and `NotPossible` where one's own party
    proposed it.
    """
    party, designation_id = speaking(acting, Act.CONFIRM_TARGET)
    entry = catalogue.find_entry(acting.connection, name)
    waiting = None if entry is None else find_waiting(acting, [entry]).get(name)
    if waiting is None or entry is None or waiting.number != number:
        raise NotFound(f"Nothing of the number {number} waits to be said of {name!r:.80}: ask again what does.")
    if (owner := owner_of(waiting)) is not None:
        require(acting, Act.CONFIRM_TARGET, party=owner)
    if party is waiting.party:
        raise NotPossible("own_proposal", "your party proposed it: somebody who speaks for another one confirms it")
    said = entry._replace(**{field: getattr(waiting.after, field) for field in waiting.fields})
    loosenings.confirm(acting.connection, number, acting.now_at, designation_id)
    catalogue.put_entry(acting.connection, said, acting.now_at)
    _note(acting, Done.TARGET_CHANGED, entry, said, "confirmed", number=number, proposed_by=waiting.proposed_by)
    return said


def _is_own(acting: Acting, entry: CatalogueEntry) -> bool:
    """Whether who acts speaks for the party that owns the target."""
    person = acting.caller.person
    return (
        entry.owner_party is not None and person.party is entry.owner_party and acting.caller.designation_id is not None
    )


def _note(
    acting: Acting, done: Done, before: CatalogueEntry, after: CatalogueEntry, why: str | None, **more: Any
) -> None:
    details = catalogue_entry(after, acting.now_at) | {"changes": changes(before, after)} | more
    acting.note(done, SubjectKind.TARGET, before.name, reason=why, details=details)
