"""What was sent and not answered is found, sent again or left to a person, and never made twice unseen."""

from functools import partial
from typing import Any

import pytest

from app.operations import agree
from app.operations.answer_dispatches import note_made
from app.operations.send_dispatches import send, send_intended
from app.operations.settle_dispatches import adopt_measurement, give_up
from app.operations.stop_dispatches import cessation_record, decide_again, withdraw_agreement
from app.store.engine import writing
from measurements.agreements.agreement import Cause
from measurements.agreements.audit import Act
from measurements.agreements.parties import Party
from measurements.atlas.failures import KeyMissing, Phase, Unreachable
from measurements.campaigns.dispatching import LEASE_S, LOOKS_APART_S, UNSEEN_AFTER_S, DispatchState
from measurements.errors import NotFound, NotPossible
from tests.agreeing import Parties, who
from tests.app.operations.asking import Asking

OPERATOR = Party.TOJIKTELECOM
AWAY = Unreachable("no way there", phase=Phase.CONNECT)


@pytest.fixture
def asking(parties: Parties) -> Asking:
    return Asking(parties, parties.agree())


@pytest.mark.acceptance("orchestration.2")
def test_it_is_sent_again_only_after_two_look_ups_ten_minutes_apart(asking: Asking) -> None:
    """The first of them when whoever has sent it can be at it no longer."""
    asking.claim()
    states = []
    for _ in range((LEASE_S + LOOKS_APART_S) // 60 - 1):
        assert asking.find() == 0
        assert send_intended(*asking.work) == 0
        with pytest.raises(NotPossible, match="sent already"):
            send(*asking.work[:3], asking.dispatch_id)
        states.append(asking.state())
    assert "dispatch" not in asking.parties.atlas.calls
    assert (states[0], states[8], states[-1]) == (DispatchState.SENDING, DispatchState.SENDING, DispatchState.LOST)
    assert "asked again at" in (asking.held().trouble or "")

    assert asking.find() == 1
    assert asking.state() is DispatchState.WAITING
    assert send_intended(*asking.work) == 1

    assert asking.state() is DispatchState.RUNNING
    assert (asking.held().n_sent, asking.held().trouble) == (2, None)
    assert len(asking.parties.atlas.find_by_tag(asking.held().tag)) == 1


@pytest.mark.acceptance("orchestration.2")
@pytest.mark.acceptance("orchestration.7")
@pytest.mark.parametrize("why", ["suspended", "over"])
def test_it_is_not_sent_again_where_it_may_not_be(asking: Asking, why: str) -> None:
    asking.claim()
    if why == "suspended":
        with writing(asking.parties.engine) as connection:
            agree.suspend_agreement(asking.parties.acting(connection, OPERATOR), asking.agreement_id, Cause.DISPUTE)
        decide_again(*asking.work)
    else:
        asking.parties.clock.advance(31 * 86_400)
    asking.miss_twice()

    assert asking.state() is DispatchState.FAILED
    assert "never made" in (asking.held().failure or "")
    assert send_intended(*asking.work) == 0
    assert "dispatch" not in asking.parties.atlas.calls


def test_the_gate_is_asked_as_if_nobody_had_sent_it(asking: Asking) -> None:
    asking.claim()
    asking.miss_twice()
    with writing(asking.parties.engine) as connection:
        agree.suspend_agreement(asking.parties.acting(connection, OPERATOR), asking.agreement_id, Cause.DISPUTE)

    assert send_intended(*asking.work) == 0

    assert (asking.held().sent_at, asking.parties.atlas.calls.count("dispatch")) == (None, 0)


@pytest.mark.acceptance("orchestration.2")
@pytest.mark.parametrize("more", [{}, {"packets": 5}, {"target": "192.0.2.1"}, {"is_public": False}])
def test_of_several_a_person_says_which_it_is_and_the_others_are_stopped(asking: Asking, more: dict[str, Any]) -> None:
    asking.lose()
    (first,) = (one.atlas_id for one in asking.parties.atlas.find_by_tag(asking.held().tag))
    other = asking.make_besides(**more)
    for _ in range(3):
        assert asking.find() == 0
    decide_again(*asking.work)

    assert asking.state() is DispatchState.UNDECIDED
    assert asking.held().atlas_id is None
    assert str(first) in (asking.held().trouble or "")
    assert str(other) in (asking.held().trouble or "")
    assert asking.is_running(first)
    assert asking.is_running(other)
    assert asking.told(Act.DISPATCH_REFERRED) == 1

    with pytest.raises(NotFound):
        asking.settle(adopt_measurement, first, agreement_id=99)
    with pytest.raises(NotPossible, match="not found under its tag"):
        asking.settle(adopt_measurement, 7)
    if more.keys() & {"target", "is_public"}:
        with pytest.raises(NotPossible, match="not what was to be dispatched"):
            asking.settle(adopt_measurement, other)
    asking.settle(adopt_measurement, first)
    stopping = decide_again(*asking.work)

    assert (asking.held().atlas_id, asking.state()) == (first, DispatchState.RUNNING)
    assert stopping.stopped == (other,)
    assert asking.is_running(first)
    assert not asking.is_running(other)
    assert decide_again(*asking.work).stopped == ()
    with pytest.raises(NotPossible, match="known"):
        asking.settle(give_up)


def test_what_is_not_what_was_asked_for_is_not_adopted(asking: Asking) -> None:
    asking.claim()
    other = asking.make_besides(target="192.0.2.1")
    assert asking.find() == 0

    assert asking.held().atlas_id is None
    assert "not as asked for in target" in (asking.held().trouble or "")
    with pytest.raises(NotPossible, match="being sent"):
        asking.settle(give_up)
    asking.parties.clock.advance(LEASE_S)
    asking.settle(give_up)
    assert decide_again(*asking.work).stopped == (other,)
    assert asking.state() is DispatchState.FAILED
    assert (asking.told(Act.DISPATCH_SETTLED), asking.told(Act.MEASUREMENT_STOPPED)) == (1, 1)


def test_what_cannot_be_looked_up_is_for_a_person_after_an_hour(asking: Asking) -> None:
    """And is found when it can be: there is nothing to decide then."""
    asking.lose()
    atlas = asking.parties.atlas
    atlas.fail_next("find_by_tag", *[AWAY] * 3, KeyMissing("401", phase=Phase.READ, status=401))
    assert asking.find() == 0
    assert asking.state() is DispatchState.LOST
    assert "no way there" in (asking.held().trouble or "")
    asking.parties.clock.advance(UNSEEN_AFTER_S)
    assert asking.find() == 0
    assert asking.state() is DispatchState.UNDECIDED
    asking.find()
    asking.find()
    assert "set RASAD_ATLAS_READ_KEY" in (asking.held().trouble or "")
    assert atlas.calls.count("dispatch") == 1

    assert asking.find() == 1
    assert asking.state() is DispatchState.RUNNING


def test_one_that_cannot_be_looked_up_keeps_no_other_waiting(parties: Parties) -> None:
    first, second = (Asking(parties, parties.agree()) for _ in range(2))
    first.lose()
    second.lose()
    parties.atlas.fail_next("find_by_tag", AWAY)

    assert first.find() == 1
    assert [one.state() for one in (first, second)] == [DispatchState.LOST, DispatchState.RUNNING]


@pytest.mark.acceptance("orchestration.2")
def test_a_call_that_is_carried_out_late_after_all_is_seen_and_stopped(asking: Asking) -> None:
    """It was sent again meanwhile, under the same tag: that is what it is found by."""
    asking.claim()
    asking.miss_twice()
    send_intended(*asking.work)
    atlas_id = asking.held().atlas_id
    assert atlas_id
    late = asking.make_besides()
    asking.parties.clock.advance(LOOKS_APART_S)
    asking.find()
    stopping = decide_again(*asking.work)

    assert stopping.stopped == (late,)
    assert asking.is_running(atlas_id)
    assert [one.atlas_id for one in asking.held().surplus] == [late]
    assert asking.held().credits == 2 * asking.held().intent.credits


def test_what_is_carried_out_late_before_it_is_sent_again_is_stopped_and_not_sent_again(asking: Asking) -> None:
    asking.claim()
    asking.miss_twice()
    late = asking.make_besides()
    asking.parties.clock.advance(LOOKS_APART_S)
    asking.find()

    assert send_intended(*asking.work) == 0
    assert "made it after all" in (asking.held().failure or "")
    assert decide_again(*asking.work).stopped == (late,)


@pytest.mark.acceptance("orchestration.2")
def test_an_answer_that_comes_when_it_was_sent_again_is_not_lost_sight_of(asking: Asking) -> None:
    asking.claim()
    claimed = asking.held()
    asking.miss_twice()
    send_intended(*asking.work)
    late = asking.make_besides()

    note_made(asking.parties.transaction, claimed, late, asking.parties.now)
    note_made(asking.parties.transaction, claimed, late, asking.parties.now)

    assert asking.held().atlas_id not in (None, late)
    assert [one.atlas_id for one in asking.held().surplus] == [late]
    assert decide_again(*asking.work).stopped == (late,)


@pytest.mark.acceptance("agreement.4")
@pytest.mark.acceptance("orchestration.7")
def test_a_withdrawal_looks_up_what_was_not_answered_and_stops_it(asking: Asking) -> None:
    asking.lose()
    (atlas_id,) = (one.atlas_id for one in asking.parties.atlas.find_by_tag(asking.held().tag))

    stopping = withdraw_agreement(*asking.work, asking.agreement_id, who(OPERATOR))

    assert stopping.stopped == (atlas_id,)
    assert not asking.is_running(atlas_id)
    assert cessation_record(asking.parties.transaction, asking.agreement_id)["is_complete"]


@pytest.mark.acceptance("agreement.4")
def test_a_withdrawal_stops_everything_under_a_tag_also_where_nobody_has_decided(asking: Asking) -> None:
    asking.lose()
    other = asking.make_besides()
    (first, _) = (one.atlas_id for one in asking.parties.atlas.find_by_tag(asking.held().tag))
    asking.parties.atlas.fail_next("stop", AWAY)
    withdraw = partial(withdraw_agreement, *asking.work, asking.agreement_id, who(OPERATOR))

    once = withdraw()
    assert not cessation_record(asking.parties.transaction, asking.agreement_id)["is_complete"]
    again = decide_again(*asking.work)

    assert (once.stopped, again.stopped) == ((other,), (first,))
    record = cessation_record(asking.parties.transaction, asking.agreement_id)
    assert record["is_complete"]
    assert {one["atlas_id"] for one in record["measurements"]} == {None, first, other}
