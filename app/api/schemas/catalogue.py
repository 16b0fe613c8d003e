"""The catalogue of targets on the wire: whom a measurement would reach, and what its owner allows."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from app.api.schemas.base import Answer, Content, Line, Moment
from measurements.agreements.card import Rate
from measurements.agreements.catalogue import Publicness
from measurements.agreements.parties import Party

Type = Literal["ping", "traceroute", "dns"]
TargetName = Annotated[str, Field(max_length=255, pattern=r"^[a-z0-9][a-z0-9._:-]*$", examples=["k-root"])]
"""In small letters: a name of ours, a host name, an address as RFC 5952 has it."""
Addresses = Annotated[list[Annotated[str, Field(max_length=45)]], Field(max_length=100)]


class NewConsent(Content):
    """An owner's own word that its target may be measured."""

    reference: Line = Field(examples=["mail of 1 December 2026"])
    """The letter or mail."""
    from_at: Moment | None = None
    """Now, unless given."""
    until_at: Moment | None = None
    """Exclusive; null where it has no end."""


class TargetContent(Content):
    """What is to be said of a target, all of it. Whether its owner opted out stays as it is.

    What protects its owner less than before is not said yet: it waits to be confirmed.
    """

    publicness: Publicness = Field(default=Publicness.BY_CONSENT, examples=[Publicness.FOR_ANYONE.value])
    """Whether it is there to be asked by anyone."""
    owner: Line = Field(examples=["RIPE NCC"])
    owner_party: Party | None = Field(default=None, examples=[Party.RIPE_NCC.value])
    """Where a party owns it: its vote is its consent, and only that party says what is said of it."""
    contact: Line = Field(examples=["noc@example.net"])
    """How its owner is reached."""
    consent: NewConsent | None = None
    allowed_types: list[Type] = Field(min_length=1, max_length=3, examples=[["ping", "dns"]])
    max_packets_per_s: Rate = Field(examples=["1"])
    """From everything that is measured toward it together; a decimal number."""
    is_tajik: bool = False
    """Whether it is a Tajik institution's, wherever it stands."""
    pinned_addresses: Addresses = Field(default=[], examples=[["193.0.14.129"]])
    """What its name resolved to when it was looked at."""
    review_at: Moment = Field(examples=["2027-06-30T00:00:00Z"])
    """From then on someone has to look at it again."""


class ConfirmedChange(Content):
    """What is confirmed, as it was read."""

    number: int = Field(ge=1, examples=[1])
    """Of what waits."""


class Consent(Answer):
    """An owner's own word."""

    reference: str
    from_at: datetime
    until_at: datetime | None


class FieldChange(Answer):
    """What is said otherwise."""

    field: str
    before: str | bool | list[str] | Consent | None
    """As it is still."""
    after: str | bool | list[str] | Consent | None


class Waiting(Answer):
    """What protects an owner less, and waits for somebody who speaks for another party to confirm it."""

    number: int
    proposed_at: datetime
    party: Party | None
    """For which it was proposed; null for whoever runs the service."""
    changes: list[FieldChange]


class CatalogueEntry(Answer):
    """A target that may be named on a card."""

    name: str
    publicness: Publicness
    owner: str
    owner_party: Party | None
    contact: str
    consent: Consent | None
    """Null where its owner was not asked, or need not be."""
    allowed_types: list[Type]
    max_packets_per_s: str
    """A decimal number."""
    is_tajik: bool
    pinned_addresses: list[str]
    drifted_at: datetime | None
    """Since when its name resolves to something else; null while it does not."""
    review_at: datetime
    opted_out_at: datetime | None
    """When its owner said that it does not want to be measured; null where it did not."""
    opted_in_at: datetime | None
    """When it consented again after that: its consent holds over the opt-out while it lasts."""
    notified_at: datetime | None
    """When the owner of a public service was told that it is measured."""
    looked_at: datetime | None
    """When somebody last looked where its name leads."""
    seen_addresses: list[str] | None
    """Where it led then; null where nobody has looked, or no answer came."""
    is_review_due: bool
    waiting: Waiting | None
    """Null where nothing does."""
    etag: str
    """For `If-Match`, to change it as it was read."""


class Catalogue(Answer):
    """All targets that may be named on a card, by name."""

    catalogue: list[CatalogueEntry]
