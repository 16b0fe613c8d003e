"""The Joint Activity Plan on the wire. That it is non-binding stands on every part of it."""

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from app.api.schemas.base import Answer, Content, Line
from measurements.agreements.parties import Party
from measurements.agreements.plan import Area, Kind, Progress, Status


class Unbinding(Answer):
    """What is told of a plan binds nobody."""

    is_binding: Literal[False]
    """Never."""
    standing: str
    """The same in a sentence, for people."""


class NewPlan(Content):
    """A plan to be opened, or called something else."""

    title: Line = Field(examples=["Joint Activity Plan 2027"])


class NewActivity(Content):
    """Something that the parties mean to do together."""

    title: Line = Field(examples=["A cable is cut: exercise for operators"])
    area: Area = Field(examples=[Area.TRAINING.value])
    """The item of Art. II that it serves."""
    national_priority: Line = Field(examples=["Skills for a resilient network"])
    """The national priority that it serves (Art. III)."""
    kind: Kind = Field(examples=[Kind.EXERCISE.value])
    leads: list[Party] = Field(min_length=1, max_length=len(Party), examples=[["ripe_ncc"]])
    """Who leads it."""
    takes_part: list[Party] = Field(default=[], max_length=len(Party), examples=[["tojiktelecom"]])
    """Who takes part beside them, at its own discretion."""
    scenario: Line | None = Field(default=None, examples=["practice"])
    """Of an exercise: what the rehearsal Atlas plays, by its name or file."""


class ChangedActivity(NewActivity):
    """All of an activity, as it is from now on."""

    is_dropped: bool = Field(default=False, examples=[False])


class NewMilestone(Content):
    """A step of an activity."""

    title: Line = Field(examples=["Twelve engineers took part"])
    due_on: date = Field(examples=["2027-04-30"])
    """By the end of this day in Dushanbe."""


class ChangedMilestone(NewMilestone):
    """All of a milestone, as it is from now on."""

    status: Status = Field(examples=[Status.UNDER_WAY.value])
    evidence: Line | None = Field(default=None, examples=["https://example.net/report"])
    """A link or a reference to what shows it."""


class NewEndorsement(Content):
    """A party's word that it likes a plan as it stands."""

    digest: Line = Field(examples=["66305d47"])
    """Of what was shown to it: the plan's own `digest`."""


class Endorsement(Answer):
    """A party's word that it liked a version of a plan. It binds nobody either."""

    party: Party
    version: int
    digest: str
    endorsed_at: datetime
    is_of_this_version: bool
    """Whether the plan says the same still."""


class Milestone(Unbinding):
    """A step of an activity."""

    milestone_id: int
    activity_id: int
    title: str
    due_on: date
    """By the end of this day in Dushanbe."""
    status: Status
    """As it was last told."""
    progress: Progress
    """By its day as well: what is open when its day is over is `not_yet_done`, and nothing follows from that."""
    evidence: str | None
    """A link or a reference to what shows it."""
    etag: str
    """For `If-Match`, to change it as it was read."""


class Activity(Unbinding):
    """Something that the parties mean to do together."""

    activity_id: int
    plan_id: int
    title: str
    area: Area
    """The item of Art. II that it serves."""
    national_priority: str
    kind: Kind
    leads: list[Party]
    takes_part: list[Party]
    scenario: str | None
    """Of an exercise: what the rehearsal Atlas plays."""
    is_dropped: bool
    milestones: list[Milestone]
    """By their days."""
    agreement_ids: list[int]
    """The agreements whose cards name it."""
    etag: str
    """For `If-Match`, to change it as it was read."""


class PlanSummary(Unbinding):
    """A plan, without what belongs to it."""

    plan_id: int
    title: str
    version: int
    """Counts how often it said something else."""
    digest: str
    """SHA-256 of what it says, without how far anything has come; what is endorsed."""
    opened_at: datetime
    changed_at: datetime
    n_activities: int
    endorsements: list[Endorsement]
    etag: str
    """For `If-Match`, to change it as it was read."""


class Plan(PlanSummary):
    """A plan with all that belongs to it."""

    activities: list[Activity]


class PlanPage(Answer):
    """Plans in order of their numbers."""

    plans: list[PlanSummary]
    next_cursor: str | None
    """Pass it as `cursor` for the next page; null on the last."""


class ServedActivity(Unbinding):
    """An activity of the plan, in short."""

    activity_id: int
    title: str
    is_dropped: bool


class ActivityPage(Answer):
    """Activities of all plans in order of their numbers."""

    activities: list[Activity]
    next_cursor: str | None
    """Pass it as `cursor` for the next page; null on the last."""


class MilestonePage(Answer):
    """Milestones of all activities in order of their numbers."""

    milestones: list[Milestone]
    next_cursor: str | None
    """Pass it as `cursor` for the next page; null on the last."""
