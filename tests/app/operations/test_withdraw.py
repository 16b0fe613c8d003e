"""What may not go on is stopped at RIPE Atlas, read back, and quarantined where it comes late all the same."""

import hashlib
import json
from functools import partial

import pytest

from app.operations import agree
from app.operations.due_tasks import DECIDE_EVERY_S, Tasks
from app.operations.fetch_window import Fetched, Fetcher
from app.operations.prepare_records import Preparer
from app.operations.reparse_records import reparse_records, retry_quarantine
from app.operations.run_due import run_due
from app.operations.send_dispatches import send
from app.operations.stop_dispatches import cessation_record, decide_again, stop_withdrawn, withdraw_agreement
from app.store.audit import Wanted, entries
from app.store.catalogue import put_entry
from app.store.engine import reading, writing
from measurements.agreements.agreement import Cause, State
from measurements.agreements.audit import Act, Subject, SubjectKind
from measurements.agreements.parties import Party
from measurements.agreements.reasons import Reason
from measurements.atlas.failures import Phase, ServerFailed
from measurements.atlas.gateway import Plan
from measurements.atlas.memory import MemoryAtlas
from measurements.campaigns.collecting import Window
from measurements.definitions.ping import Ping
from measurements.errors import NotPossible
from measurements.results.outcome import Label
from measurements.selections import in_country
from measurements.units import DAY_S, iso
from tests.agreeing import PROBES, Parties, who
from tests.collecting import PING
from tests.measurements.agreements.making import CARD, make_card, make_entry

OPERATOR = Party.TOJIKTELECOM
AWAY = ServerFailed("502", phase=Phase.WAIT, status=502)


def cessation_digests(parties: Parties, agreement_id: int) -> list[str | None]:
    with reading(parties.engine) as connection:
        found = entries(connection, Wanted(Subject(SubjectKind.AGREEMENT, agreement_id), Act.CESSATION_RECORDED))
    return [one.digest for one in found]


@pytest.mark.acceptance("agreement.4")
def test_one_call_stops_everything_and_reads_it_back(parties: Parties) -> None:
    agreement_id = parties.agree()
    first, second = parties.dispatched(agreement_id), parties.intend(agreement_id, 1)[0]
    send(parties.transaction, parties.atlas, parties.clock, second)

    stopping = withdraw_agreement(
        parties.transaction, parties.atlas, parties.clock, Label.REHEARSED, agreement_id, who(OPERATOR)
    )

    numbers = {parties.atlas_id(first), parties.atlas_id(second)}
    assert (set(stopping.stopped), stopping.pending, stopping.failures) == (numbers, (), {})
    assert all(parties.atlas.measurement(one).status.is_final for one in stopping.stopped)
    assert parties.state(agreement_id) is State.WITHDRAWN
    record = cessation_record(parties.transaction, agreement_id)
    assert record["is_complete"]
    assert {one["atlas_id"] for one in record["measurements"]} == numbers
    assert record["withdrawals"] == [{"party": OPERATOR, "withdrawn_at": iso(parties.now)}]
    assert cessation_digests(parties, agreement_id) == [
        hashlib.sha256(json.dumps(record, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
    ]  # by means that anybody has
    with pytest.raises(NotPossible, match="withdrawn"):
        withdraw_agreement(
            parties.transaction, parties.atlas, parties.clock, Label.REHEARSED, agreement_id, who(Party.RIPE_NCC)
        )


@pytest.mark.acceptance("agreement.4")
def test_stopping_goes_on_through_failures(parties: Parties) -> None:
    agreement_id = parties.agree()
    dispatch_id = parties.dispatched(agreement_id)
    parties.atlas.fail_next("stop", AWAY, AWAY)

    once = withdraw_agreement(
        parties.transaction, parties.atlas, parties.clock, Label.REHEARSED, agreement_id, who(OPERATOR)
    )
    again = decide_again(parties.transaction, parties.atlas, parties.clock, Label.REHEARSED)
    last = stop_withdrawn(parties.transaction, parties.atlas, parties.clock, Label.REHEARSED, agreement_id)

    assert (once.stopped, again.stopped) == ((), ())
    assert list(once.failures) == list(again.failures) == [parties.atlas_id(dispatch_id)]
    assert last.stopped == (parties.atlas_id(dispatch_id),)
    assert len(cessation_digests(parties, agreement_id)) == 1
    with reading(parties.engine) as connection:
        refused = entries(connection, Wanted(Subject(SubjectKind.AGREEMENT, agreement_id), Act.DISPATCH_REFUSED))
    assert len(refused) == 1, "it is refused once, however often it is asked to stop"
    assert cessation_record(parties.transaction, agreement_id)["is_complete"]


@pytest.mark.acceptance("agreement.4")
def test_only_the_atlas_that_measures_is_asked_to_stop(parties: Parties) -> None:
    """A rehearsal numbers its measurements as it likes: what it stops is none of what RIPE Atlas runs, and back."""
    agreement_id = parties.agree()
    atlas_id = parties.atlas_id(parties.dispatched(agreement_id))
    parties.dispatched(agreement_id)
    assert atlas_id is not None
    other = MemoryAtlas(parties.clock, probes=PROBES)
    [theirs] = other.dispatch(
        Plan(definitions=(Ping(address_family=4, description="-", target="k-root", interval_s=300),),
             selections=(in_country("TJ", 5),), tag="theirs")
    )  # fmt: skip
    assert theirs == atlas_id

    work = parties.transaction, other, parties.clock, Label.MEASURED, agreement_id
    stopping = withdraw_agreement(*work, who(OPERATOR))

    assert (stopping.stopped, stopping.pending) == ((), ())
    assert not other.measurement(theirs).status.is_final
    assert not cessation_record(parties.transaction, agreement_id)["is_complete"]
    assert cessation_digests(parties, agreement_id) == []
    stop_withdrawn(parties.transaction, parties.atlas, parties.clock, Label.REHEARSED, agreement_id)
    assert parties.atlas.measurement(atlas_id).status.is_final
    assert len(cessation_digests(parties, agreement_id)) == 1


def test_what_runs_is_stopped_when_the_gate_refuses_it(parties: Parties) -> None:
    dispatch_id = parties.dispatched(parties.agree())
    assert decide_again(parties.transaction, parties.atlas, parties.clock, Label.REHEARSED).stopped == ()

    with writing(parties.engine) as connection:
        put_entry(connection, make_entry(opted_out_at=parties.now), parties.now)
    stopping = decide_again(parties.transaction, parties.atlas, parties.clock, Label.REHEARSED)

    assert stopping.stopped == (parties.atlas_id(dispatch_id),)
    assert decide_again(parties.transaction, parties.atlas, parties.clock, Label.REHEARSED).stopped == ()


@pytest.mark.parametrize("name", ["193.0.14.129", "k.root-servers.net", "mirror.example"])
def test_whose_owner_opted_out_is_not_measured_by_another_name(parties: Parties, name: str) -> None:
    """Another entry at the same address is the same target, and what is sent to both adds up."""
    agreement_id = parties.agree(make_card(max_packets_per_s="0.3"))
    other_id = parties.agree(
        make_card(max_packets_per_s="0.3", measurements=[CARD["measurements"][0] | {"target": name}])
    )
    with writing(parties.engine) as connection:
        put_entry(connection, make_entry(name=name), parties.now)
        put_entry(connection, make_entry(name="far.example", pinned_addresses=frozenset({"192.0.2.1"})), parties.now)
    dispatch_id = parties.dispatched(agreement_id)
    assert parties.intend(other_id)[1].reason is Reason.TOO_MANY_PACKETS

    with writing(parties.engine) as connection:
        put_entry(
            connection,
            make_entry(name="far.example", opted_out_at=parties.now, pinned_addresses=frozenset({"192.0.2.1"})),
            parties.now,
        )
    assert decide_again(parties.transaction, parties.atlas, parties.clock, Label.REHEARSED).stopped == ()
    with writing(parties.engine) as connection:
        put_entry(connection, make_entry(opted_out_at=parties.now), parties.now)
    stopping = decide_again(parties.transaction, parties.atlas, parties.clock, Label.REHEARSED)

    assert stopping.stopped == (parties.atlas_id(dispatch_id),)
    assert parties.intend(other_id)[1].reason is Reason.OWNER_OPTED_OUT


def test_what_ended_by_itself_is_under_way_no_longer(parties: Parties) -> None:
    """Nor does it count among what the target gets."""
    agreement_id = parties.agree(make_card(max_packets_per_s="0.3"))
    parties.dispatched(agreement_id)
    assert parties.intend(agreement_id)[1].reason is Reason.TOO_MANY_PACKETS
    parties.clock.advance(31 * DAY_S)

    stopping = decide_again(parties.transaction, parties.atlas, parties.clock, Label.REHEARSED)

    assert len(stopping.stopped) == 1
    assert "stop" not in parties.atlas.calls
    assert parties.intend(agreement_id)[1].is_permitted


@pytest.mark.acceptance("agreement.4")
def test_what_is_uploaded_late_is_kept_and_not_used_where_it_was_measured_after_a_withdrawal(parties: Parties) -> None:
    """It stays so when everything is read again."""
    agreement_id = parties.agree()
    atlas_id = parties.atlas_id(parties.dispatched(agreement_id))
    assert atlas_id is not None
    parties.clock.advance(DAY_S)
    withdrawn_at = parties.now
    withdraw_agreement(parties.transaction, parties.atlas, parties.clock, Label.REHEARSED, agreement_id, who(OPERATOR))
    for probe_id, measured_at in enumerate((withdrawn_at - 240, withdrawn_at, withdrawn_at + 240), 9_100_001):
        parties.atlas.hand_in(atlas_id, probe_id, measured_at, stored_at=withdrawn_at + 9_000, **PING)
    parties.clock.advance(DAY_S)
    fetcher = Fetcher(
        transaction=parties.transaction, atlas=parties.atlas, clock=parties.clock, preparer=Preparer(1),
        label=Label.REHEARSED, origin="http://atlas.example",
    )  # fmt: skip
    fetched = Fetched()

    fetcher.fetch(atlas_id, Window(withdrawn_at - DAY_S, None), fetched)

    assert (fetched.read, fetched.kept, fetched.quarantined) == (3, 1, 2)
    assert fetched.by_reason == {"outside_consent": 2}
    with writing(parties.engine) as connection:
        again = reparse_records(connection, clock=parties.clock, preparer=Preparer(1))
        assert again.by_status == {}
        assert retry_quarantine(connection, clock=parties.clock, preparer=Preparer(1)).by_status == {}


@pytest.mark.acceptance("agreement.4")
def test_the_worker_stops_within_minutes_what_may_not_go_on(parties: Parties) -> None:
    """Whoever it was told to, and although the platform is away for a while."""
    agreement_id = parties.agree()
    atlas_id = parties.atlas_id(parties.dispatched(agreement_id)) or 0
    with writing(parties.engine) as connection:
        agree.suspend_agreement(parties.acting(connection, OPERATOR), agreement_id, Cause.DISPUTE)
    fetcher = Fetcher(
        transaction=parties.transaction, atlas=parties.atlas, clock=parties.clock, preparer=Preparer(1),
        label=Label.REHEARSED, origin="http://atlas.example",
    )  # fmt: skip
    tasks = Tasks(
        snapshot=partial(reading, parties.engine), fetcher_for=lambda _: fetcher, tend=lambda: None, seal=lambda _: None
    )
    suspended_at = parties.now
    parties.atlas.fail_next("stop", AWAY)

    while not parties.atlas.measurement(atlas_id).status.is_final:
        assert parties.now - suspended_at <= 2 * DECIDE_EVERY_S
        parties.clock.sleep(run_due(parties.transaction, parties.clock, tasks, worker="a"))

    assert cessation_record(parties.transaction, agreement_id)["measurements"][0]["stop_asked_at"] is not None
