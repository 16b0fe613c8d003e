"""Every field of a definition and of a source: what is refused, where, and in which words; and what defaults are."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from app.rehearsal.api.platform import Limits
from app.rehearsal.contract import FIRST_PROBE_ID
from tests.app.rehearsal.asking import DNS, PING, TAJIKISTAN, TRACEROUTE, create, mistakes, wanted
from tests.rehearsing import rehearsing

AT_MOST, AT_LEAST = (
    "Ensure this value is less than or equal to {}.",
    "Ensure this value is greater than or equal to {}.",
)
BOUNDS = [
    (PING, "packets", 1, 16), (PING, "size", 1, 2048), (PING, "packet_interval", 2, 300000),
    (PING, "interval", 60, 604800), (PING, "target_update_hours", 22, 720), (PING, "auto_topup_prb_days_off", 1, 30),
    (TRACEROUTE, "packets", 1, 16), (TRACEROUTE, "size", 0, 2048), (TRACEROUTE, "paris", 0, 64),
    (TRACEROUTE, "first_hop", 1, 255), (TRACEROUTE, "max_hops", 1, 255), (TRACEROUTE, "port", 1, 65535),
    (TRACEROUTE, "response_timeout", 1, 60000), (TRACEROUTE, "hop_by_hop_option_size", 0, 2048),
    (TRACEROUTE, "destination_option_size", 0, 1024),
    (DNS, "udp_payload_size", 512, 4096), (DNS, "retry", 0, 10), (DNS, "timeout", 100, 30000), (DNS, "port", 1, 65535),
]  # fmt: skip


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    """One rehearsal for all of these, that bears as many measurements as they make."""
    many = 10**9
    limits = Limits(many, many, many, many, many, many, strangers={})
    with rehearsing(limits=limits) as atlas, atlas.client(atlas.key) as client:
        yield client


def _refused(client: httpx.Client, *definitions: Any, **root: Any) -> dict[str, str]:
    return mistakes(client.post("/measurements/", json=wanted(*definitions, **root)))


@pytest.mark.parametrize(("definition", "field", "least", "most"), BOUNDS)
def test_bounds(client: httpx.Client, definition: Any, field: str, least: int, most: int) -> None:
    """Both ends are good, what lies outside is not."""
    pointer = f"/definitions/0/{field}"
    assert _refused(client, {**definition, field: most + 1}) == {pointer: AT_MOST.format(most)}
    assert _refused(client, {**definition, field: least - 1}) == {pointer: AT_LEAST.format(least)}
    for good in (least, most):
        number = create(client, {**definition, field: good})
        assert client.get(f"/measurements/{number}/").json()[field] == good


@pytest.mark.parametrize(
    ("definition", "field"),
    [
        *[(PING, name) for name in ("af", "description", "target")],
        *[(TRACEROUTE, name) for name in ("af", "description", "target")],
        *[(DNS, name) for name in ("af", "description", "target", "query_class", "query_type", "query_argument")],
    ],
)
def test_what_is_required(client: httpx.Client, definition: Any, field: str) -> None:
    """Named by its place."""
    without = {name: value for name, value in definition.items() if name != field}
    assert _refused(client, without) == {f"/definitions/0/{field}": "This field is required."}


@pytest.mark.parametrize(
    ("changed", "pointer", "text"),
    [
        ({"type": "pong"}, "type", '"pong" is not a valid choice.'),
        ({"type": None}, "type", "This field is required."),
        ({"type": "ntp"}, "type", "This rehearsal measures ping, traceroute and dns only."),
        ({"af": 5}, "af", '"5" is not a valid choice.'),
        ({"packets": "many"}, "packets", "A valid integer is required."),
        ({"packets": None}, "packets", "This field may not be null."),
        ({"packets": True}, "packets", "A valid integer is required."),
        ({"packets": 1.5}, "packets", "A valid integer is required."),
        ({"is_public": "perhaps"}, "is_public", "Must be a valid boolean."),
        ({"tags": "one"}, "tags", 'Expected a list of items but got type "str".'),
        ({"tags": ["a b"]}, "tags/0", "Enter a valid value."),
        ({"description": "a < b"}, "description", "Text contains disallowed characters"),
        ({"description": "x" * 255}, "description", "Ensure this field has no more than 254 characters."),
        ({"description": " "}, "description", "This field may not be blank."),
        ({"description": ["x"]}, "description", "Not a valid string."),
        ({"target": "nowhere.example"}, "target", "This target cannot be resolved"),
        ({"target": "a\x00b"}, "target", "Null characters are not allowed."),
        ({"start_time": "soon"}, "start_time", "Datetime has wrong format. Use a unix timestamp or ISO 8601 instead."),
    ],
)
def test_what_is_wrong_with_a_field(client: httpx.Client, changed: Any, pointer: str, text: str) -> None:
    """Told in the platform's words."""
    assert _refused(client, {**PING, **changed}) == {f"/definitions/0/{pointer}": text}


def test_null_where_clients_send_it(client: httpx.Client) -> None:
    """`ripe-atlas measure traceroute` says null for sizes that nobody gave."""
    sizes = ("hop_by_hop_option_size", "destination_option_size")
    shown = client.get(f"/measurements/{create(client, {**TRACEROUTE, **dict.fromkeys(sizes)})}/").json()
    assert [shown[name] for name in sizes] == [0, 0]


def test_everything_wrong_is_told_at_once(client: httpx.Client) -> None:
    """Of all definitions, in one answer; and nothing was created."""
    before = client.get("/measurements/my/").json()["count"]
    answer = client.post("/measurements/", json=wanted({**PING, "af": 5, "packets": 0}, {**DNS, "retry": 11}, PING))
    assert answer.json()["error"]["detail"] == "There were problems with your request"
    assert list(mistakes(answer)) == ["/definitions/0/af", "/definitions/0/packets", "/definitions/1/retry"]
    assert client.get("/measurements/my/").json()["count"] == before


def test_defaults(client: httpx.Client) -> None:
    """As the manual has them; the spread is half the interval, at most 400 seconds."""
    numbers = client.post("/measurements/", json=wanted(PING, TRACEROUTE, DNS)).json()["measurements"]
    ping, traceroute, dns = (client.get(f"/measurements/{number}/").json() for number in numbers)
    assert (ping["interval"], ping["spread"], ping["packets"], ping["size"]) == (240, 120, 3, 48)
    assert (traceroute["interval"], traceroute["spread"], traceroute["max_hops"]) == (900, 400, 32)
    assert (dns["interval"], dns["protocol"], dns["include_abuf"], dns["set_rd_bit"]) == (240, "UDP", True, False)
    assert [each["group_id"] for each in (ping, traceroute, dns)] == numbers
    assert [each["credits_per_result"] for each in (ping, traceroute, dns)] == [3, 30, 10]


def test_a_one_off_has_no_interval_and_costs_twice(client: httpx.Client) -> None:
    """Whatever interval was asked for; `is_oneoff` may stand in the definition."""
    for body in (wanted({**PING, "interval": 300}, is_oneoff=True), wanted({**PING, "is_oneoff": True})):
        number = client.post("/measurements/", json=body).json()["measurements"][0]
        shown = client.get(f"/measurements/{number}/").json()
        assert (shown["interval"], shown["is_oneoff"], shown["credits_per_result"]) == (None, True, 6)
        assert shown["estimated_results_per_day"] == shown["participant_count"]


def test_resolvers_of_the_probe_are_no_target(client: httpx.Client) -> None:
    """A question to them needs none, and has none."""
    asked = {**DNS, "use_probe_resolver": True, "query_class": "IN", "query_type": "A", "query_argument": "example.com"}
    number = create(client, {name: value for name, value in asked.items() if name != "target"})
    assert client.get(f"/measurements/{number}/").json()["target"] is None


def test_names_need_not_resolve_where_that_is_said(client: httpx.Client) -> None:
    """By the probe, or not at all; an address of the other family never will."""
    elsewhere = {**PING, "target": "nowhere.example"}
    assert create(client, {**elsewhere, "resolve_on_probe": True})
    assert create(client, elsewhere, skip_dns_check=True)
    wrong = {**PING, "target": "2001:7fd::1", "resolve_on_probe": True}
    assert _refused(client, wrong) == {"/definitions/0/target": "This target cannot be resolved"}


def test_a_type_may_stand_in_the_address(client: httpx.Client) -> None:
    """As in `/measurements/ping/`, where a list holds only that."""
    answer = client.post("/measurements/ping", json=wanted({name: PING[name] for name in PING if name != "type"}))
    assert answer.status_code == 201
    create(client, DNS)
    assert {each["type"] for each in client.get("/measurements/dns/").json()["results"]} == {"dns"}


@pytest.mark.parametrize(
    ("root", "pointer", "text"),
    [
        ({"definitions": []}, "/definitions", "This list may not be empty."),
        ({"definitions": ["x"]}, "/definitions/0", "Invalid data. Expected a dictionary, but got str."),
        ({"definitions": "x"}, "/definitions", 'Expected a list of items but got type "str".'),
        ({"bill_to": "nobody"}, "/bill_to", "Enter a valid value."),
        ({"start_time": 1}, "/start_time", "Start time must be in the future."),
        ({"stop_time": 1_800_000_000}, "/stop_time", "Stop time must be later than start time."),
        (
            {"stop_time": 1_900_000_000, "is_oneoff": True},
            "/stop_time",
            "One-off measurements cannot have a stop time.",
        ),
        ({"probes": []}, "/probes", "This list may not be empty."),
        (
            {"definitions": [{**PING, "start_time": 1_800_001_000}, {**PING, "start_time": 1_800_002_000}]},
            "/definitions/0/start_time",
            "This must be the same for all definitions.",
        ),
    ],
)
def test_what_is_wrong_with_the_root(client: httpx.Client, root: Any, pointer: str, text: str) -> None:
    """Named by its place as well."""
    assert mistakes(client.post("/measurements/", json={**wanted(), **root})) == {pointer: text}


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"x"', b"\xff"])
def test_what_is_no_request_at_all(client: httpx.Client, body: bytes) -> None:
    """Refused in the envelope."""
    answer = client.post("/measurements/", content=body)
    assert answer.status_code == 400
    assert answer.json()["error"]["title"] == "Bad Request"


GOOD_SOURCES = [
    ("area", "WW"), ("area", "North-East"), ("country", "TJ"), ("country", "tj"), ("countries", "TJ,KZ"),
    ("region", "central_asia"), ("asn", 64500), ("asn", "AS64500"), ("prefix", "198.51.100.0/24"),
    ("probes", f"{FIRST_PROBE_ID},{FIRST_PROBE_ID + 1}"), ("msm", 1001),
]  # fmt: skip
BAD_SOURCES = [
    ("area", "Middle", '"Middle" is not a valid area.'),
    ("country", "Tajikistan", '"Tajikistan" is not a valid country.'),
    ("country", "ZW", "Your selected country is not covered by our network."),
    ("countries", "TJ;KZ", '"TJ;KZ" is not a valid countries.'),
    ("region", "the_moon", '"the_moon" is not a valid region.'),
    ("asn", 4_294_967_296, '"4294967296" is not a valid asn.'),
    ("asn", 3333, "Your selected ASN is not covered by our network."),
    ("prefix", "everything", '"everything" is not a valid prefix.'),
    ("prefix", "192.0.2.0/24", "Your selected prefix is not covered by our network."),
    ("probes", "1-5", '"1-5" is not a valid probes.'),
    ("probes", "1,2", "Your selected probes do not exist."),
    ("msm", 4711, "Your selected measurement does not exist."),
]


@pytest.mark.parametrize(("type_", "value"), GOOD_SOURCES)
def test_sources_of_every_type(client: httpx.Client, type_: str, value: Any) -> None:
    """All are taken."""
    source = {"type": type_, "value": value, "requested": 1}
    assert create(client, probes=[source])


@pytest.mark.parametrize(("type_", "value", "text"), BAD_SOURCES)
def test_sources_that_lead_nowhere(client: httpx.Client, type_: str, value: Any, text: str) -> None:
    """Refused at once; nothing is created."""
    source = {"type": type_, "value": value, "requested": 1}
    assert _refused(client, PING, probes=[TAJIKISTAN, source]) == {"/probes/1/value": text}


def test_other_fields_of_a_source(client: httpx.Client) -> None:
    """How many; -1 is all there are, none is a mistake. Both spellings of tags are taken."""
    for requested, text in ((0, AT_LEAST.format(1)), (-2, AT_LEAST.format(-1)), ("x", "A valid integer is required.")):
        given = {**TAJIKISTAN, "requested": requested}
        assert _refused(client, PING, probes=[given]) == {"/probes/0/requested": text}
    assert _refused(client, PING, probes=[{"value": "TJ", "requested": 1}]) == {
        "/probes/0/type": "This field is required."
    }
    assert create(client, probes=[{**TAJIKISTAN, "requested": -1}])
    assert create(client, probes=[{**TAJIKISTAN, "tags": {"include": ["system-ipv4-works"], "exclude": []}}])
    assert create(client, probes=[{**TAJIKISTAN, "tags_include": "system-ipv4-works"}])


LONG = ".".join(["x" * 60] * 4)


@pytest.mark.parametrize("name", ["a..b", ".a", "x" * 64, "a\\", "a.\\300.b", f"{LONG}.{LONG[:11]}"])
def test_names_that_no_message_can_hold(client: httpx.Client, name: str) -> None:
    """No probe could ask for them."""
    text = f'"{name}" is not a valid domain name.'
    assert _refused(client, {**DNS, "query_argument": name}) == {"/definitions/0/query_argument": text}


def test_names_that_a_probe_makes_longer(client: httpx.Client) -> None:
    """They have to fit in then as well."""
    text = f'"{LONG}" is not a valid domain name.'
    longer = {**DNS, "query_argument": LONG, "prepend_probe_id": True}
    assert create(client, {**DNS, "query_argument": LONG})
    assert _refused(client, longer) == {"/definitions/0/query_argument": text}
    macros = {**DNS, "query_argument": "$p" * 7, "use_macros": True}
    assert list(_refused(client, macros)) == ["/definitions/0/query_argument"]


@pytest.mark.parametrize(("fields", "port"), [({}, 53), ({"tls": True}, 853), ({"tls": True, "port": 443}, 443)])
def test_the_port_of_dns(client: httpx.Client, fields: dict[str, Any], port: int) -> None:
    """Over TLS another one: blaeu relies on that."""
    number = create(client, {**DNS, **fields})
    assert client.get(f"/measurements/{number}/").json()["port"] == port
