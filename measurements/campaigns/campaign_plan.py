"""What applying a campaign would change, and what differs from what RIPE Atlas says. Nothing is done; pure.

In the manner of careful tools for infrastructure: what would be created, what goes on, what would be stopped, what
would be refused and why, what it costs, and what drifted.
"""

from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum
from itertools import islice
from typing import NamedTuple

from measurements.agreements.card import Allowed, Selected
from measurements.agreements.reasons import Reason
from measurements.campaigns.campaign import Campaign
from measurements.campaigns.nights import cost_of_cell
from measurements.campaigns.schedule import Tick

MOST_ROUNDS = 10_000
"""More rounds of a campaign are not counted out one by one."""


class Action(StrEnum):
    """What becomes of a cell."""

    CREATE = "create"
    """It is measured from the next round on."""
    KEEP = "keep"
    """It is measured now, and goes on."""
    STOP = "stop"
    """It is measured now, and would be stopped."""
    BLOCKED = "blocked"
    """The gate would refuse it as things stand."""


class Step(NamedTuple):
    """One line of a plan."""

    action: Action
    cell: str
    allowed: Allowed
    atlas_id: int | None
    """Of what runs now; None where nothing does."""
    reason: Reason | None
    """Why it is blocked, or is stopped."""
    credits_per_round: int


class Running(NamedTuple):
    """Something of a campaign that runs, as far as we know."""

    cell: str
    atlas_id: int | None
    allowed: Allowed
    selections: tuple[Selected, ...]
    agreement_id: int
    tag: str


class DriftKind(StrEnum):
    """How what runs differs from what we know."""

    ORPHAN = "orphan"
    """It runs at RIPE Atlas with a tag of ours, and nobody here knows of it."""
    GHOST = "ghost"
    """We take it to be running, and RIPE Atlas says that it does not."""


class Drift(NamedTuple):
    """A difference."""

    kind: DriftKind
    atlas_id: int
    tag: str


class CampaignPlan(NamedTuple):
    """What would change."""

    steps: tuple[Step, ...]
    next_round: Tick | None
    n_rounds: int
    """That are due from now on until it ends."""
    credits_per_round: int
    credits_total: int
    """At most, from now on."""
    credits_committed: int
    """What was spent, and may still be by what runs."""
    budget_credits: int
    drift: tuple[Drift, ...] | None
    """None where RIPE Atlas was not asked, or did not answer."""

    @property
    def is_within_budget(self) -> bool:
        """Whether all of it can be paid for."""
        return self.credits_committed + self.credits_total <= self.budget_credits


def plan_steps(
    document: Campaign, running: Iterable[Running], refusals: Mapping[str, Reason], tick: Tick | None
) -> tuple[Step, ...]:
    """A line for every cell that is asked for, and for every one that runs. `refusals`: cell -> the gate's reason."""
    live = {one.cell: one for one in running}
    steps = []
    for cell in document.cells:
        price = 0 if tick is None else cost_of_cell(document, cell, tick)
        held = live.get(cell.key)
        is_kept = held is not None and _is_alike(document, cell.allowed, held)
        if held is not None and not is_kept:
            steps.append(Step(Action.STOP, cell.key, held.allowed, held.atlas_id, Reason.CAMPAIGN_CHANGED, 0))
        reason = refusals.get(cell.key)
        if is_kept and held is not None:
            steps.append(Step(Action.KEEP, cell.key, cell.allowed, held.atlas_id, None, price))
        elif reason is not None:
            steps.append(Step(Action.BLOCKED, cell.key, cell.allowed, None, reason, price))
        else:
            steps.append(Step(Action.CREATE, cell.key, cell.allowed, None, None, price))
    wanted = {cell.key for cell in document.cells}
    gone = (one for key, one in live.items() if key not in wanted)
    steps += [Step(Action.STOP, one.cell, one.allowed, one.atlas_id, Reason.CAMPAIGN_CHANGED, 0) for one in gone]
    return tuple(steps)


def rounds_left(document: Campaign, tick: Tick | None) -> int:
    """Rounds that are due from one on, until the campaign ends."""
    return 0 if tick is None else sum(1 for _ in islice(document.rounds_after(tick.round_at - 1), MOST_ROUNDS))


def drifts(known: Iterable[Running], found: Mapping[int, str], tags_known: Collection[str]) -> tuple[Drift, ...]:
    """What differs. `found`: number -> tag, of what runs at RIPE Atlas; `tags_known`: of everything we have sent."""
    orphans = (Drift(DriftKind.ORPHAN, one, tag) for one, tag in sorted(found.items()) if tag not in tags_known)
    ghosts = (
        Drift(DriftKind.GHOST, one.atlas_id, one.tag)
        for one in known
        if one.atlas_id is not None and one.atlas_id not in found
    )
    return (*orphans, *ghosts)


def _is_alike(document: Campaign, allowed: Allowed, running: Running) -> bool:
    return (allowed, document.selections, document.agreement_id) == (
        running.allowed,
        running.selections,
        running.agreement_id,
    )
