"""Whatever is sent: an answer of the platform's kind, and no error of the rehearsal's own."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.rehearsal.api.platform import Limits
from tests.app.rehearsal.asking import DNS, PING, TAJIKISTAN, TRACEROUTE, wanted
from tests.rehearsing import rehearsing

pytestmark = [pytest.mark.acceptance("atlas.7"), pytest.mark.slow]
FUZZ = settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20)
    | st.sampled_from(["", "-1", "9" * 400, "\x00", "1e999", "TJ", "::", "2001:7fd::1", "k.root-servers.net"])
)  # fmt: skip
JSON = st.recursive(
    SCALARS, lambda part: st.lists(part, max_size=3) | st.dictionaries(st.text(max_size=8), part, max_size=3)
)
FIELDS = [
    "type", "af", "target", "description", "interval", "spread", "packets", "size", "tags", "is_public", "protocol",
    "paris", "port", "query_class", "query_type", "query_argument", "use_probe_resolver", "resolve_on_probe",
    "is_oneoff", "start_time", "stop_time", "group_id", "timeout", "udp_payload_size", "skip_dns_check",
]  # fmt: skip
PATHS = [
    "/measurements/", "/measurements/my/", "/measurements/ping/", "/measurements/1001/", "/measurements/1001/results/",
    "/measurements/1001/latest/", "/measurements-latest/1001/", "/probes/", "/probes/9100000/", "/probes/tags/",
    "/probes/9100000/measurements/", "/anchors/", "/anchors/5001/", "/anchor-measurements/", "/credits/",
    "/credits/transactions/", "/credits/expense-items/", "/measurements/1001/participation-requests/",
]  # fmt: skip
PARAMETERS = [
    "id",
    "id__in",
    "id__lt",
    "id__contains",
    "start",
    "stop",
    "probe_ids",
    "versions",
    "lookback_days",
    "page",
    "page_size",
    "after",
    "sort",
    "fields",
    "optional_fields",
    "format",
    "format[datetime]",
    "status",
    "status__in",
    "tags",
    "radius",
    "prefix_v4",
    "target_ip",
    "asn",
    "latitude__gt",
    "start_time__gt",
    "target__contains",
    "search",
    "current_probes",
    "is_anchor",
    "anchors_only",
    "type",
    "af",
    "mine",
    "asn46diff",
    "country_code__in",
    "protocol",
    "first_connected__lt",
]
changes = st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=4)
sources = st.dictionaries(
    st.sampled_from(["type", "value", "requested", "tags", "action", "tags_include"]), JSON, max_size=3
)
types_of_source = st.sampled_from(["area", "country", "countries", "region", "asn", "prefix", "probes", "msm"])


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    """One rehearsal for all of these, that bears as many measurements as they make."""
    many = 10**9
    limits = Limits(many, many, many, many, many, many, many, strangers={})
    with rehearsing(limits=limits) as atlas, atlas.client(atlas.key) as client:
        yield client


def _is_of_the_platform(answer: httpx.Response) -> None:
    """Good, or refused in the envelope."""
    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400:
        error = answer.json()["error"]
        assert error["status"] == answer.status_code
        assert all(
            each["detail"] and set(each["source"]) < {"pointer", "parameter"} for each in error.get("errors", [])
        )


@FUZZ
@given(
    st.sampled_from([PING, TRACEROUTE, DNS]),
    changes,
    types_of_source,
    sources,
    st.dictionaries(st.text(max_size=9), JSON, max_size=2),
)
def test_bodies_nearly_right(
    client: httpx.Client, definition: Any, changed: Any, type_: str, source: Any, root: Any
) -> None:
    """Some fields of a good request are something else."""
    body = wanted({**definition, **changed}, probes=[{**TAJIKISTAN, "type": type_, **source}])
    _is_of_the_platform(client.post("/measurements/", content=json.dumps({**body, **root})))


@FUZZ
@given(
    st.sampled_from(["/measurements/", "/measurements/dns/", "/measurements/900000001/participation-requests/"]), JSON
)
def test_bodies_of_any_kind(client: httpx.Client, path: str, body: Any) -> None:
    """Any JSON at all."""
    _is_of_the_platform(client.post(path, content=json.dumps(body)))


@FUZZ
@given(st.dictionaries(st.sampled_from([*FIELDS, "description", "tags", "is_public"]), JSON, max_size=3))
def test_changes(client: httpx.Client, body: Any) -> None:
    """Of a measurement that exists."""
    number = client.post("/measurements/", json=wanted()).json()["measurements"][0]
    _is_of_the_platform(client.patch(f"/measurements/{number}/", content=json.dumps(body)))
    assert client.get(f"/measurements/{number}/").status_code == 200


values = (
    st.text(max_size=12)
    | st.integers().map(str)
    | st.sampled_from(["9" * 5000, "1,2", "-1", "nan", "inf", "²", "١", "a--b", "1-2-3"])
)


@FUZZ
@given(st.sampled_from(PATHS), st.dictionaries(st.sampled_from(PARAMETERS), values, max_size=3))
def test_queries(client: httpx.Client, path: str, params: dict[str, str]) -> None:
    """Any values of the parameters that are known."""
    if path.endswith("results/"):
        params = {"start": "1799999000", **params}
    _is_of_the_platform(client.get(path, params=params))


@FUZZ
@given(
    st.sampled_from(
        ["/measurements/{}/", "/probes/{}", "/anchors/{}/", "/participation-requests/{}", "/measurements/{}/results"]
    ),
    st.text(min_size=1, max_size=9),
)
def test_addresses(client: httpx.Client, path: str, name: str) -> None:
    """Anything where a number belongs."""
    url = path.format(quote(name, safe=""))
    _is_of_the_platform(client.get(url))
