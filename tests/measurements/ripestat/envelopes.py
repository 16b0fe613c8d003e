"""Envelopes as RIPEstat writes them, to be spoilt one member at a time."""

from typing import Any

import orjson

ABSENT = object()
"""In place of a member's value: the member is not there."""


def envelope(call: str, contents: Any, **changed: Any) -> dict[str, Any]:
    """An answer, and what is different about it."""
    whole = {
        "messages": [], "see_also": [], "version": "1.1", "data_call_name": call, "data_call_status": "supported",
        "cached": False, "query_id": "20261124080000-test", "process_time": 5, "server_id": "app0",
        "build_version": "test", "status": "ok", "status_code": 200, "time": "2026-11-24T08:00:00.123456",
        "data": contents, **changed,
    }  # fmt: skip
    return {name: value for name, value in whole.items() if value is not ABSENT}


def country(**resources: Any) -> dict[str, Any]:
    """The answer to which resources a country has."""
    held = {"asn": ["64500"], "ipv4": ["198.51.100.0/24"], "ipv6": ["2001:db8::/32"], **resources}
    return envelope("country-resource-list", {"query_time": "2026-11-22T00:00:00", "resources": held})


def announced(*prefixes: Any, asn: Any = "64500") -> dict[str, Any]:
    """The answer to what a network announces."""
    data = {
        "prefixes": [{"prefix": one, "timelines": []} if isinstance(one, str) else one for one in prefixes],
        "query_starttime": "2026-11-10T00:00:00", "query_endtime": "2026-11-24T00:00:00", "resource": asn,
    }  # fmt: skip
    return envelope("announced-prefixes", data)


def network(asns: Any, prefix: Any = "198.51.100.0/24", **changed: Any) -> dict[str, Any]:
    """The answer to who announces an address."""
    return envelope("network-info", {"asns": asns, "prefix": prefix}, **changed)


def body(document: dict[str, Any]) -> bytes:
    """As it is sent."""
    return orjson.dumps(document)
