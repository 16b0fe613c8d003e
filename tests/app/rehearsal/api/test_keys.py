"""Keys: which is good for what, and how they are presented."""

import httpx
import pytest

from app.rehearsal.api.keys import STRANGERS_KEY
from tests.app.rehearsal.asking import create, mistakes, wanted
from tests.rehearsing import RehearsedAtlas


def _statuses(atlas: RehearsedAtlas, key: str, number: int) -> dict[str, int]:
    with atlas.client(key) as client:
        return {
            "create": client.post("/measurements/", json=wanted()).status_code,
            "list": client.get("/measurements/my/").status_code,
            "credits": client.get("/credits/").status_code,
            "change": client.patch(f"/measurements/{number}/", json={"description": "y"}).status_code,
            "join": client.post(f"/measurements/{number}/participation-requests/", json=[]).status_code,
            "stop": client.delete(f"/measurements/{number}/").status_code,
        }


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("key", {"create": 201, "list": 200, "credits": 200, "change": 200, "join": 400, "stop": 204}),
        ("create_key", {"create": 201, "join": 400}),
        ("read_key", {"list": 200, "credits": 200}),
        ("stop_key", {"change": 200, "stop": 204}),
    ],
)
def test_grants(atlas: RehearsedAtlas, client: httpx.Client, name: str, allowed: dict[str, int]) -> None:
    """What a key is not good for is forbidden."""
    number = create(client)
    everything = dict.fromkeys(("create", "list", "credits", "change", "join", "stop"), 403)
    assert _statuses(atlas, getattr(atlas, name), number) == {**everything, **allowed}


def test_what_belongs_to_somebody_else(atlas: RehearsedAtlas, client: httpx.Client) -> None:
    """Cannot be changed or stopped, and is not among one's own; neither can a built-in."""
    number = create(client)
    with atlas.client(STRANGERS_KEY) as stranger:
        assert stranger.delete(f"/measurements/{number}/").status_code == 403
        assert stranger.patch(f"/measurements/{number}/", json={}).status_code == 403
        assert stranger.get("/measurements/my/").json()["count"] == 0
    assert client.delete("/measurements/1001/").status_code == 403


def test_a_key_in_the_address(atlas: RehearsedAtlas) -> None:
    """Is as good as one in the header; two are not."""
    with atlas.client() as client:
        assert client.get("/credits/", params={"key": atlas.key}).status_code == 200
        assert client.get("/credits/", params=[("key", atlas.key), ("key", atlas.key)]).status_code == 403
        both = client.get("/credits/", params={"key": atlas.key}, headers={"Authorization": f"Key {atlas.key}"})
        assert (both.status_code, both.json()["error"]["title"]) == (403, "Forbidden")


def test_changing(client: httpx.Client) -> None:
    """Description and tags, and from private to public; never back."""
    number = create(client, {"type": "ping", "af": 4, "target": "193.0.14.129", "description": "x", "is_public": False})
    path = f"/measurements/{number}/"
    changed = client.patch(path, json={"description": "new", "tags": ["a"], "is_public": True, "interval": 60}).json()
    assert (changed["description"], changed["tags"], changed["is_public"]) == ("new", ["a"], True)
    assert client.get(path).json()["interval"] == 240
    assert client.patch(path, json={"is_public": False}).status_code == 400
    assert client.patch(path, json={"description": "a > b"}).status_code == 400
    assert client.get(path).json() == changed


PRIVATE = {"type": "ping", "af": 4, "target": "193.0.14.129", "description": "x", "is_public": False}


def test_what_is_private(atlas: RehearsedAtlas, client: httpx.Client) -> None:
    """Its results want a grant of their own; of what was asked of probes nobody else hears."""
    number = create(client, PRIVATE)
    with atlas.client(atlas.create_key) as creator, atlas.client(atlas.read_key) as reader, atlas.client() as anybody:
        for path in (f"/measurements/{number}/results/", f"/measurements/{number}/latest/"):
            assert [each.get(path).status_code for each in (creator, reader, anybody)] == [403, 200, 404]
        (asked,) = reader.get(f"/measurements/{number}/participation-requests/").json()["results"]
        path = f"/participation-requests/{asked['id']}/"
        assert [each.get(path).status_code for each in (creator, reader, anybody)] == [200, 200, 404]


def test_asking_for_the_probes_of_nothing(client: httpx.Client) -> None:
    """Refused as it is at the creation."""
    more = {"action": "add", "type": "msm", "value": 4711, "requested": 1}
    answer = client.post(f"/measurements/{create(client)}/participation-requests/", json=[more])
    assert mistakes(answer) == {"/0/value": "Your selected measurement does not exist."}
