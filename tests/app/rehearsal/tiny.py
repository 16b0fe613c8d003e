"""A tiny world for tests of the API and the faults: a dozen probes, two targets, results in one line each."""

from collections.abc import Iterable, Iterator, Sequence

from app.rehearsal.contract import FIRST_PROBE_ID, Body, Network, Produced

N_PROBES = 12
K_ROOT = {4: "193.0.14.129", 6: "2001:7fd::1"}
COUNTRIES = ("TJ", "TJ", "TJ", "TJ", "KZ", "KZ", "UZ", "KG", "DE", "DE", "NL", "US")
BUILTIN_PING = 1001
DISCONNECTED = FIRST_PROBE_ID + 3
IPV4_ONLY = FIRST_PROBE_ID + 1


class TinyWorld:
    """Every probe measures in every round, 7 seconds after the round for each place in the list."""

    def __init__(self, upload_s: int = 30) -> None:
        self._upload_s = upload_s

    def probes(self, at: int) -> Sequence[Body]:
        """A dozen, one of them disconnected, one without IPv6, one an anchor."""
        return [_probe(index, at) for index in range(N_PROBES)]

    def anchors(self, at: int) -> Sequence[Body]:
        """One, in Dushanbe."""
        del at
        probe = FIRST_PROBE_ID
        return [
            {
                "id": 5001,
                "type": "Anchor",
                "fqdn": "tj-dyu-as64500",
                "probe": probe,
                "country": "TJ",
                "city": "Dushanbe",
            }
        ]

    def builtins(self) -> Sequence[Body]:
        """Ping to K-root."""
        return [
            {
                "id": BUILTIN_PING, "type": "ping", "af": 4, "description": "K-root", "target": "k.root-servers.net",
                "target_ip": K_ROOT[4], "target_asn": 25152, "interval": 240, "spread": 60, "is_oneoff": False,
                "is_public": True, "start_time": 1_300_000_000, "creation_time": 1_300_000_000, "stop_time": None,
                "status": {"id": 2, "name": "Ongoing", "when": 1_300_000_000}, "packets": 3, "size": 48,
            }
        ]  # fmt: skip

    def resolve(self, name: str, address_family: int) -> str | None:
        """K-root by name and address; other addresses are their own."""
        if name == "k.root-servers.net":
            return K_ROOT[address_family]
        is_address = ":" in name if address_family == 6 else name.replace(".", "").isdigit()
        return name if is_address else None

    def network_of(self, address: str) -> Network | None:
        """K-root's."""
        return Network(25152, "193.0.14.0/23") if address in K_ROOT.values() else None

    def matching(self, source: Body, address_family: int, at: int) -> Sequence[int]:
        """By country, AS, list or anywhere; connected ones, in order of id."""
        return [
            probe["id"]
            for probe in self.probes(at)
            if probe["status"]["id"] == 1 and probe[f"asn_v{address_family}"] and _is_there(source, probe)
        ]

    def results(self, measurement: Body, probe_ids: Sequence[int], start: int, stop: int) -> Iterator[Produced]:
        """One result per probe and round."""
        interval = measurement["interval"] or 10**9
        first = measurement["start_time"]
        for round_ in range(max(0, (start - first) // interval - 1), (stop - first) // interval + 1):
            for probe_id in sorted(probe_ids):
                at = first + round_ * interval + 7 * (probe_id - FIRST_PROBE_ID) % interval
                if start <= at <= stop and probe_id != DISCONNECTED:
                    yield Produced(at, at + self._upload_s, _body(measurement, probe_id, at, at + self._upload_s))


class NoFaults:
    """Everything arrives as it was produced."""

    clock_margin_s = 0

    def on_results(self, produced: Iterable[Produced]) -> Iterator[Produced]:
        """As they are."""
        return iter(produced)


def _probe(index: int, at: int) -> Body:
    number, is_here = FIRST_PROBE_ID + index, index != 3
    return {
        "address_v4": f"198.51.100.{index}", "address_v6": f"2001:db8::{index}", "asn_v4": 64500 + index // 4,
        "asn_v6": None if number == IPV4_ONLY else 64500 + index // 4, "country_code": COUNTRIES[index],
        "description": f"rehearsed {index}", "first_connected": 1_400_000_000, "firmware_version": 5080,
        "geometry": {"type": "Point", "coordinates": [68.0 + index, 38.0]}, "id": number, "is_anchor": index == 0,
        "is_public": index != 5, "last_connected": at, "prefix_v4": "198.51.100.0/24", "prefix_v6": "2001:db8::/32",
        "status": {"id": 1 if is_here else 2, "name": "Connected" if is_here else "Disconnected",
                   "since": "2026-01-01T00:00:00Z"},
        "status_since": 1_767_225_600, "tags": [{"name": "system: IPv4 Works", "slug": "system-ipv4-works"}],
        "total_uptime": 10**7, "type": "Probe",
    }  # fmt: skip


def _is_there(source: Body, probe: Body) -> bool:
    value = source["value"]
    if source["type"] == "country":
        return bool(probe["country_code"] == value.upper())
    if source["type"] == "asn":
        return bool(probe["asn_v4"] == int(value))
    if source["type"] == "probes":
        return str(probe["id"]) in value.split(",")
    return True


def _body(measurement: Body, probe_id: int, at: int, stored_at: int) -> Body:
    return {
        "fw": 5080, "mver": "2.6.2", "lts": 12, "msm_id": measurement["id"], "group_id": measurement["id"],
        "prb_id": probe_id, "timestamp": at, "stored_timestamp": stored_at, "type": measurement["type"],
        "msm_name": "Ping", "from": "198.51.100.1", "af": measurement["af"], "dst_name": measurement["target"],
        "dst_addr": measurement["target_ip"], "src_addr": "192.168.1.2", "proto": "ICMP", "size": 48, "ttl": 57,
        "step": measurement["interval"], "sent": 3, "rcvd": 3, "dup": 0, "avg": 12.3, "min": 12.1, "max": 12.6,
        "result": [{"rtt": 12.3}, {"rtt": 12.1}, {"rtt": 12.6}],
    }  # fmt: skip
