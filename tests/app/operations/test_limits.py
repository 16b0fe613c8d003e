"""What RIPE Atlas would refuse for its limits is refused here, by name; what came last is stopped where one narrows."""

from decimal import Decimal

from app.operations.intend_dispatches import ask_gate
from app.operations.send_dispatches import send, send_intended
from app.operations.stop_dispatches import decide_again
from app.store.catalogue import put_entry
from app.store.dispatches import find_under_way
from app.store.engine import reading, writing
from measurements.agreements.gate import explained
from measurements.agreements.parties import Party
from measurements.agreements.reasons import Reason
from measurements.campaigns.limits import PlatformLimits
from measurements.results.outcome import Label
from measurements.units import DAY_S
from tests.agreeing import Parties
from tests.measurements.agreements.making import make_card, make_entry

WIDE = {"max_packets_per_s": "900", "max_credits": 10**9}


def test_what_runs_and_what_waits_counts(parties: Parties) -> None:
    """Two of three are planned, and the third would be one too many; when one has ended, it fits."""
    agreement_id = _agreed(parties)
    limits = PlatformLimits(per_target=2)
    parties.dispatched(agreement_id)
    parties.intend(agreement_id, stop_at=parties.now + DAY_S, limits=limits)
    _, refused = parties.intend(agreement_id, limits=limits)

    assert refused.reason is Reason.TOO_MANY_AT_TARGET
    parties.clock.advance(DAY_S)
    assert parties.intend(agreement_id, limits=limits)[1].is_permitted


def test_the_figures_are_told_and_when_it_would_fit(parties: Parties) -> None:
    agreement_id = _agreed(parties)
    parties.dispatched(agreement_id)
    with writing(parties.engine) as connection:
        acting = parties.acting(connection, Party.RIPE_NCC)
        times = parties.now + 60, parties.now + DAY_S
        case = ask_gate(
            acting, Label.REHEARSED, agreement_id, 0, start_at=times[0], stop_at=times[1],
            limits=PlatformLimits(concurrent=1, results_per_day=10_000),
        )  # fmt: skip

    assert list(case.surroundings.exceeded) == [Reason.TOO_MANY_AT_ONCE, Reason.TOO_MANY_RESULTS_PER_DAY]
    told = explained(case, Reason.TOO_MANY_RESULTS_PER_DAY)
    assert told.endswith("14400 results a day, and 10000 are allowed. It would fit from 2027-02-14T08:00:00Z on.")


def test_a_limit_that_narrows_stops_what_came_last(parties: Parties) -> None:
    """And what waits is not sent; the first one goes on."""
    agreement_id = _agreed(parties)
    work = parties.transaction, parties.atlas, parties.clock, Label.REHEARSED
    first = parties.dispatched(agreement_id)
    parties.clock.advance(1)
    second = parties.dispatched(agreement_id)
    waiting, _ = parties.intend(agreement_id)
    narrow = PlatformLimits(concurrent=1)

    stopping = decide_again(*work, narrow)
    assert stopping.stopped == (parties.atlas_id(second),)
    assert send_intended(*work, narrow) == 0
    with reading(parties.engine) as connection:
        assert [one.dispatch_id for one in find_under_way(connection, Label.REHEARSED)] == [first]
    assert send(*work[:3], waiting, PlatformLimits(concurrent=2)).is_permitted


def _agreed(parties: Parties) -> int:
    with writing(parties.engine) as connection:
        put_entry(connection, make_entry(max_packets_per_s=Decimal(100)), parties.now)
    return parties.agree(make_card(**WIDE))
