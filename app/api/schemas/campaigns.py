"""Campaigns, their rounds, and what applying one would change, on the wire."""

from datetime import date, datetime
from typing import Annotated

from pydantic import Field

from app.api.schemas.base import Answer, Filters
from measurements.agreements.reasons import Reason
from measurements.campaigns.campaign import Campaign as Document
from measurements.campaigns.campaign_plan import Action, DriftKind
from measurements.campaigns.standing import Missing, RoundState, State
from measurements.campaigns.summary import Change
from measurements.results.outcome import Label

CampaignName = Annotated[
    str, Field(max_length=60, pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*$", examples=["k-root-tj"])
]  # fmt: skip


class Campaign(Answer):
    """A question to the Internet that is asked again and again, and how it stands."""

    name: str
    title: str
    label: Label
    """Of what it brings: `measured` on RIPE Atlas, or `rehearsed`."""
    state: State
    version: int
    """The one that holds: another document is another version."""
    digest: str
    """SHA-256 of the canonical form of its document."""
    agreement_id: int
    """Whose card has to allow what it asks for."""
    activity_id: int | None
    starts_at: datetime
    ends_at: datetime
    next_round_at: datetime | None
    """Null where none is due."""
    n_cells: int
    """Measurements in its matrix."""
    budget_credits: int
    credits_committed: int
    """Spent, or set aside for what is under way."""
    etag: str


class CampaignPage(Answer):
    """Campaigns in order of their names."""

    campaigns: list[Campaign]
    next_cursor: str | None
    """Pass it as `cursor` for the next page; null on the last."""


class Version(Answer):
    """What it asked for from an instant on."""

    version: int
    digest: str
    agreement_id: int
    applied_by: int | None
    """A person; null for the command line."""
    applied_at: datetime


class CampaignMeasured(Answer):
    """One measurement of the matrix."""

    target: str | None
    """Null for DNS queries to the probes' own resolvers."""
    type: str
    address_family: int
    parameters: dict[str, bool | int | str]
    interval_s: int | None
    """Null for a one-off."""
    cell: str
    """Names it for good: of target, type, family and parameters."""
    atlas_id: int | None


class RoundCell(CampaignMeasured):
    """One measurement of a round, and what it brought."""

    dispatch_id: int
    is_capped: bool
    """Whether the memorandum's end has shortened it."""
    n_expected: int
    n_received: int
    credits: int
    """What the results received cost."""
    missing: Missing | None
    """Why results are missing; null where none is."""
    explanation: str | None
    """The same in plain words."""


class Round(Answer):
    """One round: expected, received, missing. Of one that is open still, as it stands now."""

    round_id: int
    version: int
    round_at: datetime
    until_at: datetime
    deadline_at: datetime
    """When it is closed."""
    is_extra: bool
    """Whether somebody asked for it, beside the schedule."""
    state: RoundState
    reason: str | None
    """Why it was missed."""
    n_expected: int
    n_received: int
    completeness: float | None
    cells: list[RoundCell]


class CampaignStatus(Campaign):
    """A campaign with its document, versions and last rounds."""

    document: Document
    versions: list[Version]
    rounds: list[Round]
    """The last ones, the newest first."""


class Step(CampaignMeasured):
    """What becomes of a measurement."""

    action: Action
    credits_per_round: int
    """At most."""
    reason: Reason | None
    """Why it is blocked, or stopped."""
    explanation: str | None


class Drifted(Answer):
    """A difference between what runs at RIPE Atlas and what is known here."""

    kind: DriftKind
    atlas_id: int
    tag: str


class Plan(Answer):
    """What applying a document would change."""

    steps: list[Step]
    next_round_at: datetime | None
    n_rounds: int
    """From now on; no more than 10,000 are counted."""
    credits_per_round: int
    credits_total: int
    """At most, from now on."""
    credits_committed: int
    budget_credits: int
    is_within_budget: bool
    drift: list[Drifted] | None
    """Null where RIPE Atlas was not asked."""


class AskedRound(Answer):
    """A round that is about to be measured."""

    name: str
    round_at: datetime
    until_at: datetime
    n_permitted: int
    n_refused: int
    """By the gate; the campaign's last round says why."""


class NightFilters(Filters):
    """Which night."""

    on: date | None = None
    """The calendar day in Dushanbe on which its rounds were due; today, unless given."""


class NightCell(Answer):
    """One measurement of the matrix, and what it brought in all rounds of a night."""

    target: str | None
    type: str
    address_family: int
    parameters: dict[str, bool | int | str]
    interval_s: int | None
    cell: str
    n_expected: int
    n_received: int
    completeness: float | None
    credits: int
    missing: Missing | None
    """Why results are missing; null where none is."""
    explanation: str | None
    change: Change | None
    """What is otherwise than the night before."""


class NightSummary(Answer):
    """What became of a night."""

    on: date
    """In Dushanbe."""
    name: str
    title: str
    state: State
    version: int
    n_rounds: int
    n_open: int
    """Of which more may come."""
    missed: list[str]
    """Why rounds were missed, one by one."""
    n_cells: int
    n_ran: int
    """Measurements that brought something."""
    n_expected: int
    n_received: int
    completeness: float | None
    completeness_before: float | None
    """The night before."""
    credits: int
    credits_before: int
    cells: list[NightCell]
