"""The catalogue of targets: whom a measurement would reach, and what its owner allows.

The memorandum binds the three parties only. Whoever else owns a target is asked, and may opt out.
"""

from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from measurements.agreements.parties import Party


class Publicness(StrEnum):
    """Whether a target is there to be asked by anyone."""

    FOR_ANYONE = "for_anyone"
    """Made to be asked by anyone: root and authoritative name servers, anchors."""
    PUBLIC_SERVICE = "public_service"
    """A public service: measured gently, with notice to its owner."""
    BY_CONSENT = "by_consent"
    """With its owner's own consent only."""


class Consent(NamedTuple):
    """An owner's own word that its target may be measured."""

    reference: str
    """The letter or mail."""
    from_at: int
    until_at: int | None

    def holds_at(self, at: int) -> bool:
        """Whether it holds at an instant."""
        return self.from_at <= at and (self.until_at is None or at < self.until_at)


class CatalogueEntry(NamedTuple):
    """A target that may be named on a card. Instants are seconds since the epoch, UTC."""

    name: str
    publicness: Publicness
    owner: str
    owner_party: Party | None
    """Where a party owns it; its vote is its consent."""
    contact: str
    consent: Consent | None
    allowed_types: frozenset[str]
    max_packets_per_s: Decimal
    """From everything that is measured toward it together."""
    is_tajik: bool
    """Whether it is a Tajik institution's, wherever it stands."""
    pinned_addresses: frozenset[str]
    """What its name resolved to when it was looked at; empty for one that is an address."""
    drifted_at: int | None
    """Since when its name resolves to something else, and nobody has said that this is right."""
    review_at: int
    """From then on someone has to look at the entry again."""
    opted_out_at: int | None

    @property
    def needs_consent(self) -> bool:
        """Whether its owner has to be asked."""
        return self.publicness is Publicness.BY_CONSENT and self.owner_party is None
