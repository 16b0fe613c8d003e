"""Targets on the wire: those known by name, and all that results were about."""

from datetime import datetime

from app.api.schemas.base import Answer, Cursor, Filters, Limit
from app.api.schemas.results import Family
from measurements.results.outcome import Label


class TargetFilters(Filters):
    """Which page of targets."""

    limit: Limit = 100
    """At most so many entries."""
    cursor: Cursor | None = None
    """`next_cursor` of the page before."""


class BuiltIn(Answer):
    """A measurement that RIPE Atlas itself runs on every probe."""

    atlas_id: int
    type: str
    address_family: Family
    asks: str


class Holding(Answer):
    """What is held about a target under one label, of one type and address family."""

    label: Label
    type: str
    address_family: Family | None
    n_series: int
    first_bin_at: datetime | None
    """Start of the first bin, an hour, that holds a result; its results were measured in the hour that follows."""
    last_bin_at: datetime | None
    """Start of the last such bin."""


class Target(Answer):
    """A target, what is known of it, and what is held about it."""

    target: str
    """Its name in filters and answers."""
    title: str | None
    """What it is, where it is known by name."""
    addresses: list[str]
    hostnames: list[str]
    asn: int | None
    built_ins: list[BuiltIn]
    holdings: list[Holding]


class TargetPage(Answer):
    """Targets in order of name."""

    targets: list[Target]
    next_cursor: str | None
    """Pass it as `cursor` for the next page; null on the last."""
