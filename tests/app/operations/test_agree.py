"""From a draft to a measurement and to its end, through the operations and on both databases."""

from datetime import date

import pytest
from sqlalchemy.exc import IntegrityError

from app.operations import agree, keep_memorandum
from app.operations.acting import Acting, NotPermitted
from app.operations.find_lost_dispatches import find_lost
from app.operations.intend_dispatches import intend
from app.operations.plan_dispatches import plan_of
from app.operations.send_dispatches import send
from app.store import agreements
from app.store.audit import Wanted, entries
from app.store.designations import end_designation
from app.store.dispatches import find_dispatch
from app.store.engine import reading, writing
from app.store.memorandum import find_reading_policies
from measurements.agreements.agreement import Cause, Choice, Consultation, State
from measurements.agreements.audit import Subject, SubjectKind
from measurements.agreements.parties import Party
from measurements.agreements.people import Caller
from measurements.agreements.reasons import Reason
from measurements.agreements.term import Outlook
from measurements.atlas.failures import AnswerLost, Phase, TimedOut
from measurements.errors import InvalidContent, InvalidDefinition, NotFound, NotPossible
from measurements.results.outcome import Label
from measurements.units import DAY_S
from tests.agreeing import Parties, who
from tests.measurements.agreements.making import CARD, make_card

OPERATOR = Party.TOJIKTELECOM


def test_what_the_three_agreed_to_is_measured(parties: Parties) -> None:
    agreement_id = parties.agree()
    dispatch_id, decision = parties.intend(agreement_id)
    assert decision.reason is Reason.AGREED

    assert send(parties.transaction, parties.atlas, parties.clock, dispatch_id).is_permitted

    atlas_id = parties.atlas_id(dispatch_id)
    assert atlas_id is not None
    made = parties.atlas.measurement(atlas_id)
    assert (made.type, made.target, made.interval_s) == ("ping", "193.0.14.129", 240)
    assert made.stop_at == parties.now + 30 * DAY_S
    assert f"agreement {agreement_id}" in (made.description or "")


def test_every_step_is_read_back_as_it_was(parties: Parties) -> None:
    agreement_id = parties.agree()

    with reading(parties.engine) as connection:
        agreement = agreements.find_agreement(connection, agreement_id)

    assert agreement
    [version] = agreement.versions
    assert version.card == make_card()
    assert [one.parties for one in version.consultations] == [frozenset(Party)]
    assert {vote.party: vote.choice for vote in version.votes} == dict.fromkeys(Party, Choice.APPROVE)


@pytest.mark.parametrize("choice", [Choice.DECLINE, Choice.REQUEST_CHANGES])
def test_nothing_is_measured_where_a_party_said_otherwise(parties: Parties, choice: Choice) -> None:
    agreement_id = parties.agree(votes={Party.RIPE_NCC: Choice.APPROVE, OPERATOR: choice})

    with pytest.raises(NotPossible, match="not agreed"):
        parties.intend(agreement_id)
    assert parties.atlas.calls == []


def test_the_gate_is_asked_again_right_before_the_call(parties: Parties) -> None:
    agreement_id = parties.agree()
    dispatch_id, _ = parties.intend(agreement_id)
    with writing(parties.engine) as connection:
        agree.suspend_agreement(parties.acting(connection, OPERATOR), agreement_id, Cause.DISPUTE)

    decision = send(parties.transaction, parties.atlas, parties.clock, dispatch_id)

    assert (decision.is_permitted, decision.reason) == (False, Reason.SUSPENDED)
    assert parties.atlas.calls == []
    with writing(parties.engine) as connection:
        agree.resume_agreement(parties.acting(connection, OPERATOR), agreement_id)
    parties.clock.advance(1)
    assert send(parties.transaction, parties.atlas, parties.clock, dispatch_id).is_permitted
    with pytest.raises(NotPossible, match="sent already"):
        send(parties.transaction, parties.atlas, parties.clock, dispatch_id)
    assert parties.atlas.calls == ["dispatch"]


def test_an_answer_that_is_lost_is_found_by_its_tag_and_nothing_is_made_twice(parties: Parties) -> None:
    dispatch_id, _ = parties.intend(parties.agree())
    parties.atlas.fail_next("dispatch", AnswerLost("tag", TimedOut("late", phase=Phase.READ)))
    with pytest.raises(AnswerLost):
        send(parties.transaction, parties.atlas, parties.clock, dispatch_id)
    assert parties.atlas_id(dispatch_id) is None

    assert find_lost(parties.transaction, parties.atlas, parties.clock, Label.REHEARSED) == 1

    assert parties.atlas_id(dispatch_id) is not None
    assert find_lost(parties.transaction, parties.atlas, parties.clock, Label.REHEARSED) == 0
    assert parties.atlas.calls.count("dispatch") == 1


def test_what_is_over_before_the_call_is_made_is_noted_as_a_failure(parties: Parties) -> None:
    dispatch_id, _ = parties.intend(parties.agree(), stop_at=parties.now + 20 * DAY_S)
    parties.clock.advance(20 * DAY_S)

    with pytest.raises(InvalidDefinition, match="passed"):
        send(parties.transaction, parties.atlas, parties.clock, dispatch_id)

    with reading(parties.engine) as connection:
        dispatch = find_dispatch(connection, dispatch_id)
    assert dispatch
    assert dispatch.failure is not None
    assert not dispatch.is_under_way


def test_credits_and_packets_add_up_over_dispatches(parties: Parties) -> None:
    agreement_id = parties.agree(make_card(max_credits=1_000_000, max_packets_per_s="0.4"))
    parties.dispatched(agreement_id)

    _, decision = parties.intend(agreement_id)

    assert decision.reason is Reason.TOO_MANY_CREDITS


def test_a_version_that_is_not_consulted_about_with_all_is_not_submitted(parties: Parties) -> None:
    with writing(parties.engine) as connection:
        acting = parties.acting(connection, Party.RIPE_NCC)
        agreement_id = agree.open_agreement(acting, make_card())
        with pytest.raises(NotPossible, match="not every party"):
            agree.submit_version(acting, agreement_id)
        talks = Consultation(parties.now, frozenset({Party.RIPE_NCC, OPERATOR}), "the draft", "")
        agree.record_consultation(acting, agreement_id, talks)
        with pytest.raises(NotPossible, match="Communications Service"):
            agree.submit_version(acting, agreement_id)


def test_a_vote_is_on_the_digest_that_was_shown_and_by_whom_the_party_designated(parties: Parties) -> None:
    with writing(parties.engine) as connection:
        acting = parties.acting(connection, Party.RIPE_NCC)
        agreement_id = agree.open_agreement(acting, make_card())
        talks = Consultation(parties.now, frozenset(Party), "the draft", "")
        agree.record_consultation(acting, agreement_id, talks)
        digest = agree.submit_version(acting, agreement_id)

        def vote(by: Caller, of: str = digest) -> None:
            speaking = Acting(connection, by, parties.now)
            agree.cast_vote(speaking, agreement_id, of, Choice.APPROVE, approves_publicity=True)

        with pytest.raises(NotPossible, match=digest):
            vote(who(OPERATOR), "0" * 64)
        with pytest.raises(NotPermitted, match="No designation"):
            vote(who(OPERATOR)._replace(designation_id=None))
        refused = pytest.raises(IntegrityError, match="designated at that time")  # the database's own word
        with refused, connection.begin_nested():
            vote(who(OPERATOR)._replace(designation_id=1))
        vote(who(OPERATOR))
        with pytest.raises(NotPossible, match="withdraws"):
            vote(who(OPERATOR))
        end_designation(connection, 1, parties.now)
        with pytest.raises(NotPossible, match="nobody who represents it"):
            vote(who(Party.COMMUNICATIONS_SERVICE))


def test_a_party_may_have_less_measured_where_the_card_says_so(parties: Parties) -> None:
    agreement_id = parties.agree()
    with writing(parties.engine) as connection:
        with pytest.raises(NotPossible, match="max_probes"):
            agree.narrow_agreement(parties.acting(connection, OPERATOR), agreement_id, make_card(max_probes=21))
        agree.narrow_agreement(parties.acting(connection, OPERATOR), agreement_id, make_card(max_probes=5))

    assert parties.intend(agreement_id, n_probes=6)[1].reason is Reason.TOO_MANY_PROBES
    assert parties.intend(agreement_id)[1].is_permitted, "as many as the narrower card allows"


@pytest.mark.parametrize("first", [OPERATOR, Party.RIPE_NCC])
def test_what_is_left_after_narrowing_is_dispatched(parties: Parties, first: Party) -> None:
    """Less often, from fewer probes: nobody has to ask for that, whichever party said which."""
    agreement_id = parties.agree()
    ping, traceroute = CARD["measurements"]
    seldom = make_card(measurements=[ping | {"interval_s": 480}, traceroute])
    fewer = make_card(max_probes=15, selections=[CARD["selections"][0] | {"requested": 7}])
    second = Party.RIPE_NCC if first is OPERATOR else OPERATOR
    for party, card in ((first, seldom), (second, fewer)):
        with writing(parties.engine) as connection:
            agree.narrow_agreement(parties.acting(connection, party), agreement_id, card)
        parties.clock.advance(1)

    dispatch_id, decision = parties.intend(agreement_id)

    with reading(parties.engine) as connection:
        dispatch = find_dispatch(connection, dispatch_id)
    assert decision.reason is Reason.AGREED
    assert dispatch
    assert (dispatch.intent.allowed.interval_s, dispatch.intent.n_probes) == (480, 7)


def test_a_draft_is_replaced_and_what_was_submitted_is_followed_by_another_version(parties: Parties) -> None:
    with writing(parties.engine) as connection:
        acting = parties.acting(connection, Party.RIPE_NCC)
        agreement_id = agree.open_agreement(acting, make_card())
        assert agree.draft_card(acting, agreement_id, make_card(max_probes=5)) == 1
    other = parties.agree()
    with writing(parties.engine) as connection:
        acting = parties.acting(connection, Party.RIPE_NCC)
        with pytest.raises(NotPossible, match="same card"):
            agree.draft_card(acting, other, make_card())
        assert agree.draft_card(acting, other, make_card(max_probes=5)) == 2
    assert parties.state(other) is State.AGREED


def test_what_is_not_there_is_not_found(parties: Parties) -> None:
    agreement_id = parties.agree()
    with writing(parties.engine) as connection, pytest.raises(NotFound):
        agree.draft_card(parties.acting(connection, OPERATOR), 99, make_card())
    with pytest.raises(InvalidContent, match="there is no number 3"):
        parties.intend(agreement_id, 2)
    with pytest.raises(InvalidContent, match="more than the 1000"):
        parties.intend(agreement_id, n_probes=1_001)
    with pytest.raises(NotFound):
        send(parties.transaction, parties.atlas, parties.clock, 99)


def test_the_memorandum_is_kept_by_what_people_tell(parties: Parties) -> None:
    """The laws of the database go by the same terms."""
    with writing(parties.engine) as connection:
        acting = parties.acting(connection, OPERATOR)
        found = keep_memorandum.find_standing(connection, parties.now)
        assert (found.term.ends_on, found.outlook) == (date(2027, 12, 31), Outlook.OPEN)
        with pytest.raises(NotPossible, match="nobody can know"):
            keep_memorandum.confirm_no_notice(acting)
        with pytest.raises(NotPossible, match="recorded"):
            keep_memorandum.record_signature(acting, OPERATOR, date(2026, 3, 3))
        number, _ = keep_memorandum.record_notice(acting, OPERATOR, parties.now, frozenset(Party), "letter")
        with pytest.raises(NotPossible, match="either calendar"):
            keep_memorandum.rule_on_notice(acting, number, is_in_time=True, reason="letter 4")
        assert keep_memorandum.find_standing(connection, parties.now).outlook is Outlook.ENDING


def test_all_three_amend_the_memorandum(parties: Parties) -> None:
    with writing(parties.engine) as connection:
        number = keep_memorandum.propose_amendment(
            parties.acting(connection, OPERATOR),
            text="until mid-2028",
            ends_on=date(2028, 6, 30),
            is_reading_allowed=True,
        )
        for party in Party:
            assert keep_memorandum.find_standing(connection, parties.now).term.ends_on == date(2027, 12, 31)
            keep_memorandum.approve_amendment(parties.acting(connection, party), number)
        assert keep_memorandum.find_standing(connection, parties.now).term.ends_on == date(2028, 6, 30)
        [policy] = find_reading_policies(connection)
    assert policy.is_allowed
    assert policy.approvals == frozenset(Party)


def test_everything_is_in_the_audit_in_the_order_in_which_it_happened(parties: Parties) -> None:
    agreement_id = parties.agree()
    parties.dispatched(agreement_id)

    with reading(parties.engine) as connection:
        told = [one.act for one in entries(connection, Wanted(Subject(SubjectKind.AGREEMENT, agreement_id)))]

    assert told == [
        "card_drafted", "consultation_recorded", "version_submitted", "vote_cast", "vote_cast", "vote_cast",
        "dispatch_intended", "dispatch_permitted", "dispatch_answered",
    ]  # fmt: skip


def test_a_plan_says_under_which_agreement_it_is_measured_and_what_was_agreed_on(parties: Parties) -> None:
    agreement_id = parties.agree()
    with writing(parties.engine) as connection:
        acting = parties.acting(connection, OPERATOR)
        dispatch, _ = intend(
            acting, Label.REHEARSED, agreement_id, 0, start_at=parties.now, stop_at=parties.now + DAY_S, n_probes=7
        )

    plan = plan_of(dispatch)

    assert plan.tag == dispatch.tag
    assert sum(one.requested for one in plan.selections) == 7
    assert plan.definitions[0].is_public
