"""Dispatches over HTTP: what is asked for is kept, whatever the gate says, and the worker sends what it permits."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from app.operations.decide_dispatches import require_dispatch
from app.operations.plan_dispatches import plan_of
from app.operations.send_dispatches import send
from app.store.catalogue import put_entry
from app.store.engine import reading, writing
from measurements.agreements.people import Role
from measurements.atlas.failures import AnswerLost, Phase, ServerFailed
from measurements.campaigns.dispatching import LAPSES_AFTER_S
from measurements.errors import NotPossible
from measurements.units import iso
from tests.app.api.agreeing import DIGEST, FIRST, LAST, OPERATOR, AskingParties
from tests.measurements.agreements.making import CARD, NOW, make_card, make_entry

AWAY = ServerFailed("502", phase=Phase.WAIT, status=502)
LATE = {"stop_at": "2027-07-01T00:00:00Z"}


@pytest.fixture
def parties(engine: Engine, database_url: str, tmp_path: Path) -> AskingParties:
    """Everybody."""
    return AskingParties(engine, database_url, tmp_path)


def reasons(decided: list[dict[str, Any]]) -> list[str]:
    """The names alone."""
    return [one["reason"] for one in decided]


def test_a_refusal_is_kept_with_everything_that_speaks_against_it(parties: AskingParties) -> None:
    number = parties.agreed()
    with writing(parties.engine) as connection:
        put_entry(connection, make_entry(opted_out_at=parties.now), parties.now)

    refused = parties.post(f"/{number}/dispatches", LATE | {"n_probes": 30}, Role.ANALYST)
    problem = refused.json()
    kept = parties.get(problem["instance"].removeprefix("/api/v1/agreements")).json()
    parties.work()

    assert (refused.status_code, refused.headers["content-type"]) == (409, "application/problem+json")
    assert problem["type"] == "urn:rasad:problem:ends-after-agreement"
    assert refused.headers["location"] == problem["instance"] == f"/api/v1/agreements/{number}/dispatches/1"
    assert [one.get("pointer") for one in problem["errors"]] == ["/stop_at", None]
    assert reasons(kept["decisions"]) == ["ends_after_agreement"]
    assert (kept["sent_at"], kept["n_probes"]) == (None, 20)
    assert "dispatch" not in parties.atlas.calls


@pytest.mark.parametrize(
    ("content", "pointers"),
    [
        ({"entry": 3}, ["/entry"]),
        ({"entry": 0}, ["/entry"]),
        ({"start_at": "2027-01-11T00:00:00Z"}, ["/start_at"]),
        ({"start_at": "2027-02-01T00:00:00Z", "stop_at": "2027-02-01T00:00:00Z"}, ["/stop_at"]),
        ({"start_at": "2027-02-01T00:00:00"}, ["/start_at"]),
        ({"n_probes": 1001}, ["/n_probes"]),
        ({"probes": 5}, ["/probes"]),
    ],
)
def test_what_no_dispatch_can_be_is_named_by_its_place(
    parties: AskingParties, content: dict[str, Any], pointers: list[str]
) -> None:
    number = parties.agreed()
    answer = parties.post(f"/{number}/dispatches", content)

    assert answer.status_code == 400
    assert [one["pointer"] for one in answer.json()["errors"]] == pointers
    assert parties.get(f"/{number}/dispatches").json()["dispatches"] == []


def test_the_worker_asks_the_gate_once_more(parties: AskingParties) -> None:
    """And what it refused then is not sent later, though it would be permitted again."""
    number = parties.agreed()
    parties.post(f"/{number}/dispatches", {"entry": 2})
    parties.post(f"/{number}/suspensions", {"cause": "resources"}, LAST)
    parties.work()
    parties.post(f"/{number}/resumptions", {}, LAST)
    parties.work()

    (waiting,) = parties.get(f"/{number}/dispatches").json()["dispatches"]
    assert reasons(waiting["decisions"]) == ["agreed", "suspended"]
    assert parties.atlas.calls == []


def test_what_was_refused_at_first_is_not_sent_when_it_would_be_permitted(parties: AskingParties) -> None:
    number = parties.agreed()
    parties.post(f"/{number}/suspensions", {"cause": "resources"}, LAST)
    assert parties.post(f"/{number}/dispatches").json()["type"] == "urn:rasad:problem:suspended"
    parties.post(f"/{number}/resumptions", {}, LAST)
    parties.work()

    assert parties.atlas.calls == []


def test_what_should_have_begun_long_ago_is_given_up(parties: AskingParties) -> None:
    """Nothing begins on RIPE Atlas hours after somebody asked for it."""
    number = parties.agreed()
    parties.post(f"/{number}/dispatches")
    parties.clock.advance(LAPSES_AFTER_S + 61)
    parties.work()

    assert "in time" in parties.get(f"/{number}/dispatches/1").json()["failure"]
    assert parties.atlas.calls == []


def test_what_should_have_ended_meanwhile_is_given_up_and_cannot_be_sent_any_more(parties: AskingParties) -> None:
    """Else a one-off is made after its time; and what was given up is looked after by nobody, if it is made."""
    number = parties.agreed()
    times = {"start_at": iso(parties.now + 60), "stop_at": iso(parties.now + 600)}
    parties.post(f"/{number}/dispatches", times)
    parties.post(f"/{number}/dispatches", {"entry": 2, "n_probes": 5})
    parties.clock.advance(601)
    parties.work()

    ended, other = parties.get(f"/{number}/dispatches").json()["dispatches"]
    assert "in time" in ended["failure"]
    assert other["is_under_way"]
    with pytest.raises(NotPossible, match="in time"):
        send(parties.transaction, parties.atlas, parties.clock, 1)
    assert parties.atlas.calls.count("dispatch") == 1


def test_one_that_fails_keeps_no_other_waiting_and_tells_when_it_is_tried_again(parties: AskingParties) -> None:
    number = parties.agreed()
    for entry in (1, 2):
        assert parties.post(f"/{number}/dispatches", {"entry": entry, "n_probes": 5}).status_code == 202
    parties.atlas.fail_next("dispatch", AWAY)
    parties.work()

    first, second = parties.get(f"/{number}/dispatches").json()["dispatches"]
    assert (first["state"], first["failure"], first["retry_at"]) == ("waiting", None, iso(NOW + 60))
    assert first["standing"].endswith("nothing was made. 502.")
    assert (second["state"], second["is_under_way"]) == ("running", True)
    parties.clock.advance(60)
    parties.work()
    assert parties.get(f"/{number}/dispatches/1").json()["state"] == "running"
    assert parties.atlas.calls.count("dispatch") == 3


def test_a_person_settles_what_came_of_a_lost_answer(parties: AskingParties) -> None:
    """By its number on RIPE Atlas, or by giving it up; one of the two, and only what is lost."""
    number = parties.agreed()
    path = f"/{number}/dispatches/1/settlement"
    assert parties.post(path, {"give_up": True}).status_code == 404
    parties.post(f"/{number}/dispatches", {"n_probes": 5})
    parties.atlas.fail_next("dispatch", AnswerLost("tag", AWAY))
    with pytest.raises(AnswerLost):
        send(parties.transaction, parties.atlas, parties.clock, 1)
    with reading(parties.engine) as connection:
        again = plan_of(require_dispatch(connection, 1))
    (other,) = parties.atlas.dispatch(again)
    for wrong in ({}, {"adopt": 5, "give_up": True}, {"adopt": "x"}, {"give_up": False}):
        assert parties.post(path, wrong).status_code == 400
    parties.work()

    lost = parties.get(f"/{number}/dispatches/1").json()
    explained = parties.get(f"/{number}/decisions").json()["dispatches"][0]
    unknown = parties.post(path, {"adopt": 5}, Role.ANALYST)
    settled = parties.post(path, {"adopt": other}, Role.ANALYST)
    parties.work()

    assert lost["state"] == explained["state"] == "undecided"
    assert [one["is_as_asked"] for one in lost["found"]] == [True, True]
    assert str(other) in lost["standing"]
    assert (unknown.status_code, unknown.json()["type"]) == (409, "urn:rasad:problem:not-under-its-tag")
    assert (settled.status_code, settled.json()["state"], settled.json()["atlas_id"]) == (200, "running", other)
    assert parties.post(path, {"give_up": True}).status_code == 409
    found = {one["atlas_id"]: one["stopped_at"] for one in parties.get(f"/{number}/dispatches/1").json()["found"]}
    assert found.pop(other) is None
    assert None not in found.values()


def test_what_a_command_sends_at_once_the_worker_does_not_send_again(parties: AskingParties) -> None:
    number = parties.agreed()
    parties.post(f"/{number}/dispatches")
    assert send(parties.transaction, parties.atlas, parties.clock, 1).is_permitted
    parties.work()

    assert parties.atlas.calls.count("dispatch") == 1


def test_dispatches_have_pages(parties: AskingParties) -> None:
    number = parties.agreed()
    for _ in range(3):
        parties.post(f"/{number}/dispatches", LATE)
    first = parties.get(f"/{number}/dispatches?limit=2").json()
    second = parties.get(f"/{number}/dispatches?limit=2&cursor={first['next_cursor']}").json()

    assert [one["dispatch_id"] for one in (*first["dispatches"], *second["dispatches"])] == [1, 2, 3]
    assert second["next_cursor"] is None


@pytest.mark.acceptance("agreement.1")
def test_decisions_tell_why_at_every_step(parties: AskingParties) -> None:
    """Of each entry of the card before anything is dispatched, and of each dispatch what was said and is said now."""
    parties.post("", CARD)
    drafted = parties.get("/1/decisions").json()
    assert [reasons(one["objections"])[0] for one in drafted["entries"]] == ["not_submitted"] * 2
    number = parties.agreed()
    agreed = parties.get(f"/{number}/decisions").json()
    assert [(one["entry"], one["type"], one["is_permitted"]) for one in agreed["entries"]] == [
        (1, "ping", True), (2, "traceroute", True),
    ]  # fmt: skip
    assert agreed["memorandum"] == {"state": "in_force", "outlook": "open", "ends_on": "2027-12-31"}
    parties.post(f"/{number}/dispatches")
    parties.work()
    parties.post(f"/{number}/votes", {"digest": DIGEST, "choice": "decline"}, FIRST)
    parties.post(f"/{number}/withdrawal", {}, OPERATOR)
    with writing(parties.engine) as connection:
        put_entry(connection, make_entry(opted_out_at=parties.now, review_at=parties.now), parties.now)
    ended = parties.get(f"/{number}/decisions", Role.ANALYST).json()

    (dispatch,) = ended["dispatches"]
    against = ["withdrawn", "owner_opted_out", "target_not_reviewed"]
    assert reasons(dispatch["decided"]) == ["agreed", "agreed"]
    assert reasons(dispatch["objections"]) == against
    assert (dispatch["is_permitted"], dispatch["explanation"]) == (False, "A party has withdrawn. It need not say why.")
    assert [reasons(one["objections"]) for one in ended["entries"]] == [against, against]


def test_what_is_about_to_end_is_asked_about_for_as_long_as_it_lasts(parties: AskingParties) -> None:
    ends_at = iso(NOW + 3_600)
    number = parties.agree(make_card(ends_at=ends_at))
    first = parties.get(f"/{number}/decisions").json()["entries"][0]

    assert (first["is_permitted"], first["stop_at"]) == (True, ends_at)
