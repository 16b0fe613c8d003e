"""Agreements over HTTP: the whole way of one, every refusal in it, and nothing done twice or to another state."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from app.durable import read_lines
from app.operations.make_evidence import evidence_of
from app.operations.write_checkpoint import write_checkpoint
from app.store.audit import Wanted, entries
from app.store.designations import end_designation
from app.store.engine import reading, writing
from measurements.agreements.audit import Subject, SubjectKind
from measurements.agreements.parties import Party
from measurements.agreements.people import Role
from measurements.units import DAY_S, iso
from tests.app.api.agreeing import DIGEST, FIRST, LAST, OPERATOR, AskingParties
from tests.measurements.agreements.making import CARD

FIVE = CARD | {"max_probes": 5, "selections": [{"by": "country", "value": "TJ", "requested": 5}]}


@pytest.fixture
def parties(engine: Engine, database_url: str, tmp_path: Path) -> AskingParties:
    """Everybody."""
    return AskingParties(engine, database_url, tmp_path)


def deeds(parties: AskingParties, agreement_id: int) -> list[str]:
    """What the audit tells of an agreement."""
    with reading(parties.engine) as connection:
        return [one.act for one in entries(connection, Wanted(Subject(SubjectKind.AGREEMENT, agreement_id)))]


@pytest.mark.acceptance("agreement.4")
def test_the_whole_way(parties: AskingParties) -> None:
    opened = parties.post("", CARD, Role.ANALYST)
    assert (opened.status_code, opened.headers["location"]) == (201, "/api/v1/agreements/1")
    talks = {"parties": list(Party), "shown": "the draft", "comments": "fine\nby all"}
    assert parties.post("/1/consultations", talks, Role.ANALYST).json()["state"] == "consultation"
    submitted = parties.post("/1/submissions").json()
    assert (submitted["state"], submitted["digest"]) == ("submitted", DIGEST)
    vote = {"digest": submitted["digest"], "choice": "approve", "approves_publicity": True}
    states = [parties.post("/1/votes", vote, party).json()["state"] for party in Party]
    assert states == ["submitted", "submitted", "agreed"]
    parties.clock.advance(30 * DAY_S)

    asked = parties.post("/1/dispatches", None, Role.ANALYST)
    assert (asked.status_code, asked.json()["sent_at"]) == (202, None)
    assert parties.atlas.calls == []
    parties.work()
    place = asked.headers["location"].removeprefix("/api/v1/agreements")
    sent = parties.get(place).json()
    assert parties.atlas.measurement(sent["atlas_id"]).target == "193.0.14.129"
    assert [one["reason"] for one in sent["decisions"]] == ["agreed", "agreed"]
    assert parties.get("/1/dispatches").json()["dispatches"] == [sent]

    narrowed = parties.post("/1/narrowings", FIVE, OPERATOR)
    assert narrowed.status_code == 200
    assert parties.post("/1/suspensions", {"cause": "dispute"}, LAST).json()["state"] == "suspended"
    assert parties.post("/1/resumptions", {}, LAST).json()["state"] == "agreed"
    withdrawn = parties.post("/1/withdrawal", None, OPERATOR)
    assert (withdrawn.status_code, withdrawn.json()["state"]) == (202, "withdrawn")
    assert withdrawn.json()["stopping"] == [{"dispatch_id": 1, "atlas_id": sent["atlas_id"]}]
    assert withdrawn.headers["location"] == withdrawn.json()["cessation"] == "/api/v1/agreements/1/cessation"
    before = parties.get("/1/cessation").json()
    withdrawn_at = parties.now
    while not parties.get("/1/cessation").json()["record"]["is_complete"]:
        parties.work()
        assert parties.now - withdrawn_at <= 120
    ceased = parties.get("/1/cessation", LAST).json()
    shown = parties.get("/1").json()

    assert (before["record"]["is_complete"], before["audit_number"]) == (False, None)
    assert ceased["digest"] == by_hand(ceased["record"])
    assert deeds(parties, 1)[ceased["audit_number"] - entries_before(parties) - 1] == "cessation_recorded"
    assert parties.atlas.measurement(sent["atlas_id"]).status.is_final
    assert (shown["state"], shown["possible"]) == ("withdrawn", [])
    assert [one["max_probes"] for one in (shown["narrowings"][0]["card"], shown["versions"][0]["card"])] == [5, 20]
    assert [(one["party"], one["until_at"] is None) for one in shown["suspensions"]] == [(LAST, False)]
    votes = shown["versions"][0]["votes"]
    assert {(one["name"], one["designation_id"]) for one in votes.values()} == {
        (party.value, number) for number, party in enumerate(Party, 1)
    }
    assert shown["versions"][0]["consultations"][0]["comments"] == "fine\nby all"


def by_hand(record: dict[str, Any]) -> str:
    """The digest by means that anybody has."""
    return sha256(json.dumps(record, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def entries_before(parties: AskingParties) -> int:
    """How many entries the audit has before the first one about an agreement."""
    with reading(parties.engine) as connection:
        return entries(connection, Wanted(Subject(SubjectKind.AGREEMENT, 1)))[0].number - 1


def test_a_card_is_checked_and_nothing_is_kept(parties: AskingParties) -> None:
    checked = parties.client.post(
        "/api/v1/agreements/check", json=CARD, headers={"Authorization": f"Bearer {parties.keys[Role.ANALYST]}"}
    ).json()

    assert checked["digest"] == DIGEST == sha256(checked["canonical_form"].encode()).hexdigest()
    assert checked["card"]["publication"] == {"embargo_days": 7, "min_probes": 5, "min_networks": 3}
    assert parties.get("").json() == {"agreements": [], "next_cursor": None}


@pytest.mark.parametrize(
    ("changes", "pointers"),
    [
        ({"max_probes": 0}, {"/max_probes"}),
        ({"title": "a\x00b"}, {"/title"}),
        ({"title": "\ud800"}, {"/title"}),
        ({"selections": [{"by": "country", "value": "TJ", "requested": "some"}]}, {"/selections/0/requested"}),
        ({"selections": [{"by": "country", "value": "Tajikistan", "requested": 3}]}, {"/selections/0/value"}),
        ({"measurements": []}, {"/measurements"}),
        (
            {"measurements": [CARD["measurements"][0] | {"parameters": {"packets": 99}}]},
            {"/measurements/0/parameters/packets"},
        ),
        ({"ends_at": "9999-12-31T23:59:59-05:00"}, {"/ends_at"}),
        ({"ends_at": "2027-01-01T00:00:00Z"}, {"/ends_at"}),
        ({"data_class": "forbidden"}, {"/data_class"}),
        ({"sealed": True, "max_credits": 0}, {"/sealed", "/max_credits"}),
    ],
)
def test_what_makes_no_sense_on_a_card_is_named_by_its_place(
    parties: AskingParties, changes: dict[str, Any], pointers: set[str]
) -> None:
    for path in ("/check", "", "/1/drafts", "/1/narrowings"):
        headers = {"Content-Type": "application/json", "Idempotency-Key": "1", "If-Match": "*"}
        key = {"Authorization": f"Bearer {parties.keys[FIRST]}"}
        answer = parties.client.post(
            f"/api/v1/agreements{path}", content=json.dumps(CARD | changes), headers=headers | key
        )
        assert (answer.status_code, answer.json()["type"]) == (400, "urn:rasad:problem:invalid-content")
        assert {one["pointer"] for one in answer.json()["errors"]} == pointers


def test_what_is_not_there_is_not_found(parties: AskingParties) -> None:
    parties.submitted()
    vote = {"digest": DIGEST, "choice": "approve"}
    for path, content in (
        ("drafts", CARD), ("consultations", {"parties": ["ripe_ncc"], "shown": "x"}), ("submissions", {}),
        ("votes", vote), ("suspensions", {"cause": "dispute"}), ("resumptions", {}), ("narrowings", CARD),
        ("withdrawal", {}), ("dispatches", {}),
    ):  # fmt: skip
        answer = parties.post(f"/7/{path}", content)
        assert (answer.status_code, answer.json()["detail"]) == (404, "There is no agreement 7."), path
    for path in ("/7", "/7/decisions", "/7/dispatches", "/7/dispatches/1", "/1/dispatches/1", "/7/cessation"):
        assert parties.get(path).status_code == 404, path
    assert "No party has withdrawn" in parties.get("/1/cessation").json()["detail"]


def test_what_the_state_of_things_does_not_allow_is_a_conflict_with_a_name(parties: AskingParties) -> None:
    parties.post("", CARD)
    vote = {"digest": DIGEST, "choice": "approve"}
    cases: list[tuple[str, Any, str]] = [
        ("submissions", {}, "not-consulted"),
        ("votes", vote, "not-submitted"),
        ("suspensions", {"cause": "resources"}, "not-agreed"),
        ("resumptions", {}, "not-suspended"),
        ("narrowings", FIVE, "not-agreed"),
        ("dispatches", {}, "not-agreed"),
        ("consultations", {"parties": ["ripe_ncc"], "shown": "x", "held_at": "2030-01-01T00:00:00Z"}, "in-the-future"),
    ]
    for path, content, name in cases:
        answer = parties.post(f"/1/{path}", content)
        assert (answer.status_code, answer.json()["type"]) == (409, f"urn:rasad:problem:{name}"), path
    number = parties.submitted()
    wrong = parties.post(f"/{number}/votes", vote | {"digest": "0" * 64}, OPERATOR)
    again = [parties.post(f"/{number}/votes", vote, OPERATOR) for _ in range(2)][1]
    late = parties.post(f"/{number}/consultations", {"parties": ["ripe_ncc"], "shown": "x"})

    assert (wrong.status_code, wrong.json()["type"]) == (409, "urn:rasad:problem:other-digest")
    assert DIGEST in wrong.json()["detail"]
    assert (again.status_code, again.json()["type"]) == (409, "urn:rasad:problem:voted")
    assert late.json()["type"] == "urn:rasad:problem:not-open"


def test_what_is_known_by_its_second_is_not_done_twice_in_it(parties: AskingParties) -> None:
    """The database has one row for it; to be told so is no fault of the service."""
    number = parties.agreed()
    pause, on = {"cause": "dispute"}, f"/{number}/resumptions"
    parties.post(f"/{number}/suspensions", pause)
    parties.post(on)
    assert parties.post(f"/{number}/suspensions", pause).json()["type"] == "urn:rasad:problem:too-soon"
    assert parties.post(f"/{number}/narrowings", FIVE).status_code == 200
    assert parties.post(f"/{number}/narrowings", FIVE).json()["type"] == "urn:rasad:problem:too-soon"
    parties.clock.advance(1)
    assert parties.post(f"/{number}/suspensions", pause).status_code == 200
    parties.post("", CARD | {"title": "another"})
    talks = {"parties": ["ripe_ncc"], "shown": "x", "held_at": iso(parties.now - 9)}
    assert parties.post("/2/consultations", talks).status_code == 200
    assert parties.post("/2/consultations", talks).json()["type"] == "urn:rasad:problem:recorded"


def test_what_is_changed_is_what_was_read(parties: AskingParties) -> None:
    number = parties.submitted()
    read = parties.get(f"/{number}")
    etag = read.headers["etag"]
    assert etag == read.json()["etag"] == parties.get("").json()["agreements"][0]["etag"]
    vote = {"digest": DIGEST, "choice": "approve"}

    voted = parties.post(f"/{number}/votes", vote, OPERATOR, If_Match=etag)
    stale = parties.post(f"/{number}/votes", vote, LAST, If_Match=etag)
    fresh = parties.post(f"/{number}/votes", vote, LAST, If_Match=voted.headers["etag"])
    headers = {"Authorization": f"Bearer {parties.keys[FIRST]}", "Idempotency-Key": "x"}
    missing = parties.client.post(f"/api/v1/agreements/{number}/votes", json=vote, headers=headers)

    assert [one.status_code for one in (voted, stale, fresh, missing)] == [200, 412, 200, 428]
    assert parties.get(f"/{number}").json()["n_votes"] == 2


def test_a_repeated_request_does_nothing_twice_and_is_answered_alike(parties: AskingParties) -> None:
    opened = [parties.post("", CARD, Idempotency_Key="a") for _ in range(2)]
    number = parties.agreed()
    asked = [parties.post(f"/{number}/dispatches", {}, Idempotency_Key="b") for _ in range(2)]
    refused = [parties.post(f"/{number}/dispatches", {"n_probes": 21}, Idempotency_Key="c") for _ in range(2)]
    withdrawn = [parties.post(f"/{number}/withdrawal", {}, Idempotency_Key="d") for _ in range(2)]

    for first, second in (opened, asked, refused, withdrawn):
        assert (first.status_code, first.text) == (second.status_code, second.text)
        assert first.headers["location"] == second.headers["location"]
        assert first.headers["content-type"] == second.headers["content-type"]
        assert second.headers["idempotent-replayed"] == "true"
    assert [one["agreement_id"] for one in parties.get("").json()["agreements"]] == [1, 2]
    assert len(parties.get(f"/{number}/dispatches").json()["dispatches"]) == 2
    assert deeds(parties, number).count("agreement_withdrawn") == 1
    assert parties.post(f"/{number}/withdrawal", {}, OPERATOR).json()["type"] == "urn:rasad:problem:withdrawn"


def test_a_withdrawal_under_which_nothing_runs_is_proven_too(parties: AskingParties) -> None:
    number = parties.submitted()
    parties.post(f"/{number}/withdrawal")
    parties.work()
    parties.work()

    assert parties.get(f"/{number}/cessation").json()["audit_number"] is not None
    assert deeds(parties, number).count("cessation_recorded") == 1


def test_what_a_withdrawal_ended_is_sealed_as_soon_as_it_is_recorded(parties: AskingParties) -> None:
    """Not a day later; and no more than once."""
    number = parties.submitted()
    parties.work()
    before = read_lines(parties.settings.checkpoints_file)
    parties.post(f"/{number}/withdrawal")
    assert not parties.get(f"/{number}/evidence").json()["is_sealed"]
    parties.work()
    parties.work()

    assert parties.get(f"/{number}/evidence").json()["is_sealed"]
    assert len(read_lines(parties.settings.checkpoints_file)) == len(before) + 1


def test_evidence_is_what_the_command_line_prints(parties: AskingParties) -> None:
    number = parties.submitted()
    assert not parties.get(f"/{number}/evidence").json()["is_sealed"]
    key_file, checkpoints = parties.settings.audit_key_file, parties.settings.checkpoints_file
    with reading(parties.engine) as connection:
        write_checkpoint(connection, key_file, checkpoints, parties.now, lambda: None)
        subject = Subject(SubjectKind.AGREEMENT, number)
        expected = evidence_of(connection, key_file, checkpoints, subject, parties.now)

    assert parties.get(f"/{number}/evidence").json() == expected
    assert parties.get(f"/{number}/evidence", Role.ANALYST).status_code == 403
    assert "says nothing" in parties.get("/9/evidence").json()["detail"]


def test_who_is_designated_no_longer_does_not_vote(parties: AskingParties) -> None:
    number = parties.submitted()
    with writing(parties.engine) as connection:
        end_designation(connection, 2, parties.now)

    refused = parties.post(f"/{number}/votes", {"digest": DIGEST, "choice": "approve"}, OPERATOR)
    others = parties.post(f"/{number}/votes", {"digest": DIGEST, "choice": "approve"}, LAST)

    assert (refused.status_code, refused.json()["type"]) == (403, "urn:rasad:problem:not-designated")
    assert others.json()["type"] == "urn:rasad:problem:frozen"
    assert parties.get(f"/{number}").json()["n_votes"] == 0


def test_lists_have_pages_and_go_by_state(parties: AskingParties) -> None:
    for title in "abc":
        parties.post("", CARD | {"title": title})
    parties.submitted()
    first = parties.get("?limit=2&state=draft").json()
    second = parties.get(f"?limit=2&state=draft&cursor={first['next_cursor']}").json()

    assert [one["title"] for one in (*first["agreements"], *second["agreements"])] == ["a", "b", "c"]
    assert second["next_cursor"] is None
    assert [one["agreement_id"] for one in parties.get("?state=submitted").json()["agreements"]] == [4]
    assert parties.get("?state=lost").json()["errors"][0]["parameter"] == "state"
