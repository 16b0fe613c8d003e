"""The Joint Activity Plan: what the parties mean to do together, and by when (Art. IV, third bullet).

It binds nobody, and says so wherever it shows. It is optional: everything else works without one. A milestone whose day
is over is not yet done, and nothing follows from that. What the parties may endorse is a digest of what the plan says;
how far its milestones have come is no part of that, so that progress changes no plan.
"""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from measurements.agreements.parties import Party
from measurements.agreements.term import day_end
from measurements.canonical import digest_of
from measurements.units import DUSHANBE

NON_BINDING = (
    "The Joint Activity Plan is non-binding: it tells what the parties mean to do, as their resources allow, and "
    "nothing follows where it comes otherwise (Art. IV and V of the memorandum)."
)
"""Stands on whatever shows the plan."""
FIRST_ON, LAST_ON = date(2026, 1, 1), date(2999, 12, 31)
"""Between these anything may be due: nothing was meant before the memorandum."""
FORM = "rasad-activity-plan-1"
"""Names the form, inside of what is hashed."""


class Area(StrEnum):
    """The area of cooperation that an activity serves: the items of Art. II, of which the tenth repeats the eighth."""

    IPV6 = "II.1"
    RPKI = "II.2"
    RESILIENCE = "II.3"
    TRAINING = "II.4"
    INSIGHT = "II.5"
    POLICY = "II.6"
    INTERNATIONAL = "II.7"
    EVENTS = "II.8"
    NATIONAL_INFRASTRUCTURE = "II.9"


class Kind(StrEnum):
    """What is done in an activity."""

    MEASUREMENT = "measurement"
    TRAINING = "training"
    """A course, a workshop."""
    EXERCISE = "exercise"
    """Practice on the rehearsal Atlas, by a scenario that it names: it costs nothing and reaches nobody."""
    REVIEW = "review"
    EVENT = "event"
    OTHER = "other"


class Status(StrEnum):
    """How far a milestone has come, as it was last told."""

    PLANNED = "planned"
    UNDER_WAY = "under_way"
    DONE = "done"
    DROPPED = "dropped"


class Progress(StrEnum):
    """How far a milestone has come, by its day as well."""

    PLANNED = "planned"
    UNDER_WAY = "under_way"
    DONE = "done"
    DROPPED = "dropped"
    NOT_YET_DONE = "not_yet_done"
    """Its day is over."""

    @property
    def words(self) -> str:
        """In plain words."""
        return self.value.replace("_", " ")


class Milestone(NamedTuple):
    """A step of an activity."""

    milestone_id: int
    activity_id: int
    title: str
    due_on: date
    """By the end of this day in Dushanbe."""
    status: Status = Status.PLANNED
    evidence: str | None = None
    """A link or a reference to what shows it."""

    def progress(self, now: int) -> Progress:
        """How far it has come at an instant."""
        is_open = self.status in (Status.PLANNED, Status.UNDER_WAY)
        is_over = now >= day_end(self.due_on, ZoneInfo(DUSHANBE))
        return Progress.NOT_YET_DONE if is_open and is_over else Progress(self.status)


class Activity(NamedTuple):
    """Something that the parties mean to do together."""

    activity_id: int
    plan_id: int
    title: str
    area: Area
    national_priority: str
    """The national priority that it serves (Art. III)."""
    kind: Kind
    leads: frozenset[Party]
    takes_part: frozenset[Party] = frozenset()
    """Beside those who lead; each at its own discretion."""
    scenario: str | None = None
    """Of an exercise: the scenario that the rehearsal Atlas plays, by its name or file."""
    is_dropped: bool = False

    @property
    def problems(self) -> list[tuple[str, str]]:
        """JSON pointers to what makes no sense, and why."""
        found = []
        if not self.leads:
            found.append(("/leads", "name at least one party"))
        if self.leads & self.takes_part:
            found.append(("/takes_part", "names a party that leads it already"))
        if (self.kind is Kind.EXERCISE) != (self.scenario is not None):
            found.append(("/scenario", "is named by an exercise on the rehearsal Atlas, and by nothing else"))
        return found


class Endorsement(NamedTuple):
    """A party's word that it likes a plan as it stands. It binds nobody either."""

    party: Party
    version: int
    digest: str
    designation_id: int
    endorsed_at: int


class Plan(NamedTuple):
    """A plan, with all that belongs to it in order of their numbers."""

    plan_id: int
    title: str
    version: int
    """Counts how often it said something else."""
    digest: str
    """Of what it says."""
    opened_at: int
    changed_at: int
    activities: tuple[Activity, ...] = ()
    milestones: tuple[Milestone, ...] = ()
    endorsements: tuple[Endorsement, ...] = ()

    def milestones_of(self, activity: Activity) -> tuple[Milestone, ...]:
        """The steps of one activity, by their days."""
        own = (one for one in self.milestones if one.activity_id == activity.activity_id)
        return tuple(sorted(own, key=lambda one: (one.due_on, one.milestone_id)))

    @property
    def endorsed_by(self) -> frozenset[Party]:
        """The parties that endorsed what it says now."""
        return frozenset(one.party for one in self.endorsements if one.digest == self.digest)


def digest_of_plan(title: str, activities: Iterable[Activity], milestones: Iterable[Milestone]) -> str:
    """SHA-256 of what a plan says, without what was dropped and how far anything has come."""
    held = list(milestones)
    told = [_told(one, held) for one in activities if not one.is_dropped]
    return digest_of({"form": FORM, "title": title, "activities": told})


def _told(activity: Activity, milestones: list[Milestone]) -> dict[str, Any]:
    own = [one for one in milestones if one.activity_id == activity.activity_id and one.status is not Status.DROPPED]
    return {
        "activity_id": activity.activity_id,
        "title": activity.title,
        "area": activity.area,
        "national_priority": activity.national_priority,
        "kind": activity.kind,
        "leads": sorted(activity.leads),
        "takes_part": sorted(activity.takes_part),
        "scenario": activity.scenario,
        "milestones": [{"title": one.title, "due_on": one.due_on.isoformat()} for one in own],
    }
