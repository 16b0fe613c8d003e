"""Tombstones on the wire: what is left of what was erased."""

from datetime import datetime

from app.api.schemas.base import Answer
from measurements.agreements.retention import Level, Why
from measurements.results.outcome import Label


class Tombstone(Answer):
    """What was erased in one unit of work: nothing of what it said, only that it was."""

    number: int
    agreement_id: int
    version: int
    """Of the agreement."""
    label: Label
    atlas_id: int
    """The measurement's number at RIPE Atlas."""
    level: Level
    """What was erased of it."""
    from_at: datetime
    """The day in Dushanbe on which it was measured."""
    until_at: datetime
    """Its end, exclusive."""
    n_records: int
    """How many records it was."""
    digest: str
    """SHA-256 of the digests of these records, in their order: whoever has a copy of them can tell."""
    days: int
    """For how many days it was to be kept."""
    why: Why
    erased_at: datetime


class TombstonePage(Answer):
    """Tombstones, the last one first."""

    tombstones: list[Tombstone]
    next_cursor: str | None
    """Pass it as `cursor` for the next page; null on the last."""
