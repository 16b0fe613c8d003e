"""Requests that tests put to the rehearsal."""

from typing import Any

import httpx

Json = dict[str, Any]
PING: Json = {"type": "ping", "af": 4, "target": "k.root-servers.net", "description": "a ping"}
TRACEROUTE: Json = {**PING, "type": "traceroute", "protocol": "ICMP"}
DNS: Json = {
    "type": "dns", "af": 4, "target": "193.0.14.129", "description": "who is there", "query_class": "CHAOS",
    "query_type": "TXT", "query_argument": "hostname.bind", "set_nsid_bit": True,
}  # fmt: skip
TAJIKISTAN: Json = {"type": "country", "value": "TJ", "requested": 3}


def wanted(*definitions: Json, probes: list[Json] | None = None, **root: Any) -> Json:
    """The body of a request to create; a ping from Tajikistan unless told otherwise."""
    return {"definitions": list(definitions) or [PING], "probes": probes or [TAJIKISTAN], **root}


def create(client: httpx.Client, *definitions: Json, **root: Any) -> int:
    """Create a measurement and give the id of the first."""
    answer = client.post("/measurements/", json=wanted(*definitions, **root))
    assert answer.status_code == httpx.codes.CREATED, answer.text
    return int(answer.json()["measurements"][0])


def mistakes(answer: httpx.Response) -> dict[str, str]:
    """What a refused request was told, by where it is wrong."""
    error = answer.json()["error"]
    assert (answer.status_code, error["status"], error["code"]) == (400, 400, 102), answer.text
    return {each["source"].get("pointer", each["source"].get("parameter")): each["detail"] for each in error["errors"]}
