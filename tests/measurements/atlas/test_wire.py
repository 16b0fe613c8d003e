"""What is on the wire: bodies as the platform documents them, through Cousteau, and over trusted connections only."""

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from measurements.atlas.client import AtlasClient
from measurements.atlas.endpoint import Limits
from measurements.atlas.failures import Phase, TimedOut, Untrusted
from measurements.definitions.base import Protocol
from measurements.definitions.dns import Dns
from measurements.definitions.traceroute import Traceroute
from measurements.selections import ALL_PROBES, ProbeSelection, SelectedBy, in_country, these_probes
from measurements.units import seconds
from tests.clocks import START, ManualClock, RunningClock
from tests.measurements.atlas.plans import DNS, K_ROOT, PING, TRACEROUTE, plan
from tests.measurements.atlas.traps import CREATED, MEASUREMENT, Traps, answers, hangs, laid

BY_DEFAULT = {"is_public": True, "resolve_on_probe": False, "skip_dns_check": False, "tags": ["rasad-test"]}


def test_a_plan_is_sent_with_every_value(traps: Traps, atlas: AtlasClient) -> None:
    """Nothing is left to defaults that documentation, probe and clients do not agree about."""
    traps.will(answers(201, {"measurements": [7, 8, 9]}))
    starts = seconds(START) + 3600

    atlas.dispatch(plan(definitions=(PING, TRACEROUTE, DNS), start_at=starts, stop_at=starts + 60))

    (request,) = traps.requests
    assert (request.method, request.target) == ("POST", "/api/v2/measurements/")
    assert request.headers["content-type"] == "application/json"
    ping, traceroute, dns = request.json["definitions"]
    assert request.json == {
        "definitions": [ping, traceroute, dns],
        "probes": [{"type": "country", "value": "TJ", "requested": 2}],
        "is_oneoff": False,
        "start_time": starts,
        "stop_time": starts + 60,
    }
    assert ping == BY_DEFAULT | {
        "type": "ping", "af": 4, "target": K_ROOT, "description": "reach of K-root", "interval": 240, "spread": 120,
        "packets": 3, "size": 48, "packet_interval": 1000, "include_probe_id": False,
    }  # fmt: skip
    assert traceroute == BY_DEFAULT | {
        "type": "traceroute", "af": 4, "target": K_ROOT, "description": "path to K-root", "interval": 900,
        "spread": 400, "protocol": "UDP", "packets": 3, "size": 48, "paris": 16, "first_hop": 1, "max_hops": 32,
        "port": 80, "dont_fragment": False, "response_timeout": 4000, "duplicate_timeout": 10,
    }  # fmt: skip
    assert dns == BY_DEFAULT | {
        "type": "dns", "af": 4, "target": K_ROOT, "description": "who answers", "interval": 240, "spread": 120,
        "query_class": "CHAOS", "query_type": "TXT", "query_argument": "hostname.bind", "use_probe_resolver": False,
        "protocol": "UDP", "port": 53, "set_rd_bit": False, "set_do_bit": False, "set_cd_bit": False,
        "set_nsid_bit": True, "udp_payload_size": 512, "retry": 0, "timeout": 5000, "tls": False,
        "include_abuf": True, "include_qbuf": False, "prepend_probe_id": False, "use_macros": False,
    }  # fmt: skip


def test_a_one_off_has_no_rounds_and_resolvers_have_no_target(traps: Traps, atlas: AtlasClient) -> None:
    """Nor do values of one address family go to the other."""
    traps.will(answers(201, {"measurements": [7, 8]}))
    own = Dns(address_family=4, description="own", query_type="A", query_argument="nic.tj", use_probe_resolver=True)
    six = Traceroute(
        target="2001:7fd::1", address_family=6, description="six", protocol=Protocol.ICMP, destination_option_size=8
    )

    atlas.dispatch(plan(definitions=(own, six), is_oneoff=True))

    sent = traps.requests[0].json
    dns, traceroute = sent["definitions"]
    assert sent["is_oneoff"] is True
    assert sent.keys() == {"definitions", "probes", "is_oneoff"}
    assert not {"interval", "spread", "target"} & dns.keys()
    assert not {"interval", "spread", "dont_fragment"} & traceroute.keys()
    assert traceroute["destination_option_size"] == 8


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        (
            ProbeSelection(by=SelectedBy.ASN, value="43197", requested=5),
            {"type": "asn", "value": 43197, "requested": 5},
        ),
        (
            ProbeSelection(by=SelectedBy.MEASUREMENT, value="1001", requested=ALL_PROBES),
            {"type": "msm", "value": 1001, "requested": -1},
        ),
        (these_probes(2, 1), {"type": "probes", "value": "2,1", "requested": 2}),
        (
            in_country("TJ", 3, "system-ipv4-works"),
            {
                "type": "country",
                "value": "TJ",
                "requested": 3,
                "tags": {"include": ["system-ipv4-works"], "exclude": []},
            },
        ),
    ],
)
def test_a_selection_is_sent_as_the_platform_writes_it(
    traps: Traps, atlas: AtlasClient, selection: ProbeSelection, expected: dict[str, object]
) -> None:
    """Numbers as numbers."""
    traps.will(CREATED)

    atlas.dispatch(plan(selections=(selection,)))

    assert traps.requests[0].json["probes"] == [expected]


@pytest.fixture
def certified(tmp_path: Path) -> Iterator[tuple[Traps, Path]]:
    """A server with a certificate for 127.0.0.1, and the authority that issued it."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    ca_file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(ca_file)
    with laid(context) as traps:
        yield traps, ca_file


def test_only_the_endpoints_authority_is_trusted(certified: tuple[Traps, Path]) -> None:
    """A certificate that is not trusted does not become so by asking again."""
    traps, ca_file = certified
    traps.will(answers(200, MEASUREMENT))
    address = f"https://127.0.0.1:{traps.port}"
    trusting = AtlasClient(traps.endpoint(address=address, ca_file=ca_file), ManualClock())
    clock = ManualClock()
    doubting = AtlasClient(traps.endpoint(address=address), clock)

    assert trusting.measurement(7).atlas_id == 7
    with pytest.raises(Untrusted, match="CA file") as untrusted:
        doubting.measurement(7)

    trusting.close()
    doubting.close()
    assert untrusted.value.phase is Phase.TLS
    assert clock.slept == []


def test_a_handshake_that_hangs_ends_in_time(traps: Traps) -> None:
    """A server that does not know of TLS says nothing that we understand, or nothing at all."""
    traps.will(hangs())
    limits = Limits(connect_s=0.3, idle_s=0.3, call_s=0.5, retry_s=0)
    client = AtlasClient(traps.endpoint(address=f"https://127.0.0.1:{traps.port}"), RunningClock(), limits=limits)

    with pytest.raises(TimedOut) as late:
        client.measurement(7)

    client.close()
    assert late.value.phase is Phase.TLS
