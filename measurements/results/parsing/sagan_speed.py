"""Faster methods for Sagan, each with the behaviour of the one it replaces.

Each takes the common case a short way, without Sagan's exception for every absent key, and hands
everything else to the original. `tests/measurements/results/parsing/test_sagan_speed.py` proves on all
recordings that every public attribute and every exception stays the same. Installed once, by the door.
"""

from datetime import datetime, timedelta
from typing import Any

import pytz
from ripe.atlas.sagan import base, ping, traceroute

from measurements.results.parsing import sagan_speed_dns

_EPOCH = datetime(1970, 1, 1, tzinfo=pytz.UTC)
_LATEST = 253_402_300_799
_WARN = base.ParsingDict.ACTION_WARN
_PLAIN_REPLY = 4
"""Keys of a reply that holds nothing but `from`, `rtt`, `size` and `ttl`."""

_ensure = base.ParsingDict.ensure
_result_init = base.Result.__init__
_ping_packet_init = ping.Packet.__init__
_traceroute_packet_init = traceroute.Packet.__init__


def ensure(self: Any, key: str, kind: Any, default: Any = None) -> Any:
    """As Sagan's, without raising for a key that is absent or a value that needs no conversion."""
    raw = self.raw_data
    if type(raw) is dict:
        if key not in raw:
            return default
        value = raw[key]
        if type(value) is kind and kind is not list and kind is not dict:
            return value
        if kind == "datetime" and type(value) is int and 0 <= value <= _LATEST:
            return _EPOCH + timedelta(0, value)
    return _ensure(self, key, kind, default)


def parsing_dict_init(self: Any, *, on_error: Any = _WARN, on_malformation: Any = _WARN, **_: Any) -> None:
    """As Sagan's, with the two keywords it looks for named in the signature."""
    self._on_error = on_error
    self.is_error = False
    self.error_message = None
    self._on_malformation = on_malformation
    self.is_malformed = False


def result_init(self: Any, data: Any, *args: Any, **kwargs: Any) -> None:
    """As Sagan's, for a dict with all keys; time is computed by addition, which gives the same instant."""
    if (
        type(data) is not dict
        or type(data.get("timestamp")) is not int
        or not 0 <= data["timestamp"] <= _LATEST
        or not ("msm_id" in data and "prb_id" in data and "fw" in data and "type" in data)
    ):
        _result_init(self, data, *args, **kwargs)
        return
    parsing_dict_init(self, **kwargs)
    self.raw_data = data
    self.created = _EPOCH + timedelta(0, data["timestamp"])
    self.measurement_id = self.ensure("msm_id", int)
    self.probe_id = self.ensure("prb_id", int)
    self.firmware = self.ensure("fw", int)
    self.origin = self.ensure("from", str)
    self.seconds_since_sync = self.ensure("lts", int)
    self.group_id = self.ensure("group_id", int)
    self.bundle = self.ensure("bundle", int)
    if self.firmware == 0:
        self._handle_malformation(f"Unknown firmware: {self.firmware}")
    if self.seconds_since_sync is not None and self.seconds_since_sync < 0:
        self.seconds_since_sync = None
    if "dnserr" in data:
        self._handle_error(data["dnserr"])
    if "err" in data:
        self._handle_error(data["err"])


def ping_packet_init(
    self: Any,
    data: Any,
    default_ttl: Any,
    default_source_address: Any,
    *,
    on_error: Any = _WARN,
    on_malformation: Any = _WARN,
    **kwargs: Any,
) -> None:
    """As Sagan's, for a reply that holds nothing but an RTT."""
    rtt = data.get("rtt")
    if type(rtt) is not float or len(data) != 1:
        kwargs |= {"on_error": on_error, "on_malformation": on_malformation}
        _ping_packet_init(self, data, default_ttl, default_source_address, **kwargs)
        return
    self._on_error = on_error
    self._on_malformation = on_malformation
    self.is_error = self.is_malformed = self.dup = False
    self.error_message = None
    self.source_address = default_source_address
    self.rtt = rtt = round(rtt, 3)
    self.ttl = default_ttl if rtt else None


def parse_packets(self: Any, **kwargs: Any) -> None:
    """As Sagan's `PingResult._parse_packets`, asking once for what is the same for all packets."""
    source = self.raw_data.get("src_addr", self.raw_data.get("srcaddr"))
    ttl = self.ensure("ttl", int)
    for packet in self.ensure("result", list, []):
        self.packets.append(ping.Packet(packet, ttl, source, **kwargs))


def traceroute_packet_init(
    self: Any, data: Any, *, on_error: Any = _WARN, on_malformation: Any = _WARN, **kwargs: Any
) -> None:
    """As Sagan's, for a packet without an answer and for a reply that holds nothing unusual."""
    origin = rtt = size = ttl = None
    is_usual = type(data) is dict
    if is_usual and len(data) == _PLAIN_REPLY:
        origin, rtt, size, ttl = data.get("from"), data.get("rtt"), data.get("size"), data.get("ttl")
        is_usual = type(origin) is str and type(rtt) is float and type(size) is int and type(ttl) is int
        if rtt and is_usual:
            rtt = round(rtt, 3)
    elif is_usual:
        is_usual = len(data) == 1 and "x" in data
    if not is_usual:
        _traceroute_packet_init(self, data, on_error=on_error, on_malformation=on_malformation, **kwargs)
        return
    self._on_error = on_error
    self._on_malformation = on_malformation
    self.is_error = self.is_malformed = False
    self.error_message = self.mtu = self.icmp_header = None
    self.destination_option_size = self.hop_by_hop_option_size = None
    self.raw_data = data
    self.origin = origin
    self.rtt = rtt
    self.size = size
    self.ttl = ttl
    self.arrived_late_by = 0
    self.internal_ttl = 1


def hop_init(self: Any, data: Any, **kwargs: Any) -> None:
    """As Sagan's, with the names it looks up for every packet looked up once."""
    parsing_dict_init(self, **kwargs)
    self.raw_data = data
    self.index = self.ensure("hop", int)
    error = self.ensure("error", str)
    if error:
        self._handle_error(error)
    self.packets = packets = []
    rtts = []
    make = traceroute.Packet
    if "result" in data:
        for raw in data["result"]:
            if "late" not in raw:
                packet = make(raw, **kwargs)
                packets.append(packet)
                rtt = packet.rtt
                if rtt:
                    rtts.append(rtt)
    self.median_rtt = base.Result.calculate_median(rtts)


def parse_hops(self: Any, parse_all_hops: bool = True, **kwargs: Any) -> None:  # noqa: FBT001, FBT002 - Sagan's signature
    """As Sagan's, with hops put in order at the end instead of by inserting each before the others."""
    hops = self.raw_data.get("result")
    if not isinstance(hops, list):
        self._handle_malformation("Legacy formats not supported")
        return
    found: list[Any] = []
    for raw in reversed(hops):
        hop = traceroute.Hop(raw, **kwargs)
        if not found:
            self.set_destination_ip_responded(hop)
            self.set_last_hop_responded(hop)
            self.set_is_success(hop)
            found.append(hop)
        elif parse_all_hops:
            found.append(hop)
        if hop.median_rtt and not self.last_median_rtt:
            self.last_median_rtt = hop.median_rtt
            if not parse_all_hops:
                break
    self.hops.extend(reversed(found))
    self.total_hops = len(hops)


def calculate_median(given_list: Any) -> Any:
    """As Sagan's, with whole-number division."""
    if not given_list:
        return None
    ordered = sorted(given_list)
    middle, is_odd = divmod(len(ordered), 2)
    return ordered[middle] if is_odd else (ordered[middle] + ordered[middle - 1]) / 2.0


REPLACEMENTS: tuple[tuple[type, str, Any], ...] = (
    (base.ParsingDict, "ensure", ensure),
    (base.ParsingDict, "__init__", parsing_dict_init),
    (base.Result, "__init__", result_init),
    (base.Result, "calculate_median", staticmethod(calculate_median)),
    (ping.Packet, "__init__", ping_packet_init),
    (ping.PingResult, "_parse_packets", parse_packets),
    (traceroute.Packet, "__init__", traceroute_packet_init),
    (traceroute.Hop, "__init__", hop_init),
    (traceroute.TracerouteResult, "_parse_hops", parse_hops),
    *sagan_speed_dns.REPLACEMENTS,
)


ORIGINALS: tuple[tuple[type, str, Any], ...] = tuple(
    (owner, name, vars(owner)[name]) for owner, name, _ in REPLACEMENTS
)
"""What the faster methods replace, as it was before."""


def install() -> None:
    """Put the faster methods in place, for every user of Sagan in this process."""
    for owner, name, method in REPLACEMENTS:
        setattr(owner, name, method)
