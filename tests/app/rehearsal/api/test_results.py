"""Results and latest: periods, probes, formats, and what nobody can see yet."""

import json
from typing import Any

import httpx
import pytest

from app.rehearsal.contract import FIRST_PROBE_ID
from tests.app.rehearsal.asking import create, mistakes
from tests.app.rehearsal.tiny import BUILTIN_PING, DISCONNECTED, N_PROBES
from tests.rehearsing import EPOCH, RehearsedAtlas

DAY_S = 86_400


def _results(client: httpx.Client, number: int, **params: Any) -> list[dict[str, Any]]:
    answer = client.get(f"/measurements/{number}/results/", params=params)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()
    return found


def test_what_is_not_stored_yet_is_not_there(client: httpx.Client, atlas: RehearsedAtlas) -> None:
    """A result is read from when it arrives, half a minute after it was measured."""
    atlas.advance(420)
    for result in _results(client, BUILTIN_PING, start=EPOCH):
        assert result["stored_timestamp"] <= EPOCH + 420
    early = {each["timestamp"] for each in _results(client, BUILTIN_PING, start=EPOCH, stop=EPOCH + 420)}
    atlas.advance(30)
    late = {each["timestamp"] for each in _results(client, BUILTIN_PING, start=EPOCH, stop=EPOCH + 420)}
    assert early < late


def test_start_is_inclusive_and_so_is_stop(client: httpx.Client) -> None:
    """A period of two results holds both."""
    some = _results(client, BUILTIN_PING, probe_ids=FIRST_PROBE_ID, start=EPOCH - 3600)
    first, second = some[0]["timestamp"], some[1]["timestamp"]
    both = _results(client, BUILTIN_PING, probe_ids=FIRST_PROBE_ID, start=first, stop=second)
    assert [each["timestamp"] for each in both] == [first, second]


def test_a_stop_at_midnight_is_the_second_before(client: httpx.Client, atlas: RehearsedAtlas) -> None:
    """As the platform's own client found out."""
    midnight = (EPOCH // DAY_S + 1) * DAY_S
    number = create(client, start_time=midnight)
    atlas.advance(DAY_S)
    assert _results(client, number, stop=midnight) == []
    (first,) = _results(client, number, stop=midnight + 1)
    assert first["timestamp"] == midnight


def test_instants_may_be_texts(client: httpx.Client) -> None:
    """ISO 8601, UTC unless it says otherwise."""
    by_number = _results(client, BUILTIN_PING, start=EPOCH - 600, stop=EPOCH - 60)
    by_text = _results(client, BUILTIN_PING, start="2027-01-15T07:50:00", stop="2027-01-15T12:59:00+05:00")
    assert by_number == by_text != []


def test_some_probes(client: httpx.Client) -> None:
    """Listed, as ranges, and with blanks."""
    found = _results(
        client, BUILTIN_PING, start=EPOCH - 600, probe_ids=f"{FIRST_PROBE_ID}-{FIRST_PROBE_ID + 2}, 1,9100005"
    )
    assert {each["prb_id"] for each in found} == {FIRST_PROBE_ID + index for index in (0, 1, 2, 5)}
    for wrong in ("x", "1-", "5-100000000"):
        answer = client.get(f"/measurements/{BUILTIN_PING}/results/", params={"probe_ids": wrong})
        assert list(mistakes(answer)) == ["probe_ids"]


@pytest.mark.parametrize(("option", "count"), [("anchors_only", 1), ("anchors-only", 1), ("public-only", 10)])
def test_anchors_and_public_probes(client: httpx.Client, option: str, count: int) -> None:
    """Both spellings are taken."""
    found = _results(client, BUILTIN_PING, start=EPOCH - 600, **{option: "true"})
    assert len({each["prb_id"] for each in found}) == count


def test_lines(client: httpx.Client) -> None:
    """One result each, the same as in the list."""
    answer = client.get(f"/measurements/{BUILTIN_PING}/results/", params={"start": EPOCH - 600, "format": "txt"})
    assert answer.headers["content-type"].startswith("text/plain")
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert lines == _results(client, BUILTIN_PING, start=EPOCH - 600)
    assert answer.text.splitlines()[0].startswith('{"af":4,"avg":'), "keys are sorted"


def test_nothing(client: httpx.Client) -> None:
    """An empty list, and no line."""
    assert _results(client, BUILTIN_PING, start=EPOCH + DAY_S) == []
    assert client.get(f"/measurements/{BUILTIN_PING}/results", params={"start": EPOCH + 9, "format": "txt"}).text == ""
    assert client.get("/measurements/4711/results/").status_code == 404
    assert _results(client, BUILTIN_PING, start=EPOCH, stop=EPOCH - 60) == []


def test_no_start_is_some_days_of_a_builtin(client: httpx.Client) -> None:
    """And all of one that somebody created."""
    first = min(each["timestamp"] for each in _results(client, BUILTIN_PING))
    assert 0 <= first - (EPOCH - 7 * DAY_S) < 240


def test_the_latest_of_each_probe(client: httpx.Client, atlas: RehearsedAtlas) -> None:
    """One or several, newest first; a flat list, also by the older address."""
    atlas.advance(3600)
    for path in (f"/measurements/{BUILTIN_PING}/latest", f"/measurements-latest/{BUILTIN_PING}/"):
        latest = client.get(path).json()
        assert len(latest) == len({each["prb_id"] for each in latest}) == N_PROBES - 1
        assert all(each["timestamp"] > EPOCH + 3300 for each in latest)
        three = client.get(path, params={"versions": 3, "probe_ids": FIRST_PROBE_ID}).json()
        assert [each["timestamp"] - three[0]["timestamp"] for each in three] == [0, -240, -480]
    assert client.get(f"/measurements/{BUILTIN_PING}/latest", params={"probe_ids": DISCONNECTED}).json() == []
    assert len(client.get(f"/measurements/{BUILTIN_PING}/latest?format=txt").text.splitlines()) == N_PROBES - 1


def test_the_latest_looks_back_for_some_days(client: httpx.Client, atlas: RehearsedAtlas) -> None:
    """Seven unless told otherwise; without limit for probes that are named."""
    number = create(client)
    atlas.advance(600)
    client.delete(f"/measurements/{number}/")
    atlas.advance(9 * DAY_S)
    path = f"/measurements/{number}/latest/"
    assert client.get(path).json() == []
    assert len(client.get(path, params={"lookback_days": 10}).json()) == 3
    assert len(client.get(path, params={"probe_ids": FIRST_PROBE_ID}).json()) == 1


def test_private_results_are_their_owners(client: httpx.Client, atlas: RehearsedAtlas) -> None:
    """For others the measurement does not exist."""
    number = create(client, {"type": "ping", "af": 4, "target": "193.0.14.129", "description": "x", "is_public": False})
    atlas.advance(600)
    assert len(_results(client, number)) > 0
    with atlas.client() as anybody:
        for path in (f"/measurements/{number}/", f"/measurements/{number}/results/", f"/measurements/{number}/latest/"):
            assert anybody.get(path).status_code == 404
        assert number not in [each["id"] for each in anybody.get("/measurements/").json()["results"]]
