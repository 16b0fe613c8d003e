"""Requests on both databases: linked to their dispatches, planned once, told to the audit, stopped when cancelled."""

from typing import Any

import pytest
from sqlalchemy import Engine, insert

from app.operations import agree, change_request, make_request
from app.operations.request_entries import one_request
from app.operations.send_dispatches import send, send_intended
from app.operations.stop_dispatches import decide_again
from app.operations.try_request import try_request
from app.store import tables
from app.store.audit import Wanted, entries
from app.store.dispatches import find_dispatch
from app.store.engine import reading, writing
from app.store.find_vantage import count_probes
from measurements.agreements.agreement import Cause
from measurements.agreements.audit import Subject, SubjectKind
from measurements.agreements.parties import Party
from measurements.atlas.memory import MemoryAtlas
from measurements.errors import NotPossible
from measurements.requests.request import read_question
from measurements.results.outcome import Label
from measurements.units import DAY_S
from tests.agreeing import PROBES, Parties
from tests.measurements.agreements.making import make_card

PING = {"targets": ["k-root"], "address_families": [4], "n_probes": 3}
REST = {
    "label": "rehearsed", "data_class": "public", "retrieved_at": 0, "source": "x", "is_anchor": False, "body": b"{}",
}  # fmt: skip
"""What else is kept of a probe."""
WORKS = [{**one, "tags": [{"slug": "system-ipv4-works"}]} for one in PROBES]


@pytest.fixture
def parties(engine: Engine) -> Parties:
    """Everybody, and an Atlas whose probes say over which family they work."""
    made = Parties(engine)
    made.atlas = MemoryAtlas(made.clock, probes=WORKS)
    return made


def ask(parties: Parties, **said: Any) -> int:
    """A request of the RIPE NCC's; its number."""
    with writing(parties.engine) as connection:
        acting = parties.acting(connection, Party.RIPE_NCC)
        return make_request.make_request(acting, Label.REHEARSED, read_question(PING | said)).request_id


def show(parties: Parties, request_id: int) -> dict[str, Any]:
    """How it stands."""
    with reading(parties.engine) as connection:
        return one_request(parties.acting(connection, Party.RIPE_NCC), request_id)


def told(parties: Parties, request_id: int) -> list[str]:
    """What the audit was told of a request, the oldest first."""
    with reading(parties.engine) as connection:
        return [one.act for one in entries(connection, Wanted(Subject(SubjectKind.REQUEST, request_id)))]


def work(parties: Parties) -> int:
    """What a worker does of it; gives how many measurements were planned."""
    n_planned = make_request.plan_waiting(parties.transaction, parties.clock, Label.REHEARSED)
    send_intended(parties.transaction, parties.atlas, parties.clock, Label.REHEARSED)
    return n_planned


def test_what_waits_is_planned_once_when_an_agreement_covers_it(parties: Parties) -> None:
    """However often the worker looks, and the rest of its time only."""
    waiting = ask(parties, stop_at="2027-02-01T00:00:00Z")
    assert [work(parties), work(parties)] == [0, 0]
    parties.agree()
    assert [work(parties), work(parties)] == [1, 0]

    (run,) = show(parties, waiting)["runs"]
    assert run["state"] == "sent"
    assert run["start_at"] == "2027-01-15T08:01:00Z"
    assert parties.atlas.calls.count("dispatch") == 1


def test_one_request_becomes_a_dispatch_for_each_type_and_target(parties: Parties) -> None:
    parties.agree()
    number = ask(parties, measurements=[{"type": "ping"}, {"type": "traceroute"}])
    runs = show(parties, number)["runs"]
    with reading(parties.engine) as connection:
        dispatches = [find_dispatch(connection, run["dispatch_id"]) for run in runs]

    assert [one and one.intent.allowed.type for one in dispatches] == ["ping", "traceroute"]
    assert len({one and one.tag for one in dispatches}) == 2


@pytest.mark.acceptance("orchestration.7")
def test_cancelled_between_intent_and_call_sends_nothing(parties: Parties) -> None:
    parties.agree()
    number = ask(parties)
    with writing(parties.engine) as connection:
        change_request.cancel_request(parties.acting(connection, Party.RIPE_NCC), number)
    work(parties)
    decision = send(parties.transaction, parties.atlas, parties.clock, 1)

    assert (decision.is_permitted, decision.reason) == (False, "request_cancelled")
    assert "dispatch" not in parties.atlas.calls
    assert told(parties, number) == ["request_made", "request_cancelled"]


@pytest.mark.acceptance("orchestration.7")
def test_cancelled_while_it_runs_is_stopped_and_read_back(parties: Parties) -> None:
    """It alone: another request for the same goes on."""
    parties.agree()
    numbers = [ask(parties), ask(parties)]
    work(parties)
    first, other = (parties.atlas_id(number) for number in (1, 2))
    with writing(parties.engine) as connection:
        change_request.cancel_request(parties.acting(connection, Party.RIPE_NCC), numbers[0])
    stopping = decide_again(parties.transaction, parties.atlas, parties.clock, Label.REHEARSED)
    parties.clock.advance(120)

    assert stopping.stopped == (first,)
    assert [show(parties, number)["state"] for number in numbers] == ["cancelled", "running"]
    assert not parties.atlas.measurement(other or 0).status.is_final


def test_an_extension_that_the_gate_refuses_changes_nothing(parties: Parties) -> None:
    """Neither of one part nor of the other."""
    agreement_id = parties.agree()
    number = ask(parties, measurements=[{"type": "ping"}, {"type": "traceroute"}])
    before = show(parties, number)
    with writing(parties.engine) as connection:
        agree.suspend_agreement(parties.acting(connection, Party.RIPE_NCC), agreement_id, Cause.RESOURCES)
    with pytest.raises(NotPossible) as refused, writing(parties.engine) as connection:
        change_request.extend_request(parties.acting(connection, Party.RIPE_NCC), number, parties.now + 9 * DAY_S)

    assert refused.value.reason == "votes_needed"
    assert "suspended" in str(refused.value)
    assert (show(parties, number)["stop_at"], len(show(parties, number)["runs"])) == (before["stop_at"], 2)
    assert told(parties, number) == ["request_made"]


def test_parts_of_one_request_are_weighed_together(parties: Parties) -> None:
    """Two that fit alone, and together are more than the target's owner bears: the second is refused."""
    pings = [{"type": "ping", "parameters": {"packets": n}} for n in (3, 4)]
    both = [
        {"target": "k-root", "type": "ping", "address_family": 4, "parameters": one["parameters"], "interval_s": 60}
        for one in pings
    ]
    parties.agree(make_card(measurements=both, max_packets_per_s="1.2"))
    with reading(parties.engine) as connection:
        acting = parties.acting(connection, Party.RIPE_NCC)
        tried = try_request(acting, Label.REHEARSED, read_question(PING | {"measurements": pings, "n_probes": 12}))

    assert [one["reason"] for one in tried["measurements"]] == ["agreed", "too_many_packets"]
    assert not tried["is_permitted"]


def test_how_many_probes_can_be_expected_is_what_was_last_said(parties: Parties) -> None:
    """Not those that were somewhere before, or are away; where nobody knows of any, null."""
    parties.agree()
    with writing(parties.engine) as connection:
        acting, question = parties.acting(connection, Party.RIPE_NCC), read_question(PING)
        unknown = try_request(acting, Label.REHEARSED, question)["cost"]["n_probes_expected"]
        for probe_id, observed_at, country, status in (
            (1, 100, "TJ", "Connected"), (2, 100, "TJ", "Connected"), (2, 200, "UZ", "Connected"),
            (3, 100, "UZ", "Connected"), (3, 200, "TJ", "Connected"), (4, 100, "TJ", "Disconnected"),
        ):  # fmt: skip
            row = {"probe_id": probe_id, "observed_at": observed_at, "country_code": country, "status": status}
            connection.execute(insert(tables.probe_snapshots).values(**row, **REST))
        known = try_request(acting, Label.REHEARSED, question)["cost"]["n_probes_expected"]
        n_neighbours = count_probes(connection, Label.REHEARSED, "country_code", "UZ")

    assert (unknown, known, n_neighbours) == (None, 2, 1)
