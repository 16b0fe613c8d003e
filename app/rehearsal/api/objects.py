"""Measurement objects on the wire: every key the platform gives for a type, null where nothing is known."""

from typing import Any

from app.rehearsal.contract import Body

API = "/api/v2"
_ADDRESSES = ("result", "group")
_COMMON: dict[str, Any] = {
    "af": None,
    "auto_topup": False,
    "auto_topup_prb_days_off": None,
    "auto_topup_prb_similarity": None,
    "creation_time": None,
    "credits_per_result": 0,
    "description": None,
    "estimated_results_per_day": 0,
    "group": None,
    "group_id": None,
    "id": None,
    "in_wifi_group": False,
    "interval": None,
    "is_all_scheduled": False,
    "is_oneoff": False,
    "is_public": True,
    "participant_count": 0,
    "probes_requested": 0,
    "probes_scheduled": 0,
    "resolve_on_probe": False,
    "resolved_ips": [],
    "result": None,
    "spread": None,
    "start_time": None,
    "status": None,
    "stop_time": None,
    "tags": [],
    "target": None,
    "target_asn": None,
    "target_ip": None,
    "target_prefix": None,
    "target_update_hours": None,
    "type": None,
}
_OF_TYPE: dict[str, tuple[str, ...]] = {
    "ping": ("include_probe_id", "packet_interval", "packets", "size"),
    "traceroute": (
        "destination_option_size", "dont_fragment", "duplicate_timeout", "first_hop", "hop_by_hop_option_size",
        "max_hops", "packets", "paris", "port", "protocol", "response_timeout", "size",
    ),
    "dns": (
        "cookies", "default_client_subnet", "include_abuf", "include_qbuf", "port", "prepend_probe_id", "protocol",
        "query_argument", "query_class", "query_type", "retry", "set_cd_bit", "set_do_bit", "set_nsid_bit",
        "set_rd_bit", "timeout", "tls", "udp_payload_size", "use_macros", "use_probe_resolver",
    ),
}  # fmt: skip
DAY_S = 86_400


def measurement_object(known: Body) -> Body:
    """The whole object of what is known about a measurement; its addresses have no host yet."""
    keys = {**_COMMON, **dict.fromkeys(_OF_TYPE[known["type"]])}
    body = {name: known.get(name, default) for name, default in keys.items()}
    if body["group_id"] is not None:
        body["group"] = f"{API}/measurements/groups/{body['group_id']}/"
    body["result"] = f"{API}/measurements/{body['id']}/results/"
    body["estimated_results_per_day"] = results_per_day(body, body["participant_count"])
    return body


def results_per_day(body: Body, n_probes: int) -> int:
    """How many results a day so many probes give; of a one-off, one each."""
    return n_probes if body["is_oneoff"] else n_probes * DAY_S // int(body["interval"] or DAY_S)


def with_addresses(body: Body, root: str) -> Body:
    """The object with absolute addresses of the server that was asked."""
    return {**body, **{name: f"{root}{body[name]}" for name in _ADDRESSES if body.get(name)}}
