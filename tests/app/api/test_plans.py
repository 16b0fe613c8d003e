"""The Joint Activity Plan, reviews and terms over HTTP."""

from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient

from tests.app.people import Member

PLAN = {"title": "Joint Activity Plan 2027"}
ACTIVITY = {
    "title": "A cable is cut", "area": "II.4", "national_priority": "Skills", "kind": "exercise", "leads": ["ripe_ncc"],
    "scenario": "practice",
}  # fmt: skip
MILESTONE = {"title": "Twelve took part", "due_on": "2027-04-30"}


def ask(client: TestClient, method: str, path: str, who: Member, content: Any = None, **headers: str) -> httpx.Response:
    """One request, with a word of its own."""
    always = {**who.headers, "Idempotency-Key": f"{method}.{path.replace('/', '.')}"}
    answer: httpx.Response = client.request(method, f"/api/v1{path}", json=content, headers={**always, **headers})
    return answer


@pytest.fixture
def planned(keyed_client: TestClient, people: dict[str, Member]) -> TestClient:
    """A client of a service with a plan, an activity and a milestone."""
    who = people["representative"]
    for path, content in (("/plans", PLAN), ("/plans/1/activities", ACTIVITY), ("/activities/1/milestones", MILESTONE)):
        assert ask(keyed_client, "POST", path, who, content).status_code == 201
    return keyed_client


def test_what_is_planned_is_told_and_that_it_is_non_binding(planned: TestClient, people: dict[str, Member]) -> None:
    plan = ask(planned, "GET", "/plans/1", people["analyst"]).json()
    (activity,) = ask(planned, "GET", "/activities", people["analyst"]).json()["activities"]
    (milestone,) = ask(planned, "GET", "/milestones", people["auditor"]).json()["milestones"]

    assert plan["activities"] == [activity]
    assert activity["milestones"] == [milestone]
    assert {one["is_binding"] for one in (plan, activity, milestone)} == {False}
    assert all("non-binding" in one["standing"] for one in (plan, activity, milestone))


def test_what_exists_is_changed_as_it_was_read(planned: TestClient, people: dict[str, Member]) -> None:
    who = people["representative"]
    for path, content in (
        ("/plans/1", {"title": "Plan"}),
        ("/activities/1", {**ACTIVITY, "title": "Two cables are cut"}),
        ("/milestones/1", {**MILESTONE, "status": "done", "evidence": "report"}),
    ):
        etag = ask(planned, "GET", path, who).json()["etag"]
        assert ask(planned, "PUT", path, who, content).status_code == 428
        assert ask(planned, "PUT", path, who, content, **{"If-Match": '"other"'}).status_code == 412
        changed = ask(planned, "PUT", path, who, content, **{"If-Match": etag})
        assert changed.status_code == 200
        assert changed.headers["ETag"] == changed.json()["etag"] != etag
        assert ask(planned, "PUT", path, who, content, **{"If-Match": etag}).status_code == 412


def test_what_makes_no_sense_is_told_by_place(planned: TestClient, people: dict[str, Member]) -> None:
    who = people["representative"]
    for path, content, pointer in (
        ("/plans/1/activities", {**ACTIVITY, "scenario": None}, "/scenario"),
        ("/plans/1/activities", {**ACTIVITY, "takes_part": ["ripe_ncc"]}, "/takes_part"),
        ("/activities/1/milestones", {**MILESTONE, "due_on": "9999-12-31"}, "/due_on"),
        ("/plans/1/endorsements", {"digest": "0"}, "/digest"),
        ("/reviews", {"held_on": "2199-01-01", "parties": ["ripe_ncc"]}, "/held_on"),
    ):
        answer = ask(planned, "POST", path, who, content, **{"Idempotency-Key": f"other{pointer.replace('/', '.')}"})
        assert answer.status_code == 400, path
        assert [one["pointer"] for one in answer.json()["errors"]] == [pointer]
    for path in ("/plans/7", "/activities/7", "/milestones/7"):
        assert ask(planned, "GET", path, who).status_code == 404


def test_an_endorsement_is_a_partys_own(planned: TestClient, people: dict[str, Member]) -> None:
    digest = {"digest": ask(planned, "GET", "/plans/1", people["analyst"]).json()["digest"]}
    for name, status in (("administrator", 403), ("deputy", 403), ("analyst", 403), ("representative", 201)):
        answer = ask(planned, "POST", "/plans/1/endorsements", people[name], digest)
        assert answer.status_code == status, name
    (plan,) = ask(planned, "GET", "/plans", people["auditor"]).json()["plans"]

    assert [(one["party"], one["is_of_this_version"]) for one in plan["endorsements"]] == [("tojiktelecom", True)]


def test_reviews_and_terms_are_noted_and_listed(planned: TestClient, people: dict[str, Member]) -> None:
    who = people["representative"]
    review = {"held_on": "2026-01-05", "parties": ["ripe_ncc"], "decisions": ["Go on"]}
    terms = {"service": "ripe_atlas", "version": "3.3", "address": "https://example.net/"}
    made, accepted = ask(planned, "POST", "/reviews", who, review), ask(planned, "POST", "/terms", who, terms)
    ask(planned, "POST", "/reviews/cadence", who, {"cadence": "monthly"})
    told = ask(planned, "GET", "/reviews", who).json()

    assert (told["reviews"], told["cadence"], told["next_on"]) == ([made.json()], "monthly", "2026-02-05")
    assert ask(planned, "GET", "/terms", who).json()["acceptances"] == [accepted.json()]
    assert (accepted.json()["name"], accepted.json()["party"]) == ("representative", "tojiktelecom")


def test_lists_go_on_behind_their_first_page(planned: TestClient, people: dict[str, Member]) -> None:
    who = people["representative"]
    ask(planned, "POST", "/plans/1/activities", who, ACTIVITY, **{"Idempotency-Key": "second"})
    first = ask(planned, "GET", "/activities?limit=1", who).json()
    second = ask(planned, "GET", f"/activities?limit=1&cursor={first['next_cursor']}", who).json()

    assert [one["activity_id"] for one in first["activities"] + second["activities"]] == [1, 2]
    assert second["next_cursor"] is None
