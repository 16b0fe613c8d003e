"""Probes on the wire: which are known, which would be chosen and why, and which are not to be."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from app.api.schemas.base import Answer, Content, CountryCode, Cursor, Filters, Limit, Line, Number, Text
from app.api.schemas.results import Family
from measurements.campaigns.choice import MOST_PACKETS_PER_DAY, Why
from measurements.results.outcome import Label

Many = Annotated[int, Field(ge=1, le=1000)]
Packets = Annotated[int, Field(ge=0, le=2**53)]
ProbeNumber = Annotated[int, Field(ge=1, le=2**53)]


class LabelFilter(Filters):
    """Of which label."""

    label: Label | None = Field(default=None, examples=[Label.LABORATORY.value])
    """Of the Atlas that is measured with, unless given."""


class ProbeFilters(LabelFilter):
    """Which probes, and which page of them."""

    country_code: CountryCode | None = Field(default=None, examples=["TJ"])
    limit: Limit = 100
    """At most so many entries."""
    cursor: Cursor | None = None
    """`next_cursor` of the page before, with the same filters."""


class ChoiceFilters(LabelFilter):
    """Which probes are wanted, and how many."""

    country_code: Annotated[list[CountryCode], Field(max_length=100)] = Field(default=[], examples=[["TJ"]])
    asn: Annotated[list[Number], Field(max_length=100)] = Field(default=[], examples=[[]])
    """Of the operators of these networks."""
    address_family: int = Field(default=4, json_schema_extra={"enum": [4, 6]}, examples=[6])
    n_probes: Many | None = Field(default=None, examples=[20])
    """All that can be used, unless given."""
    per_network: Many | None = None
    """At most so many of one operator."""
    is_anchor: bool | None = None
    packets_per_day: Packets = 0
    """What would be asked of each."""
    most_packets_per_day: Packets = MOST_PACKETS_PER_DAY
    """What all of ours together may ask of one."""
    purpose: Text | None = None
    """What they are for: those that were chosen for it before stay as far as they can."""


class Probe(Answer):
    """A probe as the platform last described it. What it does not say is null."""

    probe_id: int
    label: Label
    country_code: str | None
    asn_v4: int | None
    asn_v6: int | None
    is_anchor: bool
    status: str | None
    status_since_at: datetime | None
    last_connected_at: datetime | None
    tags: list[str]
    is_excluded: bool
    reason: str | None
    """Why it is excluded."""
    observed_at: datetime
    """When the platform said so."""


class ProbePage(Answer):
    """Known probes in order of their numbers."""

    probes: list[Probe]
    next_cursor: str | None
    """Pass it as `cursor` for the next page; null on the last."""


class Judged(Answer):
    """A probe that is chosen or left out, and why."""

    probe_id: int
    asn: int | None
    """Its network of the address family."""
    organisation: str | None
    """The operator of that."""
    country_code: str | None
    is_anchor: bool
    status: str | None
    observed_at: datetime
    """When the platform said so."""
    reason: Why
    explanation: str
    """In plain words."""
    detail: str | None
    """Why it was excluded, in somebody's words."""


class Choice(Answer):
    """What would be chosen now."""

    label: Label
    address_family: Family
    n_probes: int
    n_networks: int
    """Of how many operators."""
    churn: float
    """How much is another than before, 0 to 1."""
    added: list[int]
    removed: list[int]
    chosen: list[Judged]
    left_out: list[Judged]
    """Those that are where probes are wanted, or were chosen before."""


class NewExclusion(Content):
    """Why a probe is not to be chosen."""

    reason: Line = Field(examples=["answers for 192.0.2.0/24, which nobody announces"])


class Exclusion(Answer):
    """The last word on whether a probe may be chosen."""

    probe_id: int
    label: Label
    is_excluded: bool
    reason: str | None
    said_at: datetime
    said_by: int | None
    """The number of a person; null on the command line."""


class Exclusions(Answer):
    """The probes that are not to be chosen, by their numbers."""

    exclusions: list[Exclusion]
