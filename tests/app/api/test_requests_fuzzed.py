"""Whatever is handed in as a request, the answer is no server error, says where it is wrong, and changes nothing."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select

from app.api.limiting import Allowance
from app.store import tables
from app.store.engine import reading
from tests.app.api.agreed import agree_on_something
from tests.app.api.laboratory import service_on
from tests.app.people import Member, add_people
from tests.ingesting import StillClock

REQUESTS = "/api/v1/requests"
WHOLE = {
    "title": "Is it there?", "template": "reachable", "targets": ["k-root", "193.0.14.130"],
    "measurements": [
        {"type": "ping", "parameters": {"packets": 3}},
        {"type": "dns", "parameters": {"set_nsid_bit": True, "query_argument": "tj."}},
    ],
    "address_families": [4, 6], "places": ["tajikistan", "neighbours", "AS24722"], "n_probes": 5, "every_s": 600,
    "start_at": "2027-01-02T00:00:00Z", "stop_at": "2027-01-03T00:00:00Z", "agreement_id": 1,
}  # fmt: skip
THREE = [{"type": "ping"}, {"type": "traceroute"}, {"type": "ping", "parameters": {"packets": 1}}]
VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=300), st.dictionaries(st.text(max_size=5), st.integers(), max_size=2),
    st.sampled_from(["", " ", "\x00", "once", "TJ", "AS0", "1e400", "<b>", "9999-12-31T23:59:59Z"]),
    st.lists(st.integers(), max_size=3),
)  # fmt: skip
PLACES = [
    (), *((name,) for name in WHOLE), ("targets", 0), ("measurements", 0), ("measurements", 0, "type"),
    ("measurements", 0, "parameters"), ("measurements", 0, "parameters", "packets"), ("measurements", 1, "parameters"),
    ("places", 0), ("address_families", 0), ("unknown",),
]  # fmt: skip


@pytest.fixture
def asker(engine: Engine, database_url: str) -> Iterator[tuple[TestClient, Member]]:
    """A service where something is agreed on, and an analyst."""
    people = add_people(engine)
    agree_on_something(engine, people)
    service = service_on(database_url)
    service.state.service = service.state.service._replace(allowance=Allowance(StillClock(), at_once=10**6))
    with TestClient(service, raise_server_exceptions=False) as client:
        yield client, people["analyst"]


def count(engine: Engine) -> int:
    """Rows of everything that asking could change."""
    held = (tables.requests, tables.request_dispatches, tables.dispatches, tables.audit_entries, tables.answers)
    with reading(engine) as connection:
        return sum(connection.execute(select(func.count()).select_from(one)).scalar_one() for one in held)


def put(document: Any, place: tuple[str | int, ...], value: Any) -> Any:
    """The document with something else in one place."""
    if not place:
        return value
    changed = json.loads(json.dumps(document))
    here = changed
    for step in place[:-1]:
        here = here[step]
    here[place[-1]] = value
    return changed


@pytest.mark.acceptance("orchestration.5")
@pytest.mark.parametrize("dry", ["?dry_run=true", ""])
def test_a_body_that_makes_no_sense_is_told_by_its_place(
    asker: tuple[TestClient, Member], engine: Engine, dry: str
) -> None:
    """Each place of a whole request holds something else in turn."""
    client, analyst = asker
    n_refused = 0

    @settings(
        max_examples=40, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
    )  # fmt: skip
    @given(place=st.sampled_from(PLACES), value=VALUES)
    def check(place: tuple[str | int, ...], value: Any) -> None:
        nonlocal n_refused
        before, content = count(engine), put(WHOLE, place, value)
        headers = {**analyst.headers, "Idempotency-Key": f"after-{before}"}
        answer = client.post(REQUESTS + dry, json=content, headers=headers)

        assert answer.status_code in ({200, 400} if dry else {202, 400}), (place, value, answer.text)
        if answer.status_code == 400:
            n_refused += 1
            assert answer.json()["errors"]
            assert all("pointer" in one for one in answer.json()["errors"]), answer.text
        if dry or answer.status_code == 400:
            assert count(engine) == before

    check()
    assert n_refused > 10


@pytest.mark.acceptance("orchestration.5")
@pytest.mark.parametrize(
    ("content", "pointers"),
    [
        ({}, ["/targets"]),
        ({"targets": []}, ["/targets"]),
        ({"targets": ["  "]}, ["/targets/0"]),
        ({"targets": ["k-root"], "measurements": [{"type": "ntp"}]}, ["/measurements/0/type"]),
        (
            {"targets": ["k-root"], "measurements": [{"type": "ping", "parameters": {"packets": 17}}]},
            ["/measurements/0/parameters/packets"],
        ),
        (
            {"targets": ["k-root"], "measurements": [{"type": "ping", "parameters": {"af": 4}}]},
            ["/measurements/0/parameters/af"],
        ),
        ({"targets": ["ns1.nic.tj"], "measurements": [{"type": "dns"}]}, ["/measurements/0/parameters"]),
        ({"targets": ["193.0.14.130"], "address_families": [6]}, ["/targets/0"]),
        ({"targets": ["probe-resolvers"]}, ["/targets/0"]),
        ({"targets": ["k-root"], "places": ["Dushanbe"]}, ["/places/0"]),
        ({"targets": ["k-root"], "n_probes": 1001}, ["/n_probes"]),
        ({"targets": ["k-root"], "every_s": 59}, ["/every_s", "/every_s"]),
        ({"targets": ["k-root"], "start_at": "2020-01-01T00:00:00Z"}, ["/start_at"]),
        ({"targets": ["k-root"], "stop_at": "2027-01-01T00:00:00Z"}, ["/stop_at"]),
        ({"targets": ["k-root"], "stop_at": "2027-02-01"}, ["/stop_at"]),
        ({"template": "weather"}, ["/template"]),
        ({"targets": ["k-root"], "probes": 3}, ["/probes"]),
        (
            {"targets": [f"ns{n}.example.net" for n in range(20)], "measurements": THREE},
            ["/measurements"],
        ),
    ],
)  # fmt: skip
def test_each_rule_has_its_place(
    asker: tuple[TestClient, Member], content: dict[str, Any], pointers: list[str]
) -> None:
    client, analyst = asker
    answer = client.post(REQUESTS, json=content, headers={**analyst.headers, "Idempotency-Key": "one"})

    assert answer.status_code == 400
    assert [one["pointer"] for one in answer.json()["errors"]] == pointers
