"""Nights: what a round that is due becomes. For every cell an intent, whose times lie inside the round's window.

Nothing is made to fit in silence: an intent that goes beyond the agreement is refused by the gate, which names the
reason. Only the memorandum's own end shortens what would run past it (domain sheet, 1.4), and the round says so.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from measurements.agreements.card import Allowed, Card
from measurements.agreements.intent import Intent
from measurements.campaigns.campaign import Campaign, Cell
from measurements.campaigns.schedule import Tick

LEAD_S = 900
"""So long before a round is due it is planned, so that everything is sent and has its probes when it begins."""
SOON_S = 60
"""What is late begins in a minute: RIPE Atlas takes nothing that begins at once."""
ONE_OFF_LASTS_S = 600
"""After so long a one-off is over at RIPE Atlas."""


class Late(StrEnum):
    """What has become of a round that is looked at some time after it was due."""

    NO = "no"
    REST = "rest"
    """Its window is open still: it is measured for the rest of it."""
    MISSED = "missed"
    """Its window is over."""


class Capped(NamedTuple):
    """An intent of a cell, and whether the memorandum's end has shortened it."""

    cell: Cell
    intent: Intent
    is_capped: bool


def plan_at(tick: Tick) -> int:
    """When a round is planned."""
    return tick.round_at - LEAD_S


def lateness(tick: Tick, now: int) -> Late:
    """Whether there is something of a round left to be measured."""
    if now + SOON_S >= tick.until_at:
        return Late.MISSED
    return Late.REST if now + SOON_S > tick.round_at else Late.NO


def intents(
    campaign: Campaign, tick: Tick, *, card: Card, digest: str, memorandum_until_at: int, now: int
) -> Iterator[Capped]:
    """An intent for every cell, citing the version of the card that holds."""
    start_at = max(tick.round_at, now + SOON_S)
    for cell in campaign.cells:
        until_at = _until(cell.allowed, start_at, tick)
        is_capped = start_at < memorandum_until_at < until_at
        yield Capped(
            cell,
            Intent(
                digest=digest,
                allowed=cell.allowed,
                selections=campaign.selections,
                start_at=start_at,
                stop_at=memorandum_until_at if is_capped else until_at,
                is_public=card.is_public,
            ),
            is_capped,
        )


def _until(allowed: Allowed, start_at: int, tick: Tick) -> int:
    return start_at + ONE_OFF_LASTS_S if allowed.interval_s is None else tick.until_at


def cost_of_cell(campaign: Campaign, cell: Cell, tick: Tick) -> int:
    """Credits for one cell of a round, at most."""
    until_at = _until(cell.allowed, tick.round_at, tick)
    return Intent("", cell.allowed, campaign.selections, tick.round_at, until_at, is_public=False).credits
