"""Accounts of credits on the wire."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from app.api.schemas.base import Answer, Content, Line, OurNumber
from measurements.agreements.parties import Party
from measurements.campaigns.treasury import EntryKind
from measurements.results.outcome import Label

MOST_CREDITS = 10**12


class NewAllotment(Content):
    """Credits of one's party for an agreement."""

    agreement_id: OurNumber
    credits: Annotated[int, Field(ge=-MOST_CREDITS, le=MOST_CREDITS, examples=[500_000])]
    """How many; below zero takes back what nobody holds."""
    campaign: Annotated[Line | None, Field(max_length=100)] = Field(default=None, examples=["k-root-tj"])
    """For this campaign alone, by name; null for everything under the agreement that has no account of its own."""


class Account(Answer):
    """What a signatory pays for. What was allotted is available, held or settled."""

    account_id: int
    label: Label
    agreement_id: int
    payer: Party
    campaign: str | None
    allotted: int
    available: int
    held: int
    """Reserved for what is dispatched, and neither charged nor free again."""
    settled: int
    """Charged by RIPE Atlas, or by a rehearsal."""


class Accounts(Answer):
    """All accounts, in order of their numbers."""

    accounts: list[Account]


class Entry(Answer):
    """What was done with credits of an account."""

    entry_id: int
    account_id: int
    kind: EntryKind
    credits: int
    available: int
    """In the account, after it."""
    dispatch_id: int | None
    entered_at: datetime
    person_id: int | None
    """Who allotted; null where the service did it."""


class EntryPage(Answer):
    """Entries in order of their numbers; none ever changes."""

    entries: list[Entry]
    next_cursor: str | None
    """Pass it as `cursor` for the next page; null on the last."""
