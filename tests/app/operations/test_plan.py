"""The Joint Activity Plan, reviews and accepted terms, kept on both databases."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import Connection

from app.cli.acting import MACHINE
from app.operations import agree, keep_plan, keep_reviews
from app.operations.accept_terms import accept_terms, acceptance_page
from app.operations.acting import Acting, NotPermitted
from app.operations.agreement_entries import agreement_entry
from app.operations.designate import ChangedMeanwhile
from app.operations.dispatch_entries import decision_entries
from app.operations.intend_dispatches import intend
from app.operations.plan_entries import activity_entry, every, milestone_page, plan_entry, plan_page
from app.store.audit import entries as read_entries
from app.store.engine import reading, writing
from measurements.agreements.parties import Party
from measurements.agreements.people import Caller, Person, Role, Scope
from measurements.agreements.plan import NON_BINDING, Activity, Area, Kind, Milestone, Status
from measurements.agreements.platform_terms import Service
from measurements.agreements.reasons import Reason
from measurements.agreements.reviews import Cadence, FollowUp, Material, Review
from measurements.errors import InvalidCard, InvalidContent, NotFound
from measurements.results.outcome import Label
from measurements.units import DAY_S
from tests.agreeing import Parties
from tests.measurements.agreements.making import make_card

EXERCISE = Activity(
    0, 1, "A cable is cut", Area.TRAINING, "Skills", Kind.EXERCISE, frozenset({Party.RIPE_NCC}),
    frozenset({Party.TOJIKTELECOM}), "practice",
)  # fmt: skip
STEP = Milestone(0, 1, "Twelve engineers took part", date(2027, 4, 30))
REVIEW = Review(
    0, date(2026, 12, 1), frozenset(Party), ("Zarina",), (Material("briefing.pdf", "0" * 64),), ("Go on",),
    (FollowUp("Send the figures", Party.RIPE_NCC, date(2027, 1, 15)),),
)  # fmt: skip


def planned(acting: Acting) -> Activity:
    """A plan with one activity and one step."""
    keep_plan.open_plan(acting, "Joint Activity Plan 2027")
    activity = keep_plan.add_activity(acting, EXERCISE)
    keep_plan.add_milestone(acting, STEP)
    return activity


def acts(connection: Connection) -> list[tuple[str, str, str]]:
    return [(one.act, one.subject_kind, one.subject_id) for one in read_entries(connection)]


def test_a_plan_is_told_with_all_that_belongs_to_it_and_that_it_is_non_binding(parties: Parties) -> None:
    with writing(parties.engine) as connection:
        acting = parties.acting(connection, Party.RIPE_NCC)
        planned(acting)
        told = plan_entry(acting, 1)
        (listed,) = every(plan_page, acting)
        (step,) = every(milestone_page, acting)
    (activity,) = told["activities"]

    assert (activity["title"], activity["scenario"], activity["leads"]) == ("A cable is cut", "practice", ["ripe_ncc"])
    assert activity["milestones"] == [step]
    assert (step["progress"], step["due_on"]) == ("planned", "2027-04-30")
    for one in (told, listed, activity, step):
        assert one["is_binding"] is False
        assert one["standing"] == NON_BINDING


def test_every_change_is_told_to_the_audit_with_what_is_said_from_then_on(parties: Parties) -> None:
    with writing(parties.engine) as connection:
        acting = parties.acting(connection, Party.RIPE_NCC)
        activity = planned(acting)
        keep_plan.retitle_plan(acting, 1, "Plan")
        keep_plan.change_activity(acting, activity._replace(title="Two cables are cut"))
        keep_plan.change_milestone(acting, STEP._replace(milestone_id=1, status=Status.DONE, evidence="report"))
        keep_plan.endorse_plan(acting, 1, keep_plan.require_plan(connection, 1).digest)
        keep_reviews.record_review(acting, REVIEW._replace(held_on=date(2026, 12, 1)))
        keep_reviews.set_cadence(acting, Cadence.MONTHLY)
        accept_terms(acting, Service.RIPE_ATLAS, version="3.3", address="https://example.net/", sha256=None)
        told = [entry for entry in read_entries(connection) if entry.act in OURS]

    assert [(one.act, one.subject_kind, one.subject_id) for one in told] == [
        ("plan_opened", "plan", "1"), ("activity_added", "plan", "1"), ("milestone_added", "plan", "1"),
        ("plan_changed", "plan", "1"), ("activity_changed", "plan", "1"), ("milestone_changed", "plan", "1"),
        ("plan_endorsed", "plan", "1"), ("review_recorded", "review", "1"),
        ("policy_set", "policy", "review_cadence"), ("terms_accepted", "terms", "ripe_atlas"),
    ]  # fmt: skip
    assert "Two cables are cut" in str(told[4].details)
    assert {one.party for one in told} == {"ripe_ncc"}


OURS = {
    "plan_opened", "plan_changed", "plan_endorsed", "activity_added", "activity_changed", "milestone_added",
    "milestone_changed", "review_recorded", "policy_set", "terms_accepted",
}  # fmt: skip


def test_what_says_the_same_is_no_change(parties: Parties) -> None:
    with writing(parties.engine) as connection:
        acting = parties.acting(connection, Party.RIPE_NCC)
        activity = planned(acting)
        before, n_acts = keep_plan.require_plan(connection, 1), len(acts(connection))
        keep_plan.change_activity(acting, activity)
        keep_plan.change_milestone(acting, STEP._replace(milestone_id=1))
        keep_plan.retitle_plan(acting, 1, before.title)
        keep_reviews.set_cadence(acting, Cadence.QUARTERLY)
        after = keep_plan.require_plan(connection, 1)

        assert (after, len(acts(connection))) == (before, n_acts)
        assert before.version == 3


def test_an_endorsement_is_of_what_was_shown_and_of_no_later_version(parties: Parties) -> None:
    with writing(parties.engine) as connection:
        first, second = (parties.acting(connection, party) for party in list(Party)[:2])
        planned(first)
        digest = keep_plan.require_plan(connection, 1).digest
        with pytest.raises(InvalidContent, match=digest):
            keep_plan.endorse_plan(first, 1, "0" * 64)
        keep_plan.endorse_plan(first, 1, digest)
        plan = keep_plan.endorse_plan(second, 1, digest)
        again = keep_plan.endorse_plan(second, 1, digest)
        keep_plan.change_milestone(first, STEP._replace(milestone_id=1, status=Status.DONE))
        assert keep_plan.require_plan(connection, 1).endorsed_by == plan.endorsed_by == set(list(Party)[:2])
        keep_plan.change_milestone(first, STEP._replace(milestone_id=1, due_on=date(2027, 5, 1)))
        changed = keep_plan.require_plan(connection, 1)

    assert again == plan
    assert (changed.endorsed_by, len(changed.endorsements), changed.version) == (frozenset(), 2, 4)


def test_what_was_changed_meanwhile_is_not_changed_unread(parties: Parties) -> None:
    with writing(parties.engine) as connection:
        acting = parties.acting(connection, Party.RIPE_NCC)
        activity = planned(acting)
        for change in (
            lambda etags: keep_plan.retitle_plan(acting, 1, "Other", etags),
            lambda etags: keep_plan.change_activity(acting, activity._replace(title="Other"), etags),
            lambda etags: keep_plan.change_milestone(acting, STEP._replace(milestone_id=1, title="Other"), etags),
        ):
            with pytest.raises(ChangedMeanwhile):
                change(['"another"'])
        keep_plan.change_activity(acting, activity._replace(title="Other"), [keep_plan.etag_of(activity)])

        assert keep_plan.require_activity(connection, 1).title == "Other"


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [({"title": " "}, "/title"), ({"leads": frozenset()}, "/leads"), ({"scenario": "\n"}, "/scenario")],
)
def test_an_activity_that_makes_no_sense_is_refused(parties: Parties, changes: dict[str, Any], pointer: str) -> None:
    with writing(parties.engine) as connection:
        acting = parties.acting(connection, Party.RIPE_NCC)
        planned(acting)
        with pytest.raises(InvalidContent) as caught:
            keep_plan.add_activity(acting, EXERCISE._replace(**changes))

    assert [place for place, _ in caught.value.problems] == [pointer]


def test_nothing_is_added_to_what_is_not_there_or_was_dropped(parties: Parties) -> None:
    with writing(parties.engine) as connection:
        acting = parties.acting(connection, Party.RIPE_NCC)
        with pytest.raises(NotFound, match="no plan 1"):
            keep_plan.add_activity(acting, EXERCISE)
        with pytest.raises(NotFound, match="no activity 1"):
            keep_plan.add_milestone(acting, STEP)
        with pytest.raises(NotFound, match="no milestone 1"):
            keep_plan.change_milestone(acting, STEP._replace(milestone_id=1))
        activity = planned(acting)
        with pytest.raises(InvalidContent, match="due_on"):
            keep_plan.add_milestone(acting, STEP._replace(due_on=date(9999, 12, 31)))
        keep_plan.change_activity(acting, activity._replace(is_dropped=True))
        with pytest.raises(InvalidContent, match="was dropped"):
            keep_plan.add_milestone(acting, STEP)


def test_a_card_names_an_activity_that_is_there_or_none(parties: Parties) -> None:
    with writing(parties.engine) as connection:
        acting = parties.acting(connection, Party.RIPE_NCC)
        with pytest.raises(InvalidCard) as missing:
            agree.open_agreement(acting, make_card(activity_id=1))
        activity = planned(acting)
        agree.open_agreement(acting, make_card())
        agree.draft_card(acting, 1, make_card(activity_id=1))
        keep_plan.change_activity(acting, activity._replace(is_dropped=True))
        with pytest.raises(InvalidCard) as dropped:
            agree.draft_card(acting, 1, make_card(activity_id=1, title="Other"))

    assert [place for place, _ in missing.value.problems + dropped.value.problems] == ["/activity_id"] * 2
    assert "no activity 1" in str(missing.value)
    assert "dropped" in str(dropped.value)


def test_an_agreement_and_its_activity_name_each_other(parties: Parties) -> None:
    with writing(parties.engine) as connection:
        planned(parties.acting(connection, Party.RIPE_NCC))
    serving, other = parties.agree(make_card(activity_id=1)), parties.agree(make_card(title="Other"))
    with reading(parties.engine) as connection:
        acting = parties.acting(connection, Party.RIPE_NCC)
        told = agreement_entry(acting, serving)
        explained = decision_entries(acting, serving, Label.REHEARSED)
        activity = activity_entry(acting, 1)

        assert agreement_entry(acting, other)["activity"] is None
    assert told["activity"] == explained["activity"]
    assert (told["activity"]["title"], told["activity"]["is_binding"]) == ("A cable is cut", False)
    assert activity["agreement_ids"] == [serving]


def test_a_review_is_kept_as_it_was_told_and_the_next_one_is_worked_out(parties: Parties) -> None:
    with writing(parties.engine) as connection:
        acting = parties.acting(connection, Party.RIPE_NCC)
        before = keep_reviews.find_next_review_on(connection)
        made = keep_reviews.record_review(acting, REVIEW)
        (told,) = every(keep_reviews.review_page, acting)
        quarterly = keep_reviews.next_review(connection)
        keep_reviews.set_cadence(acting, Cadence.YEARLY)
        yearly = keep_reviews.next_review(connection)

    assert before == date(2026, 6, 2)
    assert told == keep_reviews.told_review(made)
    assert told["material"] == [{"name": "briefing.pdf", "sha256": "0" * 64}]
    assert told["follow_ups"] == [{"what": "Send the figures", "party": "ripe_ncc", "due_on": "2027-01-15"}]
    assert quarterly == {"cadence": "quarterly", "next_on": "2027-03-01"}
    assert yearly == {"cadence": "yearly", "next_on": "2027-12-01"}


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"held_on": date(2027, 12, 1)}, "/held_on"),
        ({"parties": frozenset()}, "/parties"),
        ({"material": (Material("x", "ABC"),)}, "/material/0/sha256"),
        ({"decisions": ("Go on", " ")}, "/decisions/1"),
    ],
)
def test_a_review_that_makes_no_sense_is_refused(parties: Parties, changes: dict[str, Any], pointer: str) -> None:
    with writing(parties.engine) as connection, pytest.raises(InvalidContent) as caught:
        keep_reviews.record_review(parties.acting(connection, Party.RIPE_NCC), REVIEW._replace(**changes))

    assert [place for place, _ in caught.value.problems] == [pointer]


def test_who_accepted_which_terms_and_when_is_told(parties: Parties) -> None:
    with writing(parties.engine) as connection:
        acting = parties.acting(connection, Party.TOJIKTELECOM)
        accept_terms(acting, Service.RIPE_ATLAS, version="3.3", address="https://example.net/", sha256="a" * 64)
        (told,) = every(acceptance_page, acting)
        with pytest.raises(InvalidContent, match="sha256"):
            accept_terms(acting, Service.RIPE_ATLAS, version="3.3", address="x", sha256="A")
        with pytest.raises(NotPermitted, match="key"):
            accept_terms(Acting(connection, MACHINE, 1), Service.RIPESTAT, version="1", address="x", sha256=None)

    assert (told["name"], told["party"], told["version"]) == ("tojiktelecom", "tojiktelecom", "3.3")
    assert told["sha256"] == "a" * 64


@pytest.mark.acceptance("agreement.1")
def test_nothing_is_measured_at_ripe_atlas_before_somebody_accepted_its_terms(parties: Parties) -> None:
    agreement_id = parties.agree()

    def asked(label: Label) -> Reason:
        start_at, stop_at = parties.now + 60, parties.now + DAY_S
        with writing(parties.engine) as connection:
            acting = parties.acting(connection, Party.RIPE_NCC)
            _, decision = intend(acting, label, agreement_id, 0, start_at=start_at, stop_at=stop_at)
        return decision.reason

    before = asked(Label.MEASURED)
    rehearsed = asked(Label.REHEARSED)
    with writing(parties.engine) as connection:
        acting = parties.acting(connection, Party.RIPE_NCC)
        accept_terms(acting, Service.RIPESTAT, version="1", address="https://example.net/", sha256=None)
    other_service = asked(Label.MEASURED)
    with writing(parties.engine) as connection:
        acting = parties.acting(connection, Party.RIPE_NCC)
        accept_terms(acting, Service.RIPE_ATLAS, version="3.3", address="https://example.net/", sha256=None)

    assert before is other_service is Reason.TERMS_NOT_ACCEPTED
    assert rehearsed is asked(Label.MEASURED) is Reason.AGREED


def test_a_reader_reads_no_plan_and_an_analyst_changes_none(parties: Parties) -> None:
    def caller(role: Role) -> Caller:
        return Caller(Person(9, "x", "-", Party.RIPE_NCC, role), frozenset(Scope), None)

    with writing(parties.engine) as connection:
        planned(parties.acting(connection, Party.RIPE_NCC))
        with pytest.raises(NotPermitted):
            plan_entry(Acting(connection, caller(Role.READER), 1), 1)
        with pytest.raises(NotPermitted):
            keep_plan.open_plan(Acting(connection, caller(Role.ANALYST), 1), "Plan")
        assert plan_entry(Acting(connection, caller(Role.ANALYST), 1), 1)["plan_id"] == 1
