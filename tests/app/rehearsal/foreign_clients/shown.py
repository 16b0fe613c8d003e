"""How clients show results, made from the raw results: what was lost, came twice or late included.

Sources: the renderers of ripe-atlas-tools 3.4.0, and the three programs of blaeu 2.2.1.
"""

import base64
from collections import Counter
from collections.abc import Iterable, Sequence
from statistics import fmean, median
from typing import Any

import dns.edns
import dns.message

Result = dict[str, Any]


def _rtt(packet: Result) -> float | None:
    return round(packet["rtt"], 3) if "rtt" in packet else None


def ping_line(result: Result) -> str:
    """A ping as `ripe-atlas` shows it; a lost packet took `None ms`, and only one that came has a TTL."""
    first, *_ = result["result"]
    ttl = first.get("ttl", result.get("ttl")) if "rtt" in first else None
    times = ", ".join(f"{_rtt(packet)} ms" for packet in result["result"])
    origin = f"via probe #{result['prb_id']} ({result['from']})"
    return f"{result['size']} bytes from {result['dst_addr']} {origin}: ttl={ttl} times={times}"


def ping_statistics(results: Sequence[Result]) -> list[str]:
    """What `ripe-atlas` says below pings; it takes a lost packet for one of 0 ms."""
    times = [_rtt(packet) or 0 for result in results for packet in result["result"]]
    sent, received = (sum(result[key] for result in results) for key in ("sent", "rcvd"))
    least = min(max(result["min"], 0) for result in results)
    most = max(max(result["max"], 0) for result in results)
    loss = (1 - received / sent) * 100
    return [
        f"{sent} packets transmitted, {received} received, {loss:.3}% loss",
        f"rtt min/med/avg/max = {least:.3f}/{median(times):.3f}/{fmean(times):.3f}/{most:.3f} ms",
    ]


def rtt_median(result: Result) -> float | None:
    """The median as Sagan has it: of what came first."""
    rtts = [round(packet["rtt"], 3) for packet in result["result"] if "rtt" in packet and "dup" not in packet]
    return median(rtts) if rtts else None


def hops(result: Result) -> list[list[str]]:
    """Each hop as `ripe-atlas` shows it: its number, who answered the first packet, each packet's ms; none late."""
    lines = []
    for hop in result["result"]:
        packets = [packet for packet in hop["result"] if "late" not in packet]
        sender = packets[0].get("from", "*") if packets else ""
        lines.append([str(hop["hop"]), *sender.split(), *(str(_rtt(packet) or "*") for packet in packets)])
    return lines


def hops_of_blaeu(result: Result) -> list[list[str]]:
    """Each hop as blaeu shows it: its number, who answered last, each packet's ms."""
    lines = []
    for hop in result["result"]:
        senders = [packet["from"] for packet in hop["result"] if "from" in packet]
        times = [str(packet.get("error", packet.get("rtt", "*"))) for packet in hop["result"]]
        lines.append([str(hop["hop"]), *senders[-1:], *times])
    return lines


def packets_of_blaeu(results: Iterable[Result]) -> dict[str, int]:
    """What blaeu counts of pings: packets that came, errors, packets that were lost, and the mean of whole ms."""
    packets = [packet for result in results for packet in result["result"]]
    rtts = [int(packet["rtt"]) for packet in packets if "rtt" in packet]
    errors = sum("error" in packet for packet in packets)
    mean = int(sum(rtts) / len(rtts)) if rtts else 0
    return {"came": len(rtts), "failed": errors, "lost": len(packets) - len(rtts) - errors, "mean": mean}


def answers_of_blaeu(results: Iterable[Result]) -> dict[str, int]:
    """How often blaeu counts each answer to `hostname.bind` with its NSID."""
    return Counter(_answer_of_blaeu(result) for result in results)


def _answer_of_blaeu(result: Result) -> str:
    if "result" not in result:
        return "TIMEOUT"
    told = message(result["result"])
    nsid = next(option.nsid.decode() for option in told.options if isinstance(option, dns.edns.NSIDOption))
    return f'"{text(told)}" NSID: {nsid};'


def dig_lines(answer: Result) -> list[str]:
    """What `ripe-atlas` shows of an answer to `hostname.bind`, its spaces made single."""
    told = message(answer)
    return [
        f";; ->>HEADER<<- opcode: QUERY, status: NOERROR, id: {told.id}",
        f"; EDNS: version: 0, flags:; udp: {told.payload}",
        f"hostname.bind. 0 CH TXT {text(told)}",
        f";; Query time: {answer['rt']} msec",
        f";; MSG SIZE rcvd: {answer['size']}",
    ]


def message(answer: Result) -> dns.message.Message:
    """The DNS message of an answer."""
    return dns.message.from_wire(base64.b64decode(answer["abuf"]))


def text(told: dns.message.Message) -> str:
    """The one string of a TXT answer."""
    return str(told.answer[0][0].strings[0].decode())
