"""The Joint Activity Plan: what it says, how far it has come, and that nothing follows from it; and reviews."""

from datetime import date
from itertools import pairwise
from typing import Any

import pytest

from measurements.agreements.attribution import ATTRIBUTION, attribution
from measurements.agreements.card import Clause
from measurements.agreements.parties import Party
from measurements.agreements.plan import (
    NON_BINDING,
    Activity,
    Area,
    Endorsement,
    Kind,
    Milestone,
    Plan,
    Progress,
    Status,
    digest_of_plan,
)
from measurements.agreements.platform_terms import Acceptance, Service, are_accepted
from measurements.agreements.reviews import Cadence, next_on

ACTIVITY = Activity(1, 1, "A cable is cut", Area.TRAINING, "Skills", Kind.EXERCISE, frozenset({Party.RIPE_NCC}),
                    scenario="practice")  # fmt: skip
MILESTONE = Milestone(1, 1, "Twelve engineers took part", date(2027, 4, 30))
OVER_AT = 1_809_111_600
"""2027-04-30 is over in Dushanbe at 19:00 UTC."""


def digest(activity: Activity = ACTIVITY, *milestones: Milestone) -> str:
    return digest_of_plan("Plan", [activity], milestones)


def test_it_says_that_it_is_non_binding() -> None:
    assert "non-binding" in NON_BINDING
    assert "nothing follows" in NON_BINDING


def test_an_activity_may_serve_whatever_a_card_may() -> None:
    assert {clause.value for clause in Clause} < {area.value for area in Area}


@pytest.mark.parametrize(
    ("status", "now", "progress"),
    [
        (Status.PLANNED, OVER_AT - 1, Progress.PLANNED),
        (Status.UNDER_WAY, OVER_AT - 1, Progress.UNDER_WAY),
        (Status.PLANNED, OVER_AT, Progress.NOT_YET_DONE),
        (Status.UNDER_WAY, OVER_AT, Progress.NOT_YET_DONE),
        (Status.DONE, OVER_AT, Progress.DONE),
        (Status.DROPPED, OVER_AT, Progress.DROPPED),
    ],
)
def test_a_milestone_whose_day_is_over_in_dushanbe_is_not_yet_done(
    status: Status, now: int, progress: Progress
) -> None:
    assert MILESTONE._replace(status=status).progress(now) is progress


def test_what_is_not_yet_done_is_said_in_plain_words() -> None:
    assert Progress.NOT_YET_DONE.words == "not yet done"


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"leads": frozenset()}, "/leads"),
        ({"takes_part": frozenset({Party.RIPE_NCC})}, "/takes_part"),
        ({"scenario": None}, "/scenario"),
        ({"kind": Kind.TRAINING}, "/scenario"),
    ],
)
def test_an_activity_that_makes_no_sense_is_told_so_by_place(changes: dict[str, Any], pointer: str) -> None:
    assert ACTIVITY.problems == []
    assert [place for place, _ in ACTIVITY._replace(**changes).problems] == [pointer]


def test_progress_leaves_the_digest_as_it_is_and_another_day_does_not() -> None:
    said = digest(ACTIVITY, MILESTONE)

    assert digest(ACTIVITY, MILESTONE._replace(status=Status.DONE, evidence="report")) == said
    assert digest(ACTIVITY, MILESTONE._replace(due_on=date(2027, 5, 1))) != said
    assert digest(ACTIVITY._replace(title="Another"), MILESTONE) != said


def test_what_was_dropped_is_no_part_of_what_a_plan_says() -> None:
    assert digest(ACTIVITY, MILESTONE._replace(status=Status.DROPPED)) == digest(ACTIVITY)
    assert digest(ACTIVITY._replace(is_dropped=True), MILESTONE) == digest_of_plan("Plan", (), ())


def test_an_endorsement_is_of_one_version() -> None:
    endorsed = Endorsement(Party.RIPE_NCC, 1, "old", 1, 5)
    plan = Plan(1, "Plan", 2, "new", 0, 0, endorsements=(endorsed,))

    assert plan.endorsed_by == frozenset()
    assert plan._replace(endorsements=(endorsed, endorsed._replace(digest="new"))).endorsed_by == {Party.RIPE_NCC}


def test_milestones_are_told_by_their_days() -> None:
    later, other = MILESTONE._replace(milestone_id=2, due_on=date(2028, 1, 1)), MILESTONE._replace(activity_id=2)
    plan = Plan(1, "Plan", 1, "", 0, 0, (ACTIVITY,), (later, MILESTONE, other))

    assert plan.milestones_of(ACTIVITY) == (MILESTONE, later)


@pytest.mark.parametrize(
    ("held_on", "cadence", "due_on"),
    [
        ([], Cadence.QUARTERLY, date(2026, 6, 2)),
        ([date(2026, 11, 30)], Cadence.QUARTERLY, date(2027, 2, 28)),
        ([date(2027, 11, 30)], Cadence.QUARTERLY, date(2028, 2, 29)),
        ([date(2027, 3, 1), date(2026, 3, 1)], Cadence.MONTHLY, date(2027, 4, 1)),
        ([date(2026, 8, 31)], Cadence.HALF_YEARLY, date(2027, 2, 28)),
        ([date(2028, 2, 29)], Cadence.YEARLY, date(2029, 2, 28)),
    ],
)
def test_the_next_review_is_due_some_calendar_months_after_the_last(
    held_on: list[date], cadence: Cadence, due_on: date
) -> None:
    assert next_on(held_on, cadence, date(2026, 3, 2)) == due_on


def test_no_review_is_due_before_the_memorandum_is_in_force() -> None:
    assert next_on([], Cadence.QUARTERLY, None) is None


def test_every_cadence_has_its_months_and_its_words() -> None:
    assert [one.months for one in Cadence] == sorted(one.months for one in Cadence)
    assert all(a.months < b.months for a, b in pairwise(Cadence))
    assert Cadence.HALF_YEARLY.words == "half-yearly"


def test_terms_are_accepted_from_the_instant_on_for_one_service() -> None:
    accepted = [Acceptance(1, Service.RIPE_ATLAS, "3.3", "https://example.net/", None, 1, None, 100)]

    assert are_accepted(accepted, Service.RIPE_ATLAS, 100)
    assert not are_accepted(accepted, Service.RIPE_ATLAS, 99)
    assert not are_accepted(accepted, Service.RIPESTAT, 100)


def test_the_attribution_names_the_services_the_measurements_and_the_days() -> None:
    told = attribution([1002, 1001, 1001], date(2026, 11, 23), date(2026, 11, 24))

    for part in ("RIPE Atlas", "RIPEstat", "RIPE NCC", "https://atlas.ripe.net", "https://stat.ripe.net"):
        assert part in ATTRIBUTION
    assert "retrieved 2026-11-23 to 2026-11-24. Measurement IDs: 1001, 1002. Analysis by the parties" in told
    assert "retrieved 2026-11-23. Analysis" in attribution((), date(2026, 11, 23), date(2026, 11, 23))
    assert "official position" in ATTRIBUTION
