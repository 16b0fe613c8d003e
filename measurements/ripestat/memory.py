"""RIPEstat in memory: an honest implementation of the gateway for tests, with its time handed in.

It writes every answer in RIPEstat's envelope and reads it back as the client does, so that a server can give out the
same ones (`body_of`).
"""

import ipaddress
from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Mapping
from itertools import count
from typing import Any

import orjson

from measurements.agreements.listings import asn_of
from measurements.clock import Clock
from measurements.objects import instant_at
from measurements.ripestat import payloads, questions
from measurements.ripestat.envelope import read_envelope
from measurements.ripestat.failures import RipestatFailure
from measurements.ripestat.gateway import AnnouncedPrefixes, CountryResources, NetworkInfo
from measurements.ripestat.payloads import LATELY_S
from measurements.units import DAY_S, iso, seconds

Country = tuple[tuple[str, ...], tuple[int, ...]]
"""Prefixes, and networks."""


class MemoryRipestat:
    """A RIPEstat that knows what it is told. Everything that a test arranges is a method of its own."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._countries: dict[str, list[tuple[int, Country]]] = defaultdict(list)
        self._announced: dict[int, tuple[str, ...]] = {}
        self._failures: defaultdict[str, deque[RipestatFailure]] = defaultdict(deque)
        self._numbers = count(1)
        self.calls: list[str] = []
        """Names of the calls that were made, in order."""

    # --- the gateway ---

    def country_resources(self, country: str, at: int | None = None) -> CountryResources:
        """As of midnight, as the registries' statistics are."""
        body = self._entered("country_resources", questions.of_country(country, at))
        return payloads.read_country_resources(read_envelope("memory", body), country)

    def announced_prefixes(self, asn: int) -> AnnouncedPrefixes:
        """By the clock."""
        body = self._entered("announced_prefixes", questions.of_network(asn))
        return payloads.read_announced_prefixes(read_envelope("memory", body))

    def network_info(self, address: str) -> NetworkInfo:
        """Of what is announced, the most specific."""
        body = self._entered("network_info", questions.of_address(address))
        return payloads.read_network_info(read_envelope("memory", body))

    # --- what a test arranges ---

    def know_country(self, country: str, prefixes: Iterable[str], asns: Iterable[int], *, since_at: int = 0) -> None:
        """What a country has from an instant on."""
        self._countries[country].append((since_at, (tuple(prefixes), tuple(asns))))
        self._countries[country].sort(key=lambda known: known[0])

    def know_announced(self, asn: int, prefixes: Collection[str]) -> None:
        """What a network announces from now on."""
        self._announced[asn] = tuple(prefixes)

    def fail_next(self, call: str, *failures: RipestatFailure) -> None:
        """Have the next calls of this name fail, one after another."""
        self._failures[call].extend(failures)

    def body_of(self, call: str, params: Mapping[str, str]) -> bytes:
        """The answer to a data call, as RIPEstat would write it."""
        write = {
            questions.COUNTRY_RESOURCES: self._country,
            questions.ANNOUNCED_PREFIXES: self._network,
            questions.NETWORK_INFO: self._address,
        }[call]
        envelope = {
            "messages": [], "see_also": [], "version": "1.0", "data_call_name": call, "data_call_status": "supported",
            "cached": False, "query_id": f"memory-{next(self._numbers)}", "process_time": 1, "server_id": "memory",
            "status": "ok", "status_code": 200, "time": _written(self._now()), "data": write(params),
        }  # fmt: skip
        return orjson.dumps(envelope)

    # --- inside ---

    def _entered(self, call: str, question: questions.Question) -> bytes:
        self.calls.append(call)
        if waiting := self._failures[call]:
            raise waiting.popleft()
        return self.body_of(question.call, dict(question.params))

    def _now(self) -> int:
        return seconds(self._clock.now())

    def _country(self, params: Mapping[str, str]) -> dict[str, Any]:
        at = instant_at(params, "time") if "time" in params else self._now()
        day_at = (at or 0) // DAY_S * DAY_S
        nothing: Country = (), ()
        known = [what for since_at, what in self._countries[params["resource"]] if since_at <= day_at]
        prefixes, asns = known[-1] if known else nothing
        by_family = {
            family: [one for one in prefixes if ipaddress.ip_network(one).version == family] for family in (4, 6)
        }
        resources = {"asn": [str(asn) for asn in asns], "ipv4": by_family[4], "ipv6": by_family[6]}
        return {"query_time": _written(day_at), "resources": resources}

    def _network(self, params: Mapping[str, str]) -> dict[str, Any]:
        asn, now = asn_of(params["resource"]), self._now()
        span = {"starttime": _written(now - LATELY_S), "endtime": _written(now)}
        listed = [{"prefix": prefix, "timelines": [span]} for prefix in self._announced.get(asn, ())]
        return {
            "prefixes": listed, "query_starttime": span["starttime"], "query_endtime": span["endtime"],
            "resource": str(asn), "latest_time": span["endtime"], "earliest_time": "2000-08-01T00:00:00",
        }  # fmt: skip

    def _address(self, params: Mapping[str, str]) -> dict[str, Any]:
        asked = ipaddress.ip_address(params["resource"])
        holding = [
            (ipaddress.ip_network(prefix), asn)
            for asn, prefixes in self._announced.items()
            for prefix in prefixes
            if asked in ipaddress.ip_network(prefix)
        ]
        longest = max((prefix.prefixlen for prefix, _ in holding), default=0)
        found = [(prefix, asn) for prefix, asn in holding if prefix.prefixlen == longest]
        return {"asns": [str(asn) for _, asn in found], "prefix": str(found[0][0]) if found else ""}


def _written(at: int) -> str:
    """As RIPEstat writes an instant: without a zone."""
    return iso(at).removesuffix("Z")
