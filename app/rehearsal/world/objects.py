"""Probes, anchors and built-in measurements as the platform's API shows them."""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from app.rehearsal.chance import share
from app.rehearsal.contract import Body
from app.rehearsal.world import networks, tags
from app.rehearsal.world.presence import Presence
from app.rehearsal.world.probes import Life, Vantage
from app.rehearsal.world.sites import K_ROOT_ASN, K_ROOT_PREFIX_V4, K_ROOT_PREFIX_V6, K_ROOT_V4, K_ROOT_V6
from app.rehearsal.world.targets import anchor_name

STATUS = {
    Life.NEVER: "Never Connected",
    Life.WORKING: "Connected",
    Life.DISCONNECTED: "Disconnected",
    Life.ABANDONED: "Abandoned",
}
REPORTED_EVERY_S = 240
"""How fresh `last_connected` of a connected probe is."""
FIRST_ANCHOR_ID = 91_001
BLUR_DEGREES = 0.02
BUILTINS_SINCE = 1_285_891_200
"""1 October 2010."""
ONGOING = {"id": 2, "name": "Ongoing", "when": None}
API = "https://atlas.ripe.net/api/v2"


def fixed(vantage: Vantage, presence: Presence) -> Body:
    """What `GET /probes/{id}/` shows of a probe at any time; the rest is None."""
    first = presence.first_connected(vantage)
    asn = vantage.operator.asn if first is not None else None
    v6 = vantage.has_ipv6 and first is not None
    return {
        "address_v4": vantage.address_v4 if first is not None else None,
        "address_v6": vantage.address_v6 if v6 else None,
        "asn_v4": asn,
        "asn_v6": asn if v6 else None,
        "country_code": vantage.place.country,
        "description": f"rehearsal probe, {vantage.operator.name}, {vantage.place.name}",
        "firmware_version": vantage.firmware,
        "first_connected": first,
        "geometry": {"type": "Point", "coordinates": _coordinates(vantage)},
        "id": vantage.id,
        "is_anchor": vantage.is_anchor,
        "is_public": True,
        "last_connected": None,
        "prefix_v4": networks.prefix(vantage.operator.asn, 4) if first is not None else None,
        "prefix_v6": networks.prefix(vantage.operator.asn, 6) if v6 else None,
        "status": None,
        "status_since": None,
        "tags": [{"name": tags.NAMES[slug], "slug": slug} for slug in tags.slugs(vantage)],
        "total_uptime": None,
        "type": "Probe",
    }


def probe(fixed: Body, vantage: Vantage, presence: Presence, at: int) -> Body:
    """A probe as `GET /probes/{id}/` shows it at an instant."""
    life, since = presence.since(vantage, at)
    first = fixed["first_connected"]
    last = at - at % REPORTED_EVERY_S if life is Life.WORKING else since
    return {
        **fixed,
        "last_connected": None if first is None else last,
        "status": {"id": life.value, "name": STATUS[life], "since": _iso(since)},
        "status_since": since,
        "total_uptime": 0 if first is None or last is None else int((last - first) * 0.97),
    }


def anchor(vantage: Vantage, presence: Presence) -> Body:
    """An anchor as `GET /anchors/{id}/` shows it."""
    family6 = vantage.has_ipv6
    asn = vantage.operator.asn
    return {
        "id": FIRST_ANCHOR_ID + vantage.id % 1000,
        "type": "Anchor",
        "fqdn": anchor_name(vantage),
        "probe": vantage.id,
        "is_ipv4_only": not family6,
        "ip_v4": vantage.address_v4,
        "as_v4": asn,
        "ip_v4_gateway": networks.address(asn, 4, 1),
        "ip_v4_netmask": "255.255.252.0",
        "ip_v6": vantage.address_v6 if family6 else None,
        "as_v6": asn if family6 else None,
        "ip_v6_gateway": networks.address(asn, 6, 1) if family6 else None,
        "ip_v6_prefix": 64 if family6 else None,
        "city": vantage.place.name,
        "country": vantage.place.country,
        "company": f"rehearsal host, {vantage.operator.name}",
        "nic_handle": None,
        "geometry": {"type": "Point", "coordinates": _coordinates(vantage)},
        "tlsa_record": None,
        "is_disabled": False,
        "date_live": _iso(presence.first_connected(vantage)),
        "hardware_version": 99,
    }


def builtins(participants: int) -> list[Body]:
    """The built-in measurements of K-root, as `GET /measurements/{id}/` shows them, by id."""
    bodies = []
    for offset, address_family in ((0, 4), (1000, 6)):
        bodies.append(_builtin(1001 + offset, "ping", address_family, participants, PING))
        bodies.append(_builtin(5001 + offset, "traceroute", address_family, participants, TRACEROUTE))
        for measurement_id, fields in DNS.items():
            bodies.append(_builtin(measurement_id + offset, "dns", address_family, participants, fields))
    return sorted(bodies, key=lambda body: int(body["id"]))


PING: Body = {"interval": 240, "packets": 3, "size": 64, "packet_interval": 1000, "include_probe_id": False}
TRACEROUTE: Body = {
    "interval": 1800,
    "packets": 3,
    "size": 40,
    "paris": 16,
    "first_hop": 1,
    "max_hops": 32,
    "port": 80,
    "protocol": "UDP",
    "response_timeout": 1000,
    "duplicate_timeout": 10,
    "dont_fragment": False,
    "destination_option_size": 0,
    "hop_by_hop_option_size": 0,
}
_QUERY: Body = {
    "protocol": "UDP",
    "port": 53,
    "retry": 0,
    "timeout": 5000,
    "tls": False,
    "udp_payload_size": 512,
    "include_abuf": True,
    "include_qbuf": False,
    "prepend_probe_id": False,
    "use_macros": False,
    "use_probe_resolver": False,
    "set_rd_bit": False,
    "set_do_bit": False,
    "set_cd_bit": False,
    "set_nsid_bit": False,
}
_SOA: Body = {**_QUERY, "interval": 1800, "query_class": "IN", "query_type": "SOA", "query_argument": "."}
_CHAOS: Body = {**_QUERY, "interval": 240, "query_class": "CHAOS", "query_type": "TXT"}
DNS: dict[int, Body] = {
    10001: _SOA,
    10101: {**_SOA, "protocol": "TCP"},
    10201: {**_CHAOS, "interval": 86_400, "query_argument": "version.bind"},
    10301: {**_CHAOS, "query_argument": "hostname.bind"},
    10401: {**_CHAOS, "query_argument": "id.server"},
}
UNSET: Body = dict.fromkeys(
    (
        *("cookies", "default_client_subnet", "destination_option_size", "dont_fragment", "duplicate_timeout"),
        *("first_hop", "hop_by_hop_option_size", "include_abuf", "include_probe_id", "include_qbuf", "max_hops"),
        *("packet_interval", "packets", "paris", "port", "prepend_probe_id", "protocol", "query_argument"),
        *("query_class", "query_type", "response_timeout", "retry", "set_cd_bit", "set_do_bit", "set_nsid_bit"),
        *("set_rd_bit", "size", "timeout", "tls", "udp_payload_size", "use_macros", "use_probe_resolver"),
    )
)
"""Every field that only some types have."""
NAMES = {"ping": "Ping", "traceroute": "Traceroute", "dns": "DNS"}


def _builtin(measurement_id: int, kind: str, address_family: int, participants: int, fields: Body) -> Body:
    address, announced = (
        (K_ROOT_V4, K_ROOT_PREFIX_V4) if address_family == networks.IPV4 else (K_ROOT_V6, K_ROOT_PREFIX_V6)
    )
    about: Any = fields.get("query_argument")
    subject = f"{NAMES[kind]} {about} " if about else f"{NAMES[kind]} "
    return {
        **UNSET,
        **fields,
        "af": address_family,
        "creation_time": BUILTINS_SINCE,
        "credits_per_result": 0,
        "description": f"Rehearsed built-in: {subject}at k.root-servers.net, IPv{address_family}",
        "estimated_results_per_day": participants * 86_400 // int(fields["interval"]),
        "group": None,
        "group_id": None,
        "id": measurement_id,
        "in_wifi_group": False,
        "is_all_scheduled": True,
        "is_oneoff": False,
        "is_public": True,
        "participant_count": participants,
        "probes_requested": None,
        "probes_scheduled": None,
        "resolve_on_probe": False,
        "resolved_ips": [address],
        "result": f"{API}/measurements/{measurement_id}/results/",
        "spread": None,
        "start_time": BUILTINS_SINCE,
        "status": ONGOING,
        "stop_time": None,
        "tags": [],
        "target": "k.root-servers.net",
        "target_asn": K_ROOT_ASN,
        "target_ip": address,
        "target_prefix": announced,
        "type": kind,
    }


def _coordinates(vantage: Vantage) -> list[float]:
    east, north = (BLUR_DEGREES * (2 * share(side, vantage.id) - 1) for side in ("east", "north"))
    return [round(vantage.place.longitude + east, 4), round(vantage.place.latitude + north, 4)]


@lru_cache(maxsize=4096)
def _iso(at: int | None) -> str | None:
    return None if at is None else datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
