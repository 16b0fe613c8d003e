"""The treasury: whoever pays is never below nothing, and what is not needed comes back."""

import threading
from typing import Any

import pytest

from app.operations import keep_treasury
from app.operations.agree import suspend_agreement
from app.operations.find_lost_dispatches import find_lost
from app.operations.reconcile_credits import reconcile, settle_due
from app.operations.send_dispatches import send, send_intended
from app.operations.stop_dispatches import decide_again
from app.store import treasury as store
from app.store.engine import reading, writing
from measurements.agreements.agreement import Cause
from measurements.agreements.gate import Decision
from measurements.agreements.parties import Party
from measurements.agreements.reasons import Reason
from measurements.atlas.failures import AnswerLost, Phase, Refused, TimedOut
from measurements.campaigns.treasury import Account, EntryKind, Holding
from measurements.errors import InvalidContent
from measurements.results.outcome import Label
from measurements.units import DAY_S
from tests.agreeing import Parties
from tests.measurements.agreements.making import make_card

PING_DAY = 3 * 20 * 360
"""Three packets, twenty probes, a round every 240 s."""
ONE = 600
"""Credits that are not enough."""
REFUSED = Refused("no", phase=Phase.READ, status=400, code=102)


def allot(parties: Parties, agreement_id: int, credits_: int, payer: Party = Party.RIPE_NCC, **more: Any) -> Account:
    with writing(parties.engine) as connection:
        acting = parties.acting(connection, payer)
        return keep_treasury.allot(acting, Label.REHEARSED, agreement_id, credits_, **more)


def intend_day(parties: Parties, agreement_id: int, entry: int = 0, **more: Any) -> tuple[int, Decision]:
    start_at = parties.now + 60
    return parties.intend(agreement_id, entry, start_at=start_at, stop_at=start_at + DAY_S, **more)


def accounts(parties: Parties) -> list[Account]:
    with reading(parties.engine) as connection:
        return store.find_accounts(connection)


def holding(parties: Parties, dispatch_id: int) -> Holding | None:
    with reading(parties.engine) as connection:
        return store.find_holdings(connection).get(dispatch_id)


@pytest.fixture
def agreed(parties: Parties) -> int:
    return parties.agree(make_card(max_packets_per_s="900", max_credits=10**9))


def test_without_an_account_the_cards_limit_is_all(parties: Parties, agreed: int) -> None:
    dispatch_id, decision = intend_day(parties, agreed)

    assert decision.is_permitted
    assert holding(parties, dispatch_id) is None


def test_what_it_may_cost_is_held_with_the_decision(parties: Parties, agreed: int) -> None:
    allot(parties, agreed, PING_DAY + ONE)
    dispatch_id, decision = intend_day(parties, agreed)

    assert decision.is_permitted
    assert holding(parties, dispatch_id) == Holding(1, reserved=PING_DAY)
    assert [one.available for one in accounts(parties)] == [ONE]
    _, refused = intend_day(parties, agreed)
    assert refused.reason is Reason.OVER_BUDGET
    assert [one.available for one in accounts(parties)] == [ONE], "what is refused holds nothing"


def test_one_that_is_over_budget_goes_once_somebody_pays(parties: Parties, agreed: int) -> None:
    allot(parties, agreed, PING_DAY - 1)
    assert intend_day(parties, agreed)[1].reason is Reason.OVER_BUDGET

    allot(parties, agreed, PING_DAY, Party.TOJIKTELECOM)
    dispatch_id, decision = intend_day(parties, agreed)
    assert decision.is_permitted
    assert holding(parties, dispatch_id) == Holding(2, reserved=PING_DAY), "one account pays for all of it"


def test_a_campaign_with_an_account_spends_that_and_no_other(parties: Parties, agreed: int) -> None:
    allot(parties, agreed, 10 * PING_DAY)
    own = allot(parties, agreed, PING_DAY, campaign="k-root-tj")
    first, _ = intend_day(parties, agreed, campaign="k-root-tj")
    _, refused = intend_day(parties, agreed, campaign="k-root-tj")
    other, _ = intend_day(parties, agreed, campaign="tj-servers")

    assert holding(parties, first) == Holding(own.account_id, reserved=PING_DAY)
    assert refused.reason is Reason.OVER_BUDGET
    assert holding(parties, other) == Holding(1, reserved=PING_DAY)


def test_what_is_held_is_committed_when_the_platform_answers(parties: Parties, agreed: int) -> None:
    allot(parties, agreed, PING_DAY)
    dispatch_id, _ = intend_day(parties, agreed)
    send(parties.transaction, parties.atlas, parties.clock, dispatch_id)

    assert holding(parties, dispatch_id) == Holding(1, reserved=PING_DAY, committed=PING_DAY)


def test_a_refusal_by_the_platform_releases_all(parties: Parties, agreed: int) -> None:
    allot(parties, agreed, PING_DAY)
    dispatch_id, _ = intend_day(parties, agreed)
    parties.atlas.fail_next("dispatch", REFUSED)
    with pytest.raises(Refused):
        send(parties.transaction, parties.atlas, parties.clock, dispatch_id)

    assert holding(parties, dispatch_id) == Holding(1, reserved=PING_DAY, released=PING_DAY)
    assert intend_day(parties, agreed)[1].is_permitted


def test_a_lost_answer_keeps_what_is_held_until_it_is_known(parties: Parties, agreed: int) -> None:
    allot(parties, agreed, PING_DAY)
    dispatch_id, _ = intend_day(parties, agreed)
    parties.atlas.fail_next("dispatch", AnswerLost("tag", TimedOut("late", phase=Phase.READ)))
    with pytest.raises(AnswerLost):
        send(parties.transaction, parties.atlas, parties.clock, dispatch_id)
    assert holding(parties, dispatch_id) == Holding(1, reserved=PING_DAY)

    find_lost(parties.transaction, parties.atlas, parties.clock, Label.REHEARSED)
    assert holding(parties, dispatch_id) == Holding(1, reserved=PING_DAY, committed=PING_DAY)


def test_what_nobody_sent_in_time_is_released(parties: Parties, agreed: int) -> None:
    allot(parties, agreed, PING_DAY)
    intend_day(parties, agreed)
    parties.clock.advance(2 * 3_600)
    send_intended(parties.transaction, parties.atlas, parties.clock, Label.REHEARSED)

    assert [one.available for one in accounts(parties)] == [PING_DAY]


def test_what_is_stopped_frees_what_it_can_no_longer_cost(parties: Parties, agreed: int) -> None:
    """The rounds until then may be charged yet; of all others nothing can come."""
    allot(parties, agreed, PING_DAY)
    dispatch_id, _ = intend_day(parties, agreed)
    send(parties.transaction, parties.atlas, parties.clock, dispatch_id)
    parties.clock.advance(60 + 10 * 240)
    with writing(parties.engine) as connection:
        suspend_agreement(parties.acting(connection, Party.RIPE_NCC), agreed, Cause.DISPUTE)
    decide_again(parties.transaction, parties.atlas, parties.clock, Label.REHEARSED)

    held = holding(parties, dispatch_id)
    assert held is not None
    assert held.held == 10 * 3 * 20


def test_what_was_charged_is_settled_and_the_rest_released_at_last(parties: Parties, agreed: int) -> None:
    allot(parties, agreed, PING_DAY)
    dispatch_id, _ = intend_day(parties, agreed)
    send(parties.transaction, parties.atlas, parties.clock, dispatch_id)
    atlas_id = parties.atlas_id(dispatch_id)
    assert atlas_id
    for n in range(7):
        parties.atlas.hand_in(atlas_id, 9_100_001, parties.now + 60 + n)
    parties.clock.advance(3_600)

    settle_due(parties.transaction, parties.atlas, parties.clock, Label.REHEARSED)
    assert holding(parties, dispatch_id) == Holding(1, PING_DAY, PING_DAY, settled=21)
    parties.clock.advance(11 * DAY_S)
    done = reconcile(parties.transaction, parties.atlas, parties.clock, Label.REHEARSED)
    assert done.agrees
    assert done.charged == 21
    assert holding(parties, dispatch_id) == Holding(1, PING_DAY, PING_DAY, settled=21, released=PING_DAY - 21)
    parties.atlas.calls.clear()
    settle_due(parties.transaction, parties.atlas, parties.clock, Label.REHEARSED)
    assert parties.atlas.calls == [], "nobody is asked where nothing is held"


def test_credits_are_taken_back_while_nobody_holds_them(parties: Parties, agreed: int) -> None:
    allot(parties, agreed, PING_DAY + ONE)
    intend_day(parties, agreed)
    with pytest.raises(InvalidContent, match=f"only {ONE} are there"):
        allot(parties, agreed, -ONE - 1)

    assert allot(parties, agreed, -ONE).available == 0


@pytest.mark.acceptance("orchestration.6")
def test_of_fifty_that_race_for_the_last_credits_as_many_win_as_can_be_paid(parties: Parties, agreed: int) -> None:
    """Each in a thread and a unit of work of its own; the account is empty then, and never held less."""
    n_paid = 3
    allot(parties, agreed, n_paid * PING_DAY + PING_DAY // 2)
    together, decisions = threading.Barrier(50), list[Decision]()

    def race() -> None:
        together.wait()
        decisions.append(intend_day(parties, agreed)[1])

    threads = [threading.Thread(target=race) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(one.is_permitted for one in decisions) == n_paid
    assert {one.reason for one in decisions if not one.is_permitted} == {Reason.OVER_BUDGET}
    assert len(decisions) == 50
    with reading(parties.engine) as connection:
        entries = store.find_entries(connection)
    assert [one.kind for one in entries] == [EntryKind.ALLOT, *[EntryKind.RESERVE] * n_paid]
    assert [one.available for one in entries][-1] == PING_DAY // 2
