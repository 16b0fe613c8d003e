"""The measurement card: everything that an agreement fixes, in one form with one digest (Art. II, last paragraph; IV).

What the parties vote on is the digest of the card's canonical form, so that no two of them can have read different
things. A card is a plain document: it can be written by hand, sent by mail, and hashed with common tools.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import MISSING
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationError,
    model_validator,
)
from pydantic_core import PydanticCustomError

from measurements.agreements.not_agreed_on import NOT_AGREED_ON, PROBE_MACRO, TELLS_PROBE
from measurements.agreements.parties import Party
from measurements.agreements.places import is_told_inside, pointer_of_error
from measurements.canonical import canonical, digest_of
from measurements.definitions.base import Definition
from measurements.definitions.dns import Dns
from measurements.definitions.ping import Ping
from measurements.definitions.traceroute import Traceroute
from measurements.errors import InvalidCard, InvalidDefinition
from measurements.selections import ALL_PROBES, ProbeSelection, SelectedBy
from measurements.units import LATEST_ASKED, iso, seconds

LONGEST_TEXT = 4_000
MOST_ENTRIES = 100
FORM = "rasad-measurement-card-1"
"""Names the canonical form, inside of what is hashed: another form is another digest."""
DEFINITIONS: Mapping[str, type[Definition]] = {one.type: one for one in (Ping, Traceroute, Dns)}


class Clause(StrEnum):
    """The area of cooperation that a measurement serves: the items of Art. II."""

    IPV6 = "II.1"
    RPKI = "II.2"
    RESILIENCE = "II.3"
    TRAINING = "II.4"
    INSIGHT = "II.5"
    POLICY = "II.6"
    NATIONAL_INFRASTRUCTURE = "II.9"


class CardDataClass(StrEnum):
    """The data classes that can be agreed on. What is forbidden cannot be."""

    PUBLIC = "public"
    RIPE_NCC_MANAGED = "ripe_ncc_managed"
    AGREED_COLLECTION = "agreed_collection"
    PARTY_PROVIDED = "party_provided"


_HARMFUL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""What harms a terminal, and what PostgreSQL does not hold; lines and tabs are fine."""


def _tidy(text: str) -> str:
    if _HARMFUL.search(text):
        raise ValueError("has control characters in it")
    return unicodedata.normalize("NFC", text).strip()


def _whole_second(moment: datetime) -> datetime:
    if not 0 <= seconds(moment) <= LATEST_ASKED:
        raise ValueError("is further away than calendars go here")
    if moment.microsecond:
        raise ValueError("goes by whole seconds")
    return moment.astimezone(UTC)


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


def _no_binary_fraction(number: object) -> object:
    if isinstance(number, float):
        return str(number)  # as it was written: 0.1, not the nearest binary fraction
    return number


Text = Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT), AfterValidator(_tidy), Field(min_length=1)]
Moment = Annotated[
    AwareDatetime, AfterValidator(_whole_second), PlainSerializer(lambda moment: iso(seconds(moment)), return_type=str)
]
Count = Annotated[int, Field(ge=1, strict=True)]
Days = Annotated[int, Field(ge=0, le=36_500, strict=True)]
Rate = Annotated[
    Decimal,
    BeforeValidator(_no_binary_fraction),
    Field(gt=0, le=1_000, max_digits=7, decimal_places=3),
    PlainSerializer(_plain, return_type=str),
]


class Part(BaseModel):
    """What all parts of a card have in common: they never change, and hold nothing that nobody knows."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Allowed(Part):
    """One kind of measurement toward one target."""

    target: Text | None
    """Name of the target in the catalogue; null for DNS queries to the probes' own resolvers."""
    type: Literal["ping", "traceroute", "dns"]
    address_family: Literal[4, 6]
    parameters: dict[str, bool | int | str] = {}
    """What differs from the defaults of its type, under the names of the definitions."""
    interval_s: Annotated[int, Field(ge=60, strict=True)] | None
    """Seconds between rounds, at least; null for one-offs."""

    def definition(self, description: str = "agreed") -> Definition:
        """What is dispatched for it. Raises `InvalidDefinition` naming the field that makes no sense."""
        fields: dict[str, Any] = {
            **self.parameters,
            "target": self.target,
            "address_family": self.address_family,
            "description": description,
        }
        if self.interval_s is not None:
            fields["interval_s"] = self.interval_s
        kind = DEFINITIONS[self.type]
        for name in self.parameters:
            if name in FIXED or name not in kind.__dataclass_fields__:
                raise InvalidDefinition(name, f"{name!r:.80} is no parameter of a {self.type}")
            if name in NOT_AGREED_ON and self.parameters[name]:
                raise InvalidDefinition(name, NOT_AGREED_ON[name])
        if self.parameters.get("use_macros") and PROBE_MACRO in str(self.parameters.get("query_argument")):
            why = f"{PROBE_MACRO} {TELLS_PROBE}; $r and $t make names unlike as well"
            raise InvalidDefinition("query_argument", why)
        for name, field in kind.__dataclass_fields__.items():
            if field.default is MISSING and name not in fields:
                raise InvalidDefinition(name, f"is missing; a {self.type} needs it")
        return kind(**fields)

    @model_validator(mode="after")
    def _makes_sense(self) -> "Allowed":
        try:
            self.definition()
        except InvalidDefinition as error:
            place = (error.field,) if error.field in Allowed.model_fields else ("parameters", error.field)
            raise _told(error, *place) from None
        return self


def _told(why: object, *place: str) -> PydanticCustomError:
    """What makes no sense, with the place inside of the part where it stands."""
    return PydanticCustomError("senseless", "{why}", {"why": str(why), "place": place})


FIXED = frozenset({"target", "address_family", "description", "interval_s", "is_public", "tags"})
"""Members of a definition that the card has elsewhere, or that a dispatch adds."""


class Selected(Part):
    """Probes by what they have in common."""

    by: SelectedBy
    value: Text
    requested: Annotated[int, Field(ge=1, strict=True)] | Literal["all"]
    include_tags: tuple[str, ...] = ()
    exclude_tags: tuple[str, ...] = ()

    @property
    def selection(self) -> ProbeSelection:
        """The same as it is dispatched."""
        return ProbeSelection(
            by=self.by,
            value=self.value,
            requested=ALL_PROBES if self.requested == "all" else self.requested,
            include_tags=self.include_tags,
            exclude_tags=self.exclude_tags,
        )

    @model_validator(mode="after")
    def _makes_sense(self) -> "Selected":
        try:
            self.selection  # noqa: B018 - made to be checked
        except InvalidDefinition as error:
            raise _told(error, error.field) from None
        return self


class Retention(Part):
    """How long what is collected is kept. What is derived from it, and names no probe, stays."""

    raw_days: Days
    """Results as they were retrieved."""
    probe_level_days: Days
    """Values of single probes."""


class Publication(Part):
    """What must hold before a figure is published."""

    embargo_days: Days
    """Days in which the party or operator that was measured may comment."""
    min_probes: Count = 5
    min_networks: Count = 3


class Card(Part):
    """A measurement card."""

    title: Text
    purpose: Text
    clause: Clause
    """The item of Art. II that it serves."""
    national_priority: Text
    """The national priority that it serves (Art. III)."""
    activity_id: int | None = None
    """The activity of the Joint Activity Plan that it belongs to, where there is one."""
    measurements: Annotated[tuple[Allowed, ...], Field(min_length=1, max_length=MOST_ENTRIES)]
    selections: Annotated[tuple[Selected, ...], Field(min_length=1, max_length=MOST_ENTRIES)]
    max_probes: Annotated[Count, Field(le=1_000)]
    starts_at: Moment
    ends_at: Moment
    """Exclusive: nothing is measured from then on."""
    max_credits: Count
    """Over the whole time."""
    max_packets_per_s: Rate
    """Toward each target, from all probes together."""
    is_public: bool
    """Whether everybody may see the measurements on RIPE Atlas, which nobody can take back. Approved on its own."""
    data_class: CardDataClass = CardDataClass.AGREED_COLLECTION
    retention: Retention
    probe_level_readers: tuple[Party, ...]
    """The parties whose people may see values of single probes."""
    publication: Publication
    conflicts_of_interest: tuple[Text, ...]
    """Parties that are also measured, and what else a reader should know."""
    contacts: Annotated[tuple[Text, ...], Field(min_length=1, max_length=MOST_ENTRIES)]
    """Where a request to stop is heard."""
    may_be_narrowed: bool = False
    """Whether a party may have less measured without another vote."""

    @model_validator(mode="after")
    def _makes_sense(self) -> "Card":
        if self.ends_at <= self.starts_at:
            raise _told("ends_at: is not after starts_at", "ends_at")
        if self.retention.probe_level_days < self.retention.raw_days:
            why = "retention: raw results tell of single probes, so they cannot be kept for longer"
            raise _told(why, "retention", "raw_days")
        for one in self.measurements:
            if self.measurements.count(one) > 1:
                raise _told("measurements: the same is listed twice", "measurements")
        return self

    @property
    def from_at(self) -> int:
        """`starts_at` in seconds since the epoch, UTC."""
        return seconds(self.starts_at)

    @property
    def until_at(self) -> int:
        """`ends_at` likewise; exclusive."""
        return seconds(self.ends_at)


def read_card(document: object) -> Card:
    """A card from a JSON object. Raises `InvalidCard` with the places that make no sense, and why."""
    try:
        return Card.model_validate(document)
    except ValidationError as error:
        problems = [
            (pointer_of_error(one, one["loc"], document), one["msg"].removeprefix("Value error, "))
            for one in error.errors(include_url=False, include_input=False)
        ]
        raise InvalidCard([one for one in problems if not is_told_inside(one[0], problems)]) from None


def canonical_form(card: Card) -> bytes:
    """The card as the bytes that are hashed."""
    return canonical(_document(card))


def digest(card: Card) -> str:
    """SHA-256 of the canonical form, in hexadecimal digits: what a vote is on."""
    return digest_of(_document(card))


def _document(card: Card) -> dict[str, Any]:
    return {"form": FORM, "card": card.model_dump(mode="json")}
