"""What the platform was recorded to say: the rehearsal's refusals and objects have the same keys, types and texts."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.rehearsal.api.platform import Limits
from tests.app.rehearsal.asking import DNS, PING, TRACEROUTE, create, wanted
from tests.app.rehearsal.tiny import TinyWorld
from tests.rehearsing import EPOCH, RehearsedAtlas, rehearsing

pytestmark = pytest.mark.acceptance("atlas.7")
TYPES: dict[str, Any] = {
    "integer": int,
    "string": str,
    "boolean": bool,
    "array": list,
    "number": float,
    "choice": (int, str),
}
OTHERWISE_NOW: dict[str, Any] = {
    "status": dict,
    "creation_time": int,
    "start_time": int,
    "stop_time": int,
    "resolved_ips": list,
}
"""Members of which the description of 2016 says something else than what was recorded since."""
NEWER = {"credits_per_result", "estimated_results_per_day", "spread", "tags", "target_prefix", "group_id"}


@pytest.fixture(scope="module")
def recorded(shared_data: Path) -> list[dict[str, Any]]:
    """The refusals, with how each was asked for."""
    bodies: list[dict[str, Any]] = json.loads((shared_data / "registry/atlas-api-errors.json").read_text())["bodies"]
    return bodies


@pytest.fixture(scope="module")
def bodies(shared_data: Path) -> Path:
    """The folder of recorded objects and descriptions of them."""
    return shared_data / "registry/api-bodies"


def _recorded(recorded: list[dict[str, Any]], word: str, status: int) -> Any:
    (found,) = [each["body"] for each in recorded if word in each["request"] and each["http_status"] == status]
    return found


def test_an_id_that_cannot_be_one(client: httpx.Client, recorded: list[dict[str, Any]]) -> None:
    """Larger than any."""
    for path in ("", "results/", "latest"):
        answer = client.get(f"/measurements/{2**31}/{path}")
        assert (answer.status_code, answer.json()) == (400, _recorded(recorded, "too large id", 400))


def test_a_key_that_nobody_was_given(atlas: RehearsedAtlas, recorded: list[dict[str, Any]]) -> None:
    """By header or parameter, and none at all where one is needed."""
    expected = (401, _recorded(recorded, "unknown API key", 401))
    with atlas.client() as client:
        answers = [
            client.get("/probes/", headers={"Authorization": "Key nobody"}),
            client.get("/probes/", params={"key": "nobody"}),
            client.post("/measurements/", json=wanted()),
            client.get("/credits/"),
        ]
    assert [(each.status_code, each.json()) for each in answers] == [expected] * 4


def test_a_method_that_an_address_does_not_have(client: httpx.Client, recorded: list[dict[str, Any]]) -> None:
    """Named in the text."""
    answer = client.post("/probes/")
    expected = json.dumps(_recorded(recorded, "POST-only", 405)).replace("GET", "POST")
    assert (answer.status_code, answer.json()) == (405, json.loads(expected))


def test_more_than_a_hundred_at_once(recorded: list[dict[str, Any]]) -> None:
    """The cap of an account, told in the recorded words."""
    limits = Limits(strangers={}, concurrent_per_target=1000)
    with rehearsing(limits=limits) as atlas, atlas.client(atlas.key) as client:
        create(client, *[{**PING, "interval": 1800}] * 100)
        answer = client.post("/measurements/", json=wanted())
    expected = _recorded(recorded, "beyond the account's cap", 400)["error"]
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (400, expected["code"])
    assert [each["detail"] for each in error["errors"]] == [each["detail"] for each in expected["errors"]]


def test_a_filter_that_does_not_exist(client: httpx.Client, recorded: list[dict[str, Any]]) -> None:
    """Ignored, with a warning."""
    answer = client.get("/measurements/", params={"tls": "true"})
    assert answer.status_code == 200
    assert answer.json()["warnings"] == _recorded(recorded, "unknown filter", 200)["warnings"]
    assert answer.json()["count"] == 1


@pytest.mark.parametrize(
    ("definition", "model"),
    [(PING, "get Ping measurement"), (TRACEROUTE, "get Traceroute measurement"), (DNS, "get DNS measurement")],
)
def test_measurement_objects(
    atlas: RehearsedAtlas, client: httpx.Client, bodies: Path, definition: dict[str, Any], model: str
) -> None:
    """Every key of the platform's description, with its type."""
    number = create(client, definition)
    atlas.advance(3600)
    body = client.get(f"/measurements/{number}/").json()
    properties = json.loads((bodies / "measurements.json").read_text())["models"][model]["properties"]
    assert set(properties) | NEWER <= set(body)
    for name, described in properties.items():
        kind = OTHERWISE_NOW.get(name, TYPES[described["type"]])
        assert body[name] is None or isinstance(body[name], kind), f"{name} is {body[name]!r}"


def test_participation_requests(client: httpx.Client, bodies: Path) -> None:
    """The same for what asks probes to take part."""
    number = create(client)
    (body,) = client.get(f"/measurements/{number}/participation-requests/").json()["results"]
    models = json.loads((bodies / "measurements.json").read_text())["models"]
    assert set(models["participation request"]["properties"]) == set(body)


def test_the_credits_object(client: httpx.Client, bodies: Path) -> None:
    """Its keys and types."""
    recorded = json.loads((bodies / "credits.json").read_text())
    body = client.get("/credits/").json()
    assert set(recorded) <= set(body)
    for name, value in recorded.items():
        assert value is None or type(body[name]) is type(value), name
    assert body["transactions"].endswith("/api/v2/credits/transactions/")


def test_the_probe_object_passes_through(client: httpx.Client) -> None:
    """The world's probes are shown as they are; that they are the platform's kind is the world's to prove."""
    (first, *_) = TinyWorld().probes(EPOCH)
    assert client.get(f"/probes/{first['id']}/").json() == first
