"""The catalogue of targets: whom a measurement would reach, and what its owner allows.

The memorandum binds the three parties only. Whoever else owns a target is asked, and may opt out. A network is in it as
well, under a name such as `as24722`: for the probes in it, whose operator is asked like a target's owner.
"""

import re
from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from measurements.agreements.addresses import has_name_to_resolve
from measurements.agreements.parties import Party
from measurements.targets import find_target

_NETWORK = re.compile(r"as([1-9][0-9]{0,9})").fullmatch


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
    notified_at: int | None = None
    """When its owner was told that it is measured."""
    looked_at: int | None = None
    """When its name was last resolved; None where it never was."""
    seen_addresses: frozenset[str] | None = None
    """What it resolved to then."""
    opted_in_at: int | None = None
    """When its owner consented again after it opted out: its consent holds over that while it lasts."""

    def has_opted_out(self, at: int) -> bool:
        """Whether its owner does not want it to be measured at an instant."""
        if self.opted_out_at is None or at < self.opted_out_at:
            return False
        is_back = self.opted_in_at is not None and self.opted_in_at <= at
        return not (is_back and self.consent is not None and self.consent.holds_at(at))

    @property
    def asn(self) -> int | None:
        """Of which network it tells; None for a target."""
        found = _NETWORK(self.name)
        return None if found is None else int(found[1])

    @property
    def needs_consent(self) -> bool:
        """Whether its owner has to be asked."""
        return self.publicness is Publicness.BY_CONSENT and self.owner_party is None

    @property
    def needs_notice(self) -> bool:
        """Whether its owner has to be told."""
        return self.publicness is Publicness.PUBLIC_SERVICE and self.owner_party is None

    @property
    def addresses(self) -> frozenset[str]:
        """Where it is, as far as anybody knows: what is pinned, what was seen, and what its name says."""
        known = find_target(self.name)
        named = known.addresses if known else () if self.asn is not None or self.has_name else (self.name,)
        return self.pinned_addresses | (self.seen_addresses or frozenset()) | frozenset(named)

    @property
    def has_name(self) -> bool:
        """Whether it is reached by a name whose addresses have to be pinned."""
        return self.asn is None and has_name_to_resolve(self.name)


def beside(entry: CatalogueEntry, entries: Iterable[CatalogueEntry]) -> tuple[CatalogueEntry, ...]:
    """The other targets that are at an address of this one: what is measured of one of them reaches the other."""
    return tuple(
        one
        for one in entries
        if one.asn is None and one.name != entry.name and not one.addresses.isdisjoint(entry.addresses)
    )


class Said(NamedTuple):
    """What the catalogue said of a target from an instant on, until it said something else of it."""

    from_at: int
    entry: CatalogueEntry


def as_said(history: Iterable[Said], at: int) -> list[CatalogueEntry]:
    """The catalogue as it stood at an instant, given all that it said in the order in which it said it."""
    return list({one.entry.name: one.entry for one in history if one.from_at <= at}.values())
