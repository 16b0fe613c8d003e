"""Whatever is sent: an answer of the platform's kind, and no error of the rehearsal's own."""

import json
from base64 import b64decode
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import dns.flags
import dns.message
import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ripe.atlas.sagan import Result

from app.rehearsal.api.platform import Limits
from app.rehearsal.world import make_world, named_scenario
from tests.app.rehearsal.asking import DNS, PING, TAJIKISTAN, TRACEROUTE, wanted
from tests.rehearsing import EPOCH, RehearsedAtlas, rehearsing

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


@pytest.fixture(scope="module")
def whole() -> Iterator[RehearsedAtlas]:
    """The world of practice, in which whatever was asked for is measured."""
    many = 10**9
    limits = Limits(many, many, many, many, many, many, 10**15, strangers={})
    with rehearsing(make_world(1, named_scenario(), EPOCH), limits=limits) as atlas:
        yield atlas


numbers = st.sampled_from([0, 1, 2, 16, 53, 64, 255, 512, 853, 1500, 2048, 4096])
names = st.text(max_size=9) | st.sampled_from([
    ".", "tj.", "nic.tj", "a..b", ".tj", "x" * 64, "\\", "$p.$t.$r.tj", "hostname.bind", "é.tj", "a\\.tj", "$p" * 7,
    "10.0.0.1", "k.root-servers.net", "9.9.9.9", "fe80::1%a", "mute.example", "ns1.nic.tj", "8.8.8.8", "193.0.14.129",
])  # fmt: skip
measured = st.fixed_dictionaries({}, optional={
    **dict.fromkeys(("packets", "size", "paris", "first_hop", "max_hops", "port", "response_timeout"), numbers),
    **dict.fromkeys(("hop_by_hop_option_size", "destination_option_size", "udp_payload_size"), numbers),
    **dict.fromkeys(("retry", "timeout"), numbers),
    **dict.fromkeys(("use_probe_resolver", "tls", "set_do_bit", "set_nsid_bit", "include_qbuf"), st.booleans()),
    **dict.fromkeys(("prepend_probe_id", "use_macros", "dont_fragment", "resolve_on_probe"), st.booleans()),
    "af": st.sampled_from([4, 6]), "target": names, "query_argument": names,
    "protocol": st.sampled_from(["UDP", "TCP"]), "query_class": st.sampled_from(["IN", "CHAOS"]),
    "query_type": st.sampled_from(["A", "AAAA", "ANY", "TXT", "SOA", "NS", "DNSKEY", "DS", "SVCB", "NSEC3PARAM"]),
})  # fmt: skip


@FUZZ
@given(st.sampled_from([PING, TRACEROUTE, DNS]), measured)
def test_whatever_is_created_is_measured(whole: RehearsedAtlas, definition: Any, fields: dict[str, Any]) -> None:
    """Its results come whole, and so do all other answers after it: what nobody can measure was refused."""
    everywhere = {"type": "area", "value": "WW", "requested": 48}
    body = wanted({**definition, **fields}, probes=[everywhere], is_oneoff=True, skip_dns_check=True)
    with whole.client(whole.key) as client:
        answer = client.post("/measurements/", content=json.dumps(body))
        _is_of_the_platform(answer)
        if answer.status_code == httpx.codes.CREATED:
            whole.advance(600)
            (number,) = answer.json()["measurements"]
            results = client.get(f"/measurements/{number}/results/").json()
            assert len(results) > 15
            assert {result["type"] for result in results} == {definition["type"]}
            for result in results:
                assert not Result.get(result, on_error=Result.ACTION_IGNORE).is_malformed
                for part in (result, *result.get("resultset", ())):
                    _holds_messages(part)


def _holds_messages(part: Any) -> None:
    """Question and answer can be read, and are what is said beside them."""
    if "qbuf" in part:
        assert len(dns.message.from_wire(b64decode(part["qbuf"])).question) == 1
    if isinstance(answer := part.get("result"), dict):
        wire = b64decode(answer["abuf"])
        message = dns.message.from_wire(wire)
        counts = [int.from_bytes(wire[start : start + 2]) for start in range(0, 12, 2)]
        names = ("ID", "QDCOUNT", "ANCOUNT", "NSCOUNT", "ARCOUNT")
        assert [answer[name] for name in names] == [counts[0], *counts[2:]]
        assert (message.flags & dns.flags.QR, len(wire)) == (dns.flags.QR, answer["size"])
