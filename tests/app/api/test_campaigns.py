"""Campaigns over HTTP: put by name as they were read, paused at once, and refused at the place that makes no sense."""

from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from tests.app.api.agreed import agree_on_something
from tests.app.api.laboratory import service_on
from tests.app.people import Member, add_people
from tests.campaigning import DOCUMENT, NAME

PLACE = f"/api/v1/campaigns/{NAME}"
WANTED = DOCUMENT | {"starts_at": "2026-12-31T00:00:00+05:00"}


class Asking:
    """An analyst, and an agreement to run under."""

    def __init__(self, client: TestClient, analyst: Member) -> None:
        self._client, self._headers, self._n = client, analyst.headers, 0

    def put(self, content: dict[str, Any], etag: str | None = None, place: str = PLACE) -> Any:
        more = {} if etag is None else {"If-Match": etag}
        return self._client.put(place, json=content, headers=self._headers | more)

    def post(self, act: str) -> Any:
        self._n += 1
        return self._client.post(f"{PLACE}/{act}", json={}, headers=self._headers | {"Idempotency-Key": f"{self._n}"})

    def get(self, place: str = PLACE) -> Any:
        return self._client.get(place, headers=self._headers)


@pytest.fixture
def asking(engine: Engine, database_url: str, tmp_path: Path) -> Any:
    people = add_people(engine)
    agree_on_something(engine, people)
    with TestClient(service_on(database_url, tmp_path)) as client:
        yield Asking(client, people["analyst"])


def test_it_is_changed_as_it_was_read(asking: Asking) -> None:
    made = asking.put(WANTED)
    unsaid = asking.put(WANTED | {"title": "Another"})
    stale = asking.put(WANTED | {"title": "Another"}, '"1-active-0"')
    changed = asking.put(WANTED | {"title": "Another"}, made.json()["etag"])
    same = asking.put(WANTED | {"title": "Another"}, "*")

    codes = [one.status_code for one in (made, unsaid, stale, changed, same)]
    assert codes == [201, 428, 412, 200, 200]
    assert (changed.json()["version"], same.json()["version"]) == (2, 2)
    assert same.headers["etag"] == changed.json()["etag"] != made.json()["etag"]
    assert [one["version"] for one in asking.get().json()["versions"]] == [1, 2]


def test_what_is_paused_and_stopped_is_told(asking: Asking) -> None:
    asking.put(WANTED)

    run = asking.post("rounds")
    paused, refused = asking.post("pause"), asking.post("rounds")
    resumed, stopped, again = asking.post("resumption"), asking.post("stop"), asking.post("resumption")
    status = asking.get().json()

    assert (run.status_code, run.headers["location"]) == (202, PLACE)
    assert (paused.json()["state"], refused.status_code) == ("paused", 409)
    assert (resumed.json()["state"], stopped.json()["state"], again.status_code) == ("active", "stopped", 409)
    assert again.json()["type"] == "urn:rasad:problem:stopped"
    assert [one["is_extra"] for one in status["rounds"]] == [True]
    assert asking.put(WANTED, "*").json()["state"] == "active"


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"name": "another"}, "/name"),
        ({"agreement_id": 99}, "/agreement_id"),
        ({"activity_id": 99}, "/activity_id"),
        ({"schedule": {"kind": "cron", "mode": "periodic", "expression": "@daily"}}, "/schedule/expression"),
        ({"matrix": [{"targets": ["k-root"], "type": "ping", "families": [7], "interval_s": 240}]},
         "/matrix/0/families/0"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_at_its_place(asking: Asking, changes: dict[str, Any], pointer: str) -> None:
    refused = asking.put(WANTED | changes)

    assert refused.status_code == 400
    assert [one["pointer"] for one in refused.json()["errors"]] == [pointer]
    assert asking.get().status_code == 404


def test_a_summary_of_a_day_that_is_none_is_refused(asking: Asking) -> None:
    asking.put(WANTED)

    assert asking.get(f"{PLACE}/summary?on=2027-13-01").status_code == 400
    assert asking.get(f"{PLACE}/summary?on=0001-01-01").status_code == 400
    assert asking.get(f"{PLACE}/summary?on=2027-01-01").json()["n_rounds"] == 0
