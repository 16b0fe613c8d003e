"""The quarantine on the wire: records that are kept but could not be used."""

from datetime import datetime

from pydantic import Field

from app.api.schemas.base import Answer, Cursor, Filters, Limit, Provenance, Source, Withheld
from measurements.results.outcome import Label
from measurements.results.quarantine import QuarantineReason


class QuarantineFilters(Filters):
    """Which records, and which page of them."""

    label: Label | None = Field(default=None, examples=[Label.LABORATORY.value])
    """Any, unless given."""
    reason: QuarantineReason | None = None
    limit: Limit = 100
    """At most so many entries."""
    cursor: Cursor | None = None
    """`next_cursor` of the page before, with the same filters."""


class QuarantineEntry(Provenance):
    """A record that could not be used. What it does not say is null."""

    id: int
    """Our number of it."""
    reason: QuarantineReason
    explanation: str
    """The reason in words."""
    detail: str | None
    """For engineers."""
    atlas_id: int | None
    probe_id: int | None
    measured_at: datetime | None
    type: str | None
    retrieved_at: datetime
    size_bytes: int
    text: str
    r"""The record, or its beginning; what could harm a terminal or a page is written as `\xNN`."""
    is_text_cut: bool
    """Whether the record goes on."""
    sources: list[Source]


class QuarantineCount(Answer):
    """How many records were put aside for one reason."""

    label: Label
    reason: QuarantineReason
    n_records: int


class QuarantinePage(Answer):
    """Quarantined records, the last one kept first."""

    records: list[QuarantineEntry]
    next_cursor: str | None
    """Pass it as `cursor` for the next page; null on the last."""
    counts: list[QuarantineCount]
    """Of all quarantined records, whatever was asked for."""
    withheld: list[Withheld]
    """What is held under the label, or any, and left out, and why."""
