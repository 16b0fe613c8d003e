"""Measurements on the wire: what the platform says of them, so what is expected."""

from datetime import datetime

from pydantic import Field

from app.api.schemas.base import Answer, Cursor, Filters, Limit, Provenance, Text
from app.api.schemas.results import Family
from measurements.results.outcome import Label
from measurements.targets import K_ROOT


class MeasurementFilters(Filters):
    """Which measurements, and which page of them."""

    label: Label = Field(default=Label.MEASURED, examples=[Label.LABORATORY.value])
    """Never mixed: measurements of one label."""
    target: Text | None = Field(default=None, examples=[K_ROOT.name])
    """A known name (`k-root`), a host name, or an address in any spelling."""
    limit: Limit = 100
    """At most so many entries."""
    cursor: Cursor | None = None
    """`next_cursor` of the page before, with the same filters."""


class Measurement(Provenance):
    """One measurement as the platform describes it. What it does not say is null."""

    atlas_id: int
    type: str
    target: str | None
    address_family: Family | None
    interval_s: int | None
    """Seconds between rounds."""
    spread_s: int | None
    """Seconds over which the probes of a round are spread."""
    start_at: datetime | None
    stop_at: datetime | None
    """End, exclusive; null while it runs without end."""
    is_oneoff: bool
    participant_count: int | None
    retrieved_at: datetime
    source: str


class MeasurementPage(Answer):
    """Measurements in order of their number."""

    measurements: list[Measurement]
    next_cursor: str | None
    """Pass it as `cursor` for the next page; null on the last."""
