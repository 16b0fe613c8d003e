"""What protects a target's owner, and whether something said of the target protects it less.

Nobody loosens that alone. An owner that is a party loosens it itself, by whoever it has designated: its word is the
owner's word. For any other owner it takes two: whoever keeps the records says what the owner wrote, and somebody who
speaks for another party confirms it. To protect an owner more is anybody's at once who may keep the records.
"""

from collections.abc import Iterator
from typing import NamedTuple

from measurements.agreements.catalogue import CatalogueEntry, Consent, Publicness
from measurements.agreements.parties import Party

_PROTECTS = (Publicness.FOR_ANYONE, Publicness.PUBLIC_SERVICE, Publicness.BY_CONSENT)
"""Less, first."""


class Loosening(NamedTuple):
    """What is to be said of a target and protects its owner less: it waits for somebody else to confirm it."""

    number: int
    before: CatalogueEntry
    after: CatalogueEntry
    """The same with what is to be said."""
    basis: str
    """Digest of all that people said of it then: if they have said anything else since, it waits in vain."""
    proposed_at: int
    proposed_by: int | None
    """The number of a person; None for whoever has the machine."""
    party: Party | None
    """For which that person acted; None for whoever runs the service."""

    @property
    def fields(self) -> tuple[str, ...]:
        """What is to be said otherwise."""
        return loosened(self.before, self.after)


def loosened(before: CatalogueEntry, after: CatalogueEntry) -> tuple[str, ...]:
    """The fields in which an entry protects the owner less than it did, or says otherwise who the owner is."""
    return tuple(_loosened(before, after))


def owner_of(loosening: Loosening) -> Party | None:
    """The party that confirms it, since the target is its own; None where any other party does."""
    return loosening.before.owner_party


def _loosened(before: CatalogueEntry, after: CatalogueEntry) -> Iterator[str]:
    if _PROTECTS.index(after.publicness) < _PROTECTS.index(before.publicness):
        yield "publicness"
    if after.owner_party not in (None, before.owner_party):  # a party is not asked for its consent
        yield "owner_party"
    if _allows_more(before.consent, after.consent):
        yield "consent"
    if not after.allowed_types <= before.allowed_types:
        yield "allowed_types"
    if after.max_packets_per_s > before.max_packets_per_s:
        yield "max_packets_per_s"
    if before.is_tajik and not after.is_tajik:  # so that it would be looked for elsewhere
        yield "is_tajik"
    if after.opted_in_at not in (None, before.opted_in_at):
        yield "opted_in_at"


def _allows_more(before: Consent | None, after: Consent | None) -> bool:
    """Whether a consent is another one, or the same and longer."""
    if after is None or after == before:
        return False
    if before is None or after.reference != before.reference or after.from_at < before.from_at:
        return True
    return before.until_at is not None and (after.until_at is None or after.until_at > before.until_at)
