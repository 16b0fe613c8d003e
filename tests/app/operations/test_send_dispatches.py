"""What RIPE Atlas does not take now is tried again later, what it never will has failed, and nobody calls twice."""

from itertools import pairwise
from threading import Barrier, Thread

import pytest

from app.operations.find_lost_dispatches import find_lost
from app.operations.send_dispatches import send, send_intended
from app.operations.stop_dispatches import decide_again
from app.store.dispatches import Dispatch, committed_credits, find_dispatch, note
from app.store.engine import reading, writing
from measurements.agreements.reasons import Reason
from measurements.atlas.failures import (
    AccountBusy,
    AnswerLost,
    AtlasFailure,
    KeyMissing,
    NoCredits,
    NoProbes,
    NotAllowed,
    Phase,
    Refused,
    TargetBusy,
    TooMany,
    Unreachable,
)
from measurements.campaigns.dispatching import LAPSES_AFTER_S, LONGEST_PAUSE_S, DispatchState, pause_s
from measurements.errors import NotPossible, Stopped
from measurements.results.outcome import Label
from measurements.units import DAY_S
from tests.agreeing import Parties
from tests.measurements.agreements.making import CARD, make_card

ONCE = CARD["measurements"][0] | {"interval_s": None}


def failure(kind: type[AtlasFailure]) -> AtlasFailure:
    return kind("why not", phase=Phase.READ)


def held(parties: Parties, dispatch_id: int = 1) -> Dispatch:
    """A dispatch as it stands."""
    with reading(parties.engine) as connection:
        dispatch = find_dispatch(connection, dispatch_id)
    assert dispatch
    return dispatch


def state(parties: Parties, dispatch_id: int = 1) -> DispatchState:
    return held(parties, dispatch_id).state(parties.now, is_permitted=True)


def send_those(parties: Parties) -> int:
    """What the worker does every half minute."""
    return send_intended(parties.transaction, parties.atlas, parties.clock, Label.REHEARSED)


@pytest.mark.acceptance("orchestration.2")
@pytest.mark.parametrize("kind", [TargetBusy, AccountBusy, NoCredits, TooMany, KeyMissing, Unreachable])
def test_what_passes_is_tried_again_later_and_later(parties: Parties, kind: type[AtlasFailure]) -> None:
    parties.intend(parties.agree())
    parties.atlas.fail_next("dispatch", *[failure(kind)] * 3)
    tried_at = []
    while (waits := held(parties)).atlas_id is None:
        assert send_those(parties) in (0, 1)
        if held(parties).n_sent > waits.n_sent:
            tried_at.append(parties.now)
        if held(parties).atlas_id is None:
            assert state(parties) is DispatchState.WAITING
            assert "why not" in (held(parties).trouble or "")
            assert not held(parties).is_under_way
        parties.clock.advance(30)

    assert [after - before for before, after in pairwise(tried_at)] == [60, 120, 240]
    assert (state(parties), held(parties).trouble) == (DispatchState.RUNNING, None)
    assert parties.atlas.calls.count("dispatch") == 4


def test_a_missing_key_is_told_with_the_setting_that_holds_it(parties: Parties) -> None:
    dispatch_id, _ = parties.intend(parties.agree())
    parties.atlas.fail_next("dispatch", failure(KeyMissing))

    with pytest.raises(KeyMissing):
        send(parties.transaction, parties.atlas, parties.clock, dispatch_id)

    assert (held(parties).trouble or "").endswith("set RASAD_ATLAS_CREATE_KEY")
    assert held(parties).failure is None


@pytest.mark.parametrize("kind", [Refused, NotAllowed, NoProbes])
def test_what_does_not_pass_has_failed_for_good(parties: Parties, kind: type[AtlasFailure]) -> None:
    dispatch_id, _ = parties.intend(parties.agree())
    parties.atlas.fail_next("dispatch", failure(kind))

    with pytest.raises(kind):
        send(parties.transaction, parties.atlas, parties.clock, dispatch_id)
    parties.clock.advance(7_200)
    send_those(parties)

    assert (state(parties), held(parties).failure) == (DispatchState.FAILED, "why not")
    with pytest.raises(NotPossible):
        send(parties.transaction, parties.atlas, parties.clock, dispatch_id)
    assert parties.atlas.calls.count("dispatch") == 1


def test_a_one_off_waits_for_an_hour_and_a_periodic_one_until_its_end(parties: Parties) -> None:
    """Of what is periodic somebody waits for what is left; a one-off at another hour is another measurement."""
    agreement_id = parties.agree(make_card(measurements=[ONCE, CARD["measurements"][0]], max_packets_per_s="5"))
    for entry in (0, 1):
        parties.intend(agreement_id, entry, stop_at=parties.now + DAY_S, n_probes=5)
    parties.atlas.fail_next("dispatch", *[failure(TargetBusy)] * 100)
    send_those(parties)
    parties.clock.advance(LAPSES_AFTER_S + 61)
    send_those(parties)
    assert [state(parties, one) for one in (1, 2)] == [DispatchState.FAILED, DispatchState.WAITING]
    assert held(parties).failure == "its time has passed, since why not: ask for it again"
    parties.clock.advance(DAY_S)
    send_those(parties)

    assert state(parties, 2) is DispatchState.FAILED


def test_a_process_that_is_asked_to_end_leaves_it_to_the_next(
    parties: Parties, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing was sent then, and nobody has to look it up."""
    dispatch_id, _ = parties.intend(parties.agree())
    with monkeypatch.context() as patched:
        patched.setattr(parties.atlas, "dispatch", _ended)
        with pytest.raises(Stopped):
            send(parties.transaction, parties.atlas, parties.clock, dispatch_id)

    assert send_those(parties) == 1
    assert state(parties) is DispatchState.RUNNING


def _ended(*_: object) -> None:
    raise Stopped("asked to end")


@pytest.mark.acceptance("orchestration.2")
def test_of_many_who_send_one_calls(parties: Parties) -> None:
    """Workers and commands, at once, and again when it was refused for now."""
    parties.intend(parties.agree())
    for n_calls in (1, 2):
        if n_calls == 1:
            parties.atlas.fail_next("dispatch", failure(TargetBusy))
        barrier = Barrier(4)

        def work(barrier: Barrier = barrier) -> None:
            barrier.wait()
            send_those(parties)

        threads = [Thread(target=work) for _ in range(barrier.parties)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert parties.atlas.calls.count("dispatch") == n_calls
        parties.clock.advance(60)

    assert state(parties) is DispatchState.RUNNING


def test_an_outage_does_not_bring_all_in_doubt(parties: Parties) -> None:
    """Of what is sent one after the other the first that is lost keeps the rest for later."""
    agreement_id = parties.agree()
    for _ in range(3):
        parties.intend(agreement_id, n_probes=2)
    parties.atlas.fail_next("dispatch", AnswerLost("tag", failure(TooMany)))

    assert send_those(parties) == 0
    assert [state(parties, one) for one in (1, 2, 3)] == [
        DispatchState.LOST, DispatchState.INTENDED, DispatchState.INTENDED
    ]  # fmt: skip
    assert find_lost(parties.transaction, parties.atlas, parties.clock, Label.REHEARSED) == 1
    assert send_those(parties) == 2


def test_a_clock_that_is_set_back_undoes_nothing(parties: Parties) -> None:
    dispatch_id, decision = parties.intend(parties.agree())
    with writing(parties.engine) as connection:
        note(connection, dispatch_id, sent_at=decision.decided_at, lease_until_at=decision.decided_at, n_sent=1)
    parties.clock.advance(-3_600)

    assert find_lost(parties.transaction, parties.atlas, parties.clock, Label.REHEARSED) == 0
    assert held(parties).missed_at is None


def test_what_was_stopped_early_costs_what_it_can_have_cost(parties: Parties) -> None:
    agreement_id = parties.agree(make_card(max_packets_per_s="5"))
    dispatch_id = parties.dispatched(agreement_id)
    whole = held(parties).credits
    parties.clock.advance(60 + 3 * DAY_S)
    parties.atlas.stop(parties.atlas_id(dispatch_id) or 0)
    with writing(parties.engine) as connection:
        note(connection, dispatch_id, stopped_at=parties.now)
    other_id, _ = parties.intend(agreement_id)

    with reading(parties.engine) as connection:
        spent = committed_credits(connection, held(parties, other_id))

    assert spent == held(parties).intent.credits_until(parties.now) == pytest.approx(whole / 10, rel=0.01)


def test_what_is_rehearsed_spends_nothing_of_what_is_measured(parties: Parties) -> None:
    agreement_id = parties.agree(make_card(max_credits=1_000_000, max_packets_per_s="5"))
    parties.dispatched(agreement_id)
    other_id, decision = parties.intend(agreement_id)
    assert decision.reason is Reason.TOO_MANY_CREDITS

    with reading(parties.engine) as connection:
        rehearsed = held(parties, other_id)
        assert committed_credits(connection, rehearsed) == held(parties).intent.credits
        assert committed_credits(connection, rehearsed._replace(label=Label.MEASURED)) == 0
    assert decide_again(parties.transaction, parties.atlas, parties.clock, Label.REHEARSED).stopped == ()


def test_pauses_grow_up_to_half_an_hour_or_as_the_platform_asks() -> None:
    assert [pause_s(n) for n in (1, 2, 3, 4, 5, 6, 60)] == [60, 120, 240, 480, 960, LONGEST_PAUSE_S, LONGEST_PAUSE_S]
    assert pause_s(1, 90.5) == 90
    assert pause_s(1, 5) == 60
