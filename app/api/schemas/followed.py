"""Followed measurements on the wire."""

from datetime import datetime

from pydantic import Field

from app.api.schemas.base import Answer, Filters, Withheld
from app.api.schemas.results import Family
from measurements.results.outcome import DataClass, Label


class FollowedFilters(Filters):
    """Which followed measurements."""

    label: Label = Field(default=Label.MEASURED, examples=[Label.REHEARSED.value])
    """Never mixed: measurements of one label."""


class SilentProbe(Answer):
    """A participant that nothing is heard of."""

    probe_id: int
    heard_at: datetime | None
    """When its last result was measured; null for a probe that is enlisted and was never heard."""
    silent_for_s: int


class Followed(Answer):
    """A measurement whose results are kept complete. What the platform does not say is null."""

    atlas_id: int
    label: Label
    data_class: DataClass
    agreement_id: int | None
    """The agreement it is measured under; null for what is public."""
    type: str | None
    target: str | None
    address_family: Family | None
    interval_s: int | None
    """Seconds between rounds."""
    status: str | None
    """As the platform names it."""
    followed_at: datetime
    since_at: datetime
    """From when on its results are wanted."""
    stop_at: datetime | None
    """When it stops or stopped; null while it runs without end."""
    polled_until_at: datetime
    """Polls have asked for everything measured before."""
    settled_at: datetime | None
    """From when on nothing more was expected, and it was not asked for any longer."""
    failing_since_at: datetime | None
    """Since when asking has failed; null where it does not."""
    failure: str | None
    """Why."""
    newest_at: datetime | None
    """When its newest result was measured."""
    age_s: int
    """How long ago that was; without any result, how long it has been followed."""
    is_stale: bool
    """Whether the whole measurement has been silent for longer than it should be."""
    n_participants: int | None
    n_heard: int
    """Probes that delivered anything."""
    n_silent: int
    silent: list[SilentProbe]


class FollowedList(Answer):
    """Followed measurements in order of their number."""

    followed: list[Followed]
    withheld: list[Withheld]
    """What is followed and left out, since it tells of single probes; and why."""
