"""What no request gets past: a host that is not ours, and a body that is too large."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.api.guarding import LARGEST
from app.main import create_app
from app.settings import Settings
from tests.app.people import Member

PEOPLE = "/api/v1/people"


@pytest.fixture(scope="module")
def service() -> FastAPI:
    """Nothing here needs its database."""
    return create_app(Settings(database_url="sqlite:///nowhere.db", hosts="Rasad.example, observatory.example"))


@pytest.fixture
def client(service: FastAPI) -> TestClient:
    return TestClient(service, base_url="http://localhost")


@pytest.mark.parametrize(
    "host",
    [
        "localhost", "LOCALHOST:8000", "localhost.", "127.0.0.1", "127.0.0.1:8000", "127.0.0.2:1", "[::1]",
        "[::1]:8000", "rasad.example", "RASAD.example:443", "observatory.example",
    ],
)  # fmt: skip
def test_a_host_of_this_machine_is_answered(client: TestClient, host: str) -> None:
    """With any port; and the names that were set for a proxy."""
    assert client.get("/healthz", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "", "evil.example", "evil.example:8000", "127.0.0.1.evil.example", "localhost.evil.example",
        "rasad.example.evil",
        "192.0.2.1:8000", "0.0.0.0:80", "[::]:8000", "[::1", "::1", "localhost:port", "localhost:99999", "localhost:0",
        "user@localhost", "localhost/evil", "evil.example,localhost", "localhost evil", "2130706433", "127.1",
    ],
)  # fmt: skip
def test_another_host_is_not(client: TestClient, host: str) -> None:
    """Whatever is asked for; the answer is a problem."""
    for path in ("/healthz", "/", "/api/v1/metrics", "/docs", "/nowhere"):
        answer = client.get(path, headers={"Host": host})

        assert (answer.status_code, answer.headers["content-type"]) == (421, "application/problem+json"), path
        assert answer.json()["type"] == "urn:rasad:problem:unknown-host"


def test_two_hosts_are_none(client: TestClient) -> None:
    answer = client.get("/healthz", headers=[("Host", "localhost"), ("Host", "evil.example")])

    assert answer.status_code == 421


def test_without_a_setting_only_this_machine_is_answered(monkeypatch: pytest.MonkeyPatch, database_url: str) -> None:
    monkeypatch.delenv("RASAD_HOSTS")
    client = TestClient(create_app(Settings(database_url=database_url)))

    assert client.get("/healthz").status_code == 421
    assert client.get("/healthz", headers={"Host": "localhost"}).status_code == 200


def _parts(n_bytes: int) -> Iterator[bytes]:
    yield b'"'
    for _ in range(n_bytes // 1000):
        yield b"x" * 1000


def test_a_body_that_is_too_large_is_refused(keyed_client: TestClient, people: dict[str, Member]) -> None:
    """Whether it says so, or comes in parts."""
    headers = {**people["representative"].headers, "Idempotency-Key": "1", "Content-Type": "application/json"}
    for content in (b'"' + b"x" * LARGEST, _parts(LARGEST + 1000)):
        answer = keyed_client.post(PEOPLE, content=content, headers=headers)

        assert (answer.status_code, answer.headers["content-type"]) == (413, "application/problem+json")
        assert "1,000,000 bytes" in answer.json()["detail"]


def test_a_body_that_is_large_is_read(keyed_client: TestClient, people: dict[str, Member]) -> None:
    """Up to the last byte: it is refused for what it is."""
    headers = {**people["representative"].headers, "Idempotency-Key": "1", "Content-Type": "application/json"}
    for content in (b'"' + b"x" * (LARGEST - 2) + b'"', _parts(LARGEST - 1000)):
        assert keyed_client.post(PEOPLE, content=content, headers=headers).status_code == 400


def test_a_length_that_is_no_number_changes_nothing(client: TestClient) -> None:
    for length in ("x", "-1", "²", "9" * 5000):
        answer = client.get("/healthz", headers={"Content-Length": length.encode("latin-1")})

        assert answer.status_code == (413 if length.startswith("9") else 200)


def test_what_is_refused_has_no_body_for_head_and_is_counted(service: FastAPI, client: TestClient) -> None:
    answer = client.head("/healthz", headers={"Host": "evil.example"})

    assert (answer.status_code, answer.content) == (421, b"")
    [counted] = service.state.service.telemetry.requests.collect()
    labels = {"method": "other", "operation": "other", "status": "421"}
    assert [one.value >= 1 for one in counted.samples if one.labels == labels and one.name.endswith("_total")] == [True]
