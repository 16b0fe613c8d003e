"""How a measurement lives: from asked for to stopped, as a pure function of the record and virtual time.

Timing as seen on the platform: probes are allocated seconds after the request, results begin seconds later, a one-off
is called stopped 6 to 10 minutes after its start, whether or not its results are there.
"""

from collections.abc import Callable, Sequence
from enum import IntEnum
from typing import NamedTuple

from app.rehearsal.api.records import Asked, Created
from app.rehearsal.chance import share, whole
from app.rehearsal.contract import Body

Allocate = Callable[[Body, int, int], Sequence[int]]
"""Probes that a source, a family and an instant give, in the order of choice."""


class Status(IntEnum):
    """The platform's status ids."""

    SPECIFIED = 0
    SCHEDULED = 1
    ONGOING = 2
    STOPPED = 4
    FORCED_TO_STOP = 5
    NO_SUITABLE_PROBES = 6
    FAILED = 7

    @property
    def label(self) -> str:
        """The platform's name of it."""
        return self.name.replace("_", " ").capitalize()


RUNNING = frozenset({Status.SPECIFIED, Status.SCHEDULED, Status.ONGOING})


class Standing(NamedTuple):
    """A status and since when, unix seconds."""

    status: Status
    since: int


class Member(NamedTuple):
    """A probe that takes part, from an instant and until one (exclusive)."""

    probe_id: int
    joined_at: int
    left_at: int | None = None


class Habits(NamedTuple):
    """What the platform does by chance."""

    seed: int = 0
    silent_share: float = 0.0
    """Of enlisted probes, how many never report."""
    short_share: float = 0.0
    """Of sources that ask for ten probes or more, how many get one tenth fewer."""


def allocated_at(created: Created, asked: Asked | None = None) -> int:
    """When probes are chosen for the measurement, or for a later request."""
    at = asked.at if asked else created.created_at
    return at + whole(2, 8, "allocation", created.id, at)


def begins_at(created: Created) -> int:
    """When probes begin to measure."""
    soonest = allocated_at(created) + whole(1, 5, "start", created.id)
    return max(soonest, created.start_at)


def ends_at(created: Created) -> int | None:
    """When it is over: as asked, by hand, by force, or a one-off by itself; None while it has no end."""
    by_itself = begins_at(created) + whole(360, 590, "one-off", created.id) if created.is_oneoff else created.stop_at
    ends = [at for at in (by_itself, created.deleted_at, created.forced_at) if at is not None]
    return min(ends, default=None)


def is_over(created: Created, now: int) -> bool:
    """Whether it has ended. One for which no probe was suitable has not: others may still be asked for."""
    ends = ends_at(created)
    return ends is not None and ends <= now


def standing(created: Created, n_members: int, now: int) -> Standing:
    """The status at an instant, for so many probes that ever took part until then."""
    chosen, begins, ends = allocated_at(created), begins_at(created), ends_at(created)
    if ends is not None and ends <= now:
        return Standing(_ended_as(created, ends, n_members), ends)
    if now < chosen:
        return Standing(Status.SPECIFIED, created.created_at)
    if not n_members:
        return Standing(Status.NO_SUITABLE_PROBES, chosen)
    return Standing(Status.SCHEDULED, chosen) if now < begins else Standing(Status.ONGOING, begins)


def _ended_as(created: Created, ends: int, n_members: int) -> Status:
    if ends in (created.forced_at, created.deleted_at):
        return Status.FORCED_TO_STOP if ends == created.forced_at else Status.STOPPED
    if not n_members and allocated_at(created) <= ends:
        return Status.NO_SUITABLE_PROBES
    return Status.STOPPED if begins_at(created) < ends else Status.FAILED


def members(created: Created, allocate: Allocate, habits: Habits, now: int) -> list[Member]:
    """Every probe that took part until an instant, by when it joined. `allocate` is asked once per source."""
    taking: dict[int, int] = {}
    gone: list[Member] = []
    for asked in created.asked:
        at = allocated_at(created, asked)
        if at > now:
            continue
        if asked.action == "remove":
            leaving = [int(part) for part in asked.source["value"].split(",") if part.strip()]
            gone += [Member(each, taking.pop(each), at) for each in leaving if each in taking]
        else:
            matching = allocate(asked.source, created.fields["af"], at)
            free = [each for each in matching if each not in taking]
            taking.update(dict.fromkeys(free[: _wanted(asked, habits)], at))
    return sorted([*gone, *(Member(each, at) for each, at in taking.items())], key=lambda member: member.joined_at)


def _wanted(asked: Asked, habits: Habits) -> int | None:
    requested: int = asked.source["requested"]
    if requested < 0:
        return None
    falls_short = requested >= 10 and share(habits.seed, "short", asked.id) < habits.short_share  # noqa: PLR2004 - Habits
    return requested - requested // 10 if falls_short else requested


def is_silent(created: Created, probe_id: int, habits: Habits) -> bool:
    """Whether an enlisted probe never reports for this measurement."""
    return share(habits.seed, "silent", created.id, probe_id) < habits.silent_share
