"""Lists: pages, cursors, filters, sorting, fields; and addresses with and without a slash at the end."""

from itertools import chain
from typing import Any

import httpx
import pytest

from app.rehearsal.contract import FIRST_PROBE_ID
from tests.app.rehearsal.asking import DNS, PING, TRACEROUTE, create, mistakes
from tests.app.rehearsal.tiny import BUILTIN_PING, IPV4_ONLY, N_PROBES
from tests.rehearsing import EPOCH, RehearsedAtlas

K_ROOT = "193.0.14.129"


def _ids(client: httpx.Client, path: str, **params: Any) -> list[int]:
    answer = client.get(path, params=params)
    assert answer.status_code == 200, answer.text
    assert "warnings" not in answer.json()
    return [each["id"] for each in answer.json()["results"]]


def _walk(client: httpx.Client, path: str, **params: Any) -> list[list[int]]:
    answer = client.get(path, params=params).json()
    pages = [[each["id"] for each in answer["results"]]]
    while answer["next"]:
        answer = client.get(answer["next"]).json()
        pages.append([each["id"] for each in answer["results"]])
    return pages


def test_probes_by_page_number(client: httpx.Client) -> None:
    """With a way back; a page that is not there is a mistake."""
    pages = _walk(client, "/probes/", page_size=5)
    assert [len(page) for page in pages] == [5, 5, 2]
    assert [*chain(*pages)] == [FIRST_PROBE_ID + index for index in range(N_PROBES)]
    second = client.get("/probes/", params={"page_size": 5, "page": 2}).json()
    assert second["previous"].endswith("page_size=5&page=1")
    assert list(mistakes(client.get("/probes/", params={"page": 9}))) == ["page"]


@pytest.mark.parametrize("sort", ["id", "-id", "-start_time", "status.name", "interval", "-is_oneoff", "stop_time"])
def test_measurements_by_cursor(client: httpx.Client, sort: str) -> None:
    """In every order each comes once; there is no way back."""
    created = [create(client, each) for each in (PING, TRACEROUTE, DNS)] + [create(client, PING, is_oneoff=True)]
    pages = _walk(client, "/measurements/", page_size=2, sort=sort)
    assert [len(page) for page in pages] == [2, 2, 1]
    assert sorted(chain(*pages)) == [BUILTIN_PING, *created]
    first = client.get("/measurements/", params={"page_size": 2}).json()
    assert first["previous"] is None
    assert "after=W" in first["next"]


def test_next_is_absolute_and_keeps_every_parameter(atlas: RehearsedAtlas) -> None:
    """The key as well, as it was in the address."""
    with atlas.client() as anybody:
        params = {"country_code": "TJ", "page_size": "1", "fields": "id,asn_v4", "key": atlas.key}
        following = httpx.URL(anybody.get("/probes/", params=params).json()["next"])
    assert str(following).startswith(f"{atlas.http}/api/v2/probes/?")
    assert dict(following.params) == {**params, "page": "2"}


def test_sizes_of_pages(client: httpx.Client) -> None:
    """Too large is refused, none gives the count alone."""
    for path in ("/probes/", "/measurements/", "/anchors/"):
        assert list(mistakes(client.get(path, params={"page_size": 501}))) == ["page_size"]
        answer = client.get(path, params={"page_size": 0}).json()
        assert (answer["results"], answer["next"]) == ([], None)
        assert answer["count"] > 0


def test_fields(client: httpx.Client) -> None:
    """Those asked for, with id and type always."""
    (first, *_) = client.get("/probes/", params={"fields": "asn_v4,country_code"}).json()["results"]
    assert set(first) == {"id", "type", "asn_v4", "country_code"}
    assert set(client.get(f"/measurements/{BUILTIN_PING}/?fields=probes,status").json()) == {
        "id",
        "type",
        "probes",
        "status",
    }
    sources = client.get(f"/measurements/{create(client)}/?optional_fields=probe_sources,participation_requests").json()
    assert sources["probe_sources"] == [{"type": "country", "value": "TJ", "requested": 3}]
    assert [each["action"] for each in sources["participation_requests"]] == ["add"]


def test_notation_of_time(client: httpx.Client) -> None:
    """Unix seconds, or ISO 8601 where that is asked for."""
    number = create(client)
    assert client.get(f"/measurements/{number}/").json()["creation_time"] == EPOCH
    body = client.get(f"/measurements/{number}/", params={"format[datetime]": "iso-8601"}).json()
    assert (body["creation_time"], body["status"]["when"]) == ("2027-01-15T08:00:00Z",) * 2
    probe = client.get("/probes/", params={"format[datetime]": "iso-8601"}).json()["results"][0]
    assert probe["first_connected"] == "2014-05-13T16:53:20Z"


@pytest.mark.parametrize(
    ("params", "places"),
    [
        ({"country_code": "TJ"}, [0, 1, 2, 3]),
        ({"country_code": "tj"}, [0, 1, 2, 3]),
        ({"country_code__in": "UZ,KG"}, [6, 7]),
        ({"id__in": "9100000,9100002,5"}, [0, 2]),
        ({"id__gt": 9100009}, [10, 11]),
        ({"id__gte": 9100009, "id__lt": 9100011}, [9, 10]),
        ({"id__lte": 9100000}, [0]),
        ({"id": 9100004}, [4]),
        ({"asn": 64501}, [4, 5, 6, 7]),
        ({"asn_v4__in": "64502,1"}, [8, 9, 10, 11]),
        ({"asn_v6": 64500}, [0, 2, 3]),
        ({"asn46diff": "true"}, [1]),
        ({"prefix_v4": "198.51.0.0/16", "id__lte": 9100001}, [0, 1]),
        ({"prefix_v4": "198.51.100.0/25"}, []),
        ({"prefix_v6": "2001:db8::/32", "id__lte": 9100001}, [0, 1]),
        ({"status": 2}, [3]),
        ({"status": "1,2", "id__lte": 9100003}, [0, 1, 2, 3]),
        ({"status_name": "Disconnected"}, [3]),
        ({"is_anchor": "true"}, [0]),
        ({"is_public": "false"}, [5]),
        ({"tags": "system-ipv4-works", "id__lte": 9100001}, [0, 1]),
        ({"tags": "system-ipv4-works,home"}, []),
        ({"radius": "38,68:100"}, [0, 1]),
        ({"longitude__gt": 78, "latitude__lte": 38}, [11]),
        ({"firmware_version__lt": 5080}, []),
    ],
)
def test_filters_of_probes(client: httpx.Client, params: dict[str, Any], places: list[int]) -> None:
    """As the reference names them."""
    assert _ids(client, "/probes/", **params) == [FIRST_PROBE_ID + place for place in places]
    assert IPV4_ONLY == FIRST_PROBE_ID + 1


def test_filters_of_measurements(client: httpx.Client, atlas: RehearsedAtlas) -> None:
    """Each finds what it says of four."""
    ping = create(client, {**PING, "tags": ["rasad", "daily"], "description": "one of Ours"})
    way = create(client, {**TRACEROUTE, "interval": 1800}, start_time=EPOCH + 5000)
    dns = create(client, {**DNS, "tags": ["rasad"]}, is_oneoff=True)
    atlas.advance(60)
    expected: list[tuple[dict[str, Any], list[int]]] = [
        ({"type": "dns"}, [dns]), ({"type__in": "dns,traceroute"}, [way, dns]),
        ({"status": "Ongoing,Scheduled"}, [BUILTIN_PING, ping, way, dns]), ({"status": 1}, [way]),
        ({"status__in": "scheduled,4"}, [way]), ({"tags": "rasad"}, [ping, dns]), ({"tags": "rasad,daily"}, [ping]),
        ({"target": K_ROOT}, [dns]), ({"target__contains": "ROOT-servers"}, [BUILTIN_PING, ping, way]),
        ({"target__startswith": "193."}, [dns]), ({"target_ip": K_ROOT}, [BUILTIN_PING, ping, way, dns]),
        ({"target_ip": "193.0.0.0/16", "type": "dns"}, [dns]), ({"target_asn": 25152, "is_oneoff": "true"}, [dns]),
        ({"description__contains": "ours"}, [ping]), ({"search": "OURS"}, [ping]), ({"protocol": "icmp"}, [way]),
        ({"start_time__gt": EPOCH + 1000}, [way]), ({"start_time__lt": "2020-01-01T00:00:00Z"}, [BUILTIN_PING]),
        ({"interval": 1800}, [way]), ({"interval__lt": 1800}, [BUILTIN_PING, ping]), ({"af": 6}, []),
        ({"id__in": f"{ping},{dns}", "is_public": "true"}, [ping, dns]), ({"group_id": way}, [way]),
        ({"current_probes": FIRST_PROBE_ID + 8}, [BUILTIN_PING]), ({"mine": "true"}, [ping, way, dns]),
    ]  # fmt: skip
    assert [_ids(client, "/measurements/", **params) for params, _ in expected] == [found for _, found in expected]
    assert _ids(client, f"/probes/{FIRST_PROBE_ID}/measurements") == [BUILTIN_PING, ping, way, dns]
    assert _ids(client, "/measurements/my") == [ping, way, dns]


@pytest.mark.parametrize(
    ("path", "params"),
    [
        ("/probes/", {"id__in": "x"}), ("/probes/", {"radius": "here"}), ("/probes/", {"prefix_v4": "x"}),
        ("/probes/", {"is_anchor": "perhaps"}), ("/measurements/", {"start_time__gt": "soon"}),
        ("/measurements/", {"sort": "colour"}), ("/measurements/", {"after": "x"}),
        ("/measurements/", {"page_size": "-1"}), ("/measurements/1001/results/", {"start": "x"}),
        ("/measurements/1001/latest/", {"versions": "0"}),
    ],
)  # fmt: skip
def test_values_that_cannot_be_read(client: httpx.Client, path: str, params: dict[str, str]) -> None:
    """Refused by the name of the parameter."""
    assert list(mistakes(client.get(path, params=params))) == list(params)


@pytest.mark.parametrize(
    "path",
    [
        "/measurements", "/measurements/1001", "/measurements/1001/results", "/measurements/1001/latest",
        "/measurements-latest/1001", "/measurements/my", "/measurements/ping",
        "/measurements/1001/participation-requests",
        "/probes", "/probes/9100000", "/probes/9100000/measurements", "/probes/tags", "/anchors", "/anchors/5001",
        "/anchor-measurements", "/credits", "/credits/income-items", "/credits/expense-items", "/credits/transactions",
    ],
)  # fmt: skip
def test_a_slash_at_the_end_makes_no_difference(client: httpx.Client, path: str) -> None:
    """And nobody is sent elsewhere."""
    first, second = client.get(path), client.get(f"{path}/")
    assert first.status_code == second.status_code == 200
    assert first.text == second.text


def test_what_is_not_there(client: httpx.Client) -> None:
    """Told in the envelope, wherever it is."""
    expected = {"error": {"detail": "Not found.", "status": 404, "title": "Not Found", "code": 104}}
    paths = ["/nothing/", "/measurements/4711/", "/probes/1/", "/anchors/1/", "/participation-requests/1/"]
    paths += ["/measurements/4711/latest", "/anchor-measurements/1", "/probes/1/measurements/"]
    paths += ["/probes/x", "/probes/0"]
    assert [client.get(path).json() for path in paths] == [expected] * len(paths)


@pytest.mark.parametrize("sort", ["id", "-id", "-start_time", "status.name"])
def test_a_cursor_outlives_the_object_that_it_stands_at(client: httpx.Client, sort: str) -> None:
    """It stops between two pages, and passes the filter no more: the others still come once each."""
    created = {create(client) for _ in range(4)}
    params = {"page_size": "2", "sort": sort, "status": "0", "type": "ping"}
    first = client.get("/measurements/", params=params).json()
    client.delete(f"/measurements/{first['results'][-1]['id']}/")
    second = client.get(first["next"]).json()
    assert {each["id"] for page in (first, second) for each in page["results"]} == created
    assert second["next"] is None


def test_fields_and_optional_ones(client: httpx.Client) -> None:
    """These come beside those."""
    params = {"fields": "af", "optional_fields": "probes"}
    assert set(client.get(f"/measurements/{BUILTIN_PING}/", params=params).json()) == {"id", "type", "af", "probes"}


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/probes/", "GET, HEAD, OPTIONS"),
        ("/measurements/", "GET, POST, HEAD, OPTIONS"),
        ("/measurements/1001/", "GET, PATCH, PUT, DELETE, HEAD, OPTIONS"),
    ],
)
def test_methods(client: httpx.Client, path: str, allowed: str) -> None:
    """Which there are is told with every answer, and on demand; also where one is asked for that there is not."""
    assert client.get(path).headers["allow"] == allowed
    assert client.get(path).headers["vary"] == "Accept"
    options = client.options(path)
    assert (options.status_code, options.headers["allow"]) == (200, allowed)
    assert set(options.json()) == {"name", "description", "renders", "parses"}
    assert (client.head(path).status_code, client.head(path).content) == (200, b"")
    refused = client.request("TRACE", path)
    assert (refused.status_code, set(refused.headers["allow"].split(", "))) == (405, set(allowed.split(", ")))
