"""A campaign: our question to the Internet. Targets, definitions and selections over a period, under an agreement.

A campaign is a plain document, in YAML or JSON, with a canonical form and a digest as a measurement card has; one that
says something else is another version. What it asks for has to be on the agreement's card: the gate says so of
each measurement, every time.
"""

import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import AfterValidator, Field, ValidationError, model_validator

from measurements.agreements.card import MOST_ENTRIES, Allowed, Count, Moment, Part, Selected, Text
from measurements.agreements.places import is_told_inside, pointer_to
from measurements.campaigns.schedule import Mode, Nightly, Schedule, Tick
from measurements.canonical import digest_of
from measurements.errors import InvalidContent
from measurements.units import DAY_S, HOUR_S, WEEK_S, seconds

FORM = "rasad-campaign-1"
"""Names the canonical form, inside of what is hashed."""
MOST_BLOCKS, MOST_CELLS = 20, 1_000
KEY_DIGITS = 16
_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*").fullmatch
Parameters = dict[str, bool | int | str]


def _is_name(text: str) -> str:
    if _NAME(text) is None:
        raise ValueError("is no name: small letters, digits, and single hyphens between them")
    return text


Name = Annotated[str, Field(min_length=1, max_length=60), AfterValidator(_is_name)]


class Cell(NamedTuple):
    """One measurement of a campaign's matrix."""

    key: str
    """Of target, type, family and parameters: the same in every version, so that its series go on."""
    allowed: Allowed


class Block(Part):
    """A part of the matrix: every target × every family × every variant."""

    targets: Annotated[tuple[Text | None, ...], Field(min_length=1, max_length=MOST_ENTRIES)]
    """Names of the catalogue; null for DNS queries to the probes' own resolvers."""
    type: Literal["ping", "traceroute", "dns"]
    families: Annotated[tuple[Literal[4, 6], ...], Field(min_length=1, max_length=2)]
    parameters: Parameters = Field(default_factory=dict)
    """What all of them have in common."""
    variants: Annotated[tuple[Parameters, ...], Field(min_length=1, max_length=MOST_ENTRIES)] = ({},)
    """What is varied; each is laid over `parameters`."""
    interval_s: Annotated[int, Field(ge=60, strict=True)] | None = None
    """Seconds between rounds of a periodic measurement; none of a one-off."""

    def allowed(self) -> Iterator[Allowed]:
        """Every measurement of it."""
        for target in self.targets:
            for family in self.families:
                for variant in self.variants:
                    yield Allowed(
                        target=target, type=self.type, address_family=family,
                        parameters=self.parameters | variant, interval_s=self.interval_s,
                    )  # fmt: skip

    @model_validator(mode="after")
    def _makes_sense(self) -> "Block":
        if len(self.targets) * len(self.families) * len(self.variants) > MOST_CELLS:
            raise ValueError(f"has more than {MOST_CELLS} measurements")
        tuple(self.allowed())  # each is checked as it is made
        return self


class BuiltIns(Part):
    """Measurements of RIPE NCC's own that answer a part of the question for nothing: read, never dispatched."""

    atlas_ids: Annotated[tuple[Annotated[int, Field(ge=1, lt=1_000_000, strict=True)], ...], Field(min_length=1)]
    country: Annotated[str, Field(pattern="^[A-Z]{2}$")] | None = None
    """Results of probes in this country."""
    probe_ids: tuple[Count, ...] = ()
    """Or of these."""


class Campaign(Part):
    """A campaign as it is declared."""

    name: Name
    title: Text
    agreement_id: Count
    activity_id: Count | None = None
    """The activity of the Joint Activity Plan that it belongs to, where there is one."""
    budget_credits: Count
    """Over the whole time, at most."""
    starts_at: Moment
    ends_at: Moment
    """Exclusive."""
    schedule: Schedule
    deadline_s: Annotated[int, Field(ge=0, le=WEEK_S, strict=True)] = 3 * HOUR_S
    """So long after its window a round is closed, and says what is missing."""
    selections: Annotated[tuple[Selected, ...], Field(min_length=1, max_length=MOST_ENTRIES)]
    matrix: Annotated[tuple[Block, ...], Field(min_length=1, max_length=MOST_BLOCKS)]
    built_ins: tuple[BuiltIns, ...] = ()

    @property
    def from_at(self) -> int:
        """`starts_at` in seconds since the epoch, UTC."""
        return seconds(self.starts_at)

    @property
    def until_at(self) -> int:
        """`ends_at` likewise; exclusive."""
        return seconds(self.ends_at)

    @property
    def cells(self) -> tuple[Cell, ...]:
        """Every measurement of the matrix, once, in the order of the document."""
        found = (Cell(cell_key(one), one) for block in self.matrix for one in block.allowed())
        return tuple({cell.key: cell for cell in found}.values())

    def first_due(self, now: int) -> Tick | None:
        """The first round whose window is not over yet: it may have begun."""
        return next((tick for tick in self.rounds_after(now - DAY_S - 1) if tick.until_at > now), None)

    def next_due(self, after_at: int) -> Tick | None:
        """The first round that is due after an instant; None where none is."""
        return next(self.rounds_after(after_at), None)

    def rounds_after(self, after_at: int) -> Iterator[Tick]:
        """All rounds that are due after an instant, in order: those that begin in its time, none of them longer."""
        for tick in self.schedule.ticks(max(after_at, self.from_at - 1)):
            if tick.round_at >= self.until_at:
                return
            yield tick._replace(until_at=min(tick.until_at, self.until_at))

    @model_validator(mode="after")
    def _makes_sense(self) -> "Campaign":
        if self.ends_at <= self.starts_at:
            raise ValueError("ends_at: is not after starts_at")
        listed = [cell_key(one) for block in self.matrix for one in block.allowed()]
        if len(listed) > MOST_CELLS:
            raise ValueError(f"matrix: {len(listed)} measurements; at most {MOST_CELLS}")
        if len(set(listed)) < len(listed):
            raise ValueError("matrix: the same measurement is in it twice")
        schedule = self.schedule
        if isinstance(schedule, Nightly) and (schedule.every_s is not None) != (schedule.mode is Mode.ROUNDS):
            raise ValueError("schedule: every_s is said of a night of one-offs, and of nothing else")
        is_periodic = self.schedule.mode is Mode.PERIODIC
        if any((block.interval_s is not None) != is_periodic for block in self.matrix):
            raise ValueError("matrix: interval_s is said of periodic measurements, and never of one-offs")
        return self


def cell_key(allowed: Allowed) -> str:
    """Names a cell for good; how often it is measured does not belong to it."""
    return digest_of(allowed.model_dump(mode="json", exclude={"interval_s"}))[:KEY_DIGITS]


def read_campaign(document: object) -> Campaign:
    """A campaign from what a document holds. Raises `InvalidContent` with the places that make no sense, and why."""
    try:
        return Campaign.model_validate(document)
    except ValidationError as error:
        told = error.errors(include_url=False, include_input=False, include_context=False)
        problems = [(pointer_to(one["loc"], document), one["msg"].removeprefix("Value error, ")) for one in told]
        raise InvalidContent([one for one in problems if not is_told_inside(one[0], problems)]) from None


def digest(campaign: Campaign) -> str:
    """SHA-256 of the canonical form, in hexadecimal digits: two documents that say the same have the same."""
    return digest_of(written_out(campaign))


def written_out(campaign: Campaign) -> dict[str, Any]:
    """All that is hashed."""
    return {"form": FORM, "campaign": campaign.model_dump(mode="json")}
