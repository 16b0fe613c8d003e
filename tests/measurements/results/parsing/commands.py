"""What the commands of the laboratory's edge cases ask for, read off their arguments alone (PROBE eperd/*.c, usage)."""

import re
import shlex
from typing import NamedTuple

CHAOS = {"-h": "hostname.bind.", "-i": "id.server.", "-b": "version.bind.", "-r": "version.server."}
TYPES = {0: "NONE", 13: "HINFO", 16: "TXT", 255: "ANY"}
CLASSES = {1: "IN", 3: "CH"}
DEFAULT_TIMEOUT_MS = 5000


class Query(NamedTuple):
    """What a run of evtdig asks, and how."""

    name: str
    """Absolute; empty where the probe makes it up (a macro)."""
    type: str
    klass: str
    protocol: str
    address_family: int | None
    """None for a probe's own resolvers and for names."""
    is_nsid_asked: bool
    timeout_ms: int


def packets(command: str) -> int:
    """How many packets a ping's command asks for; three where it does not say."""
    stated = re.search(r" -c (\d+)", command)
    return int(stated[1]) if stated else 3


def query(command: str) -> Query:
    """The query of an evtdig command."""
    words = shlex.split(command)
    name, kind, klass = _question(words)
    families = {"-4": 4, "-6": 6}
    is_any = "--resolv" in words or "-a" in words
    return Query(
        name=_prefixed(name, is_made_up="$" in name or "--p_probe_id" in words),
        type=kind,
        klass=klass,
        protocol="TCP" if {"-t", "--tls", "--https"} & set(words) else "UDP",
        address_family=None if is_any else next((families[word] for word in words if word in families), None),
        is_nsid_asked="-n" in words,
        timeout_ms=_number(words, "--timeout", DEFAULT_TIMEOUT_MS),
    )


def _prefixed(name: str, *, is_made_up: bool) -> str:
    return "" if is_made_up else name if name.endswith(".") else f"{name}."


def _question(words: list[str]) -> tuple[str, str, str]:
    for word in words:
        if word in CHAOS:
            return CHAOS[word], "TXT", "CH"
    if "--query" in words:
        number = _number(words, "--type", 1) % 65_536
        name = words[words.index("--query") + 1]
        return name, TYPES.get(number, f"TYPE{number}"), CLASSES[_number(words, "--class", 1)]
    for i, word in enumerate(words):
        if word == "-s":
            return words[i + 1], "SOA", "IN"
        if re.fullmatch(
            r"--(a|aaaa|any|axfr|caa|cname|dnskey|ds|loc|mx|naptr|ns|nsec|ptr|rrsig|srv|sshfp|tlsa|txt)", word
        ):
            return words[i + 1], "TYPE257" if word == "--caa" else word[2:].upper(), "IN"
    raise AssertionError(words)


def _number(words: list[str], option: str, default: int) -> int:
    return int(words[words.index(option) + 1]) if option in words else default
