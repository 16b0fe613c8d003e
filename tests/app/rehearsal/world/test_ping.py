"""Ping: every field of the definition that changes a result does, and every way to fail comes up."""

from collections import Counter

import pytest

from app.rehearsal.contract import Body
from tests.app.rehearsal.world.worlds import PING, bodies, builtin, calm, measurement, probe_ids, quiet

TARGET = "192.0.2.10"


def entries(found: list[Body]) -> list[Body]:
    """All entries of all results."""
    return [entry for body in found for entry in body["result"]]


@pytest.mark.parametrize("packets", [1, 3, 16])
def test_packets(packets: int) -> None:
    """As many entries as packets, unless one was lost after the first reply."""
    found = bodies(quiet(), measurement("ping", TARGET, packets=packets))
    counts = Counter(len([entry for entry in body["result"] if "dup" not in entry]) for body in found)

    assert max(counts) == packets
    assert counts[packets] > 0.9 * len(found)


@pytest.mark.parametrize(("asked", "sent"), [(None, 48), (1, 32), (64, 64), (1400, 1400), (9000, 4048)])
def test_size(asked: int | None, sent: int) -> None:
    """Clamped as the probe does."""
    found = bodies(quiet(), measurement("ping", TARGET, size=asked), hours=2)

    assert {body["size"] for body in found} == {sent}


def test_larger_packets_take_longer() -> None:
    """By the time that more bytes need on the line."""
    small, large = (bodies(quiet(), measurement("ping", TARGET, size=size)) for size in (48, 4048))
    differences = [big["min"] - little["min"] for big, little in zip(large, small, strict=True) if little["min"] > 0]

    assert sorted(differences)[len(differences) // 2] == pytest.approx(1.6, abs=0.01)


def test_a_reply_after_the_next_packet_is_a_duplicate() -> None:
    """With two milliseconds between packets, hardly any reply comes in time: only the last is waited for."""
    shift = {"kind": "latency_shift", "from": 0, "to": "1d", "milliseconds": 100}
    found = bodies(quiet(shift), measurement("ping", TARGET, packet_interval=2), hours=3)
    answered = [body for body in found if body["dup"]]

    assert len(answered) > 0.9 * len(found)
    assert {body["rcvd"] for body in answered} <= {0, 1}
    assert all(entry.get("x") == "*" for body in answered for entry in body["result"][:1])


def test_step_is_the_interval() -> None:
    """Null for one-offs is shown elsewhere."""
    assert {body["step"] for body in bodies(quiet(), measurement("ping", TARGET, interval=600), hours=1)} == {600}


def test_sums_agree_with_entries() -> None:
    """What the platform adds is what the entries say."""
    for body in bodies(quiet(), builtin(PING), hours=8):
        rtts = [entry["rtt"] for entry in body["result"] if "rtt" in entry and "dup" not in entry]
        assert body["rcvd"] == len(rtts)
        assert body["sent"] == len(body["result"]) - body["dup"]
        assert (body["min"], body["max"]) == ((min(rtts), max(rtts)) if rtts else (-1, -1))
        assert ("ttl" in body) == bool(rtts or body["dup"])


def test_a_packet_lost_after_the_first_reply_leaves_no_entry() -> None:
    """As the laboratory's firmware, and the recorded ones: a star stands before the first reply only."""
    loss = {"kind": "loss", "from": 0, "to": "1d", "share": 0.4}
    found = bodies(quiet(loss), measurement("ping", TARGET, packets=10), hours=8)
    shapes = {"".join("x" if "x" in entry else "r" for entry in body["result"]) for body in found}

    assert any(shape.startswith("xr") for shape in shapes)
    assert not any("rx" in shape for shape in shapes)
    assert min(body["sent"] for body in found) < 10


def test_the_first_reply_after_a_star_carries_its_ttl() -> None:
    """As the laboratory's firmware."""
    loss = {"kind": "loss", "from": 0, "to": "1d", "share": 0.4}
    late_starts = [
        body
        for body in bodies(quiet(loss), measurement("ping", TARGET), hours=8)
        if "x" in body["result"][0] and body["rcvd"]
    ]

    assert late_starts
    assert all(next(e for e in body["result"] if "rtt" in e)["ttl"] == body["ttl"] for body in late_starts)


def test_nobody_answers() -> None:
    """A mute host, and an address that nobody announces."""
    for target in ("mute.example", "9.9.9.9"):
        found = bodies(quiet(), measurement("ping", target), hours=1)
        assert {str(body["result"]) for body in found} == {str([{"x": "*"}] * 3)}
        assert {(body["rcvd"], body["avg"], "ttl" in body) for body in found} == {(0, -1, False)}


def test_names_are_resolved_on_the_probe_when_asked() -> None:
    """With the time it took, from firmware 5000 on; else the address stands in the place of the name."""
    given = bodies(quiet(), measurement("ping", "www.example.net"), hours=1)
    there = bodies(quiet(), measurement("ping", "www.example.net", resolve_on_probe=True), hours=1)

    assert {(body["dst_name"], body["dst_addr"], "ttr" in body) for body in given} == {(TARGET, TARGET, False)}
    assert {body["dst_name"] for body in there} == {"www.example.net"}
    assert {body["fw"] >= 5000 for body in there if "ttr" in body} == {True}


@pytest.mark.parametrize(
    ("target", "family", "error"),
    [
        ("nothing.example", 4, "dns resolution failed: nodename nor servname provided, or not known"),
        ("v4only.example", 6, "dns resolution failed: nodename nor servname provided, or not known"),
        ("private.example", 4, "address not allowed"),
    ],
)
def test_targets_that_cannot_be_asked(target: str, family: int, error: str) -> None:
    """The name has no address, or one that probes refuse."""
    found = bodies(quiet(), measurement("ping", target, family, resolve_on_probe=True), hours=1)
    errors = Counter(body["result"][0]["error"] for body in found)

    assert errors.most_common(1)[0][0] == error
    assert {(body["sent"], body["rcvd"]) for body in found} == {(0, 0)}


def test_a_resolver_fails_now_and_then() -> None:
    """For a name that exists."""
    found = bodies(quiet(), measurement("ping", "www.example.net", resolve_on_probe=True, interval=240))
    failures = [entry["error"] for entry in entries(found) if "error" in entry]

    assert "dns resolution failed: non-recoverable failure in name resolution" in failures
    assert len(failures) < 0.02 * len(found)


def test_duplicates_and_refused_sends_happen() -> None:
    """Rarely, as recorded."""
    found = entries(bodies(quiet(), measurement("ping", TARGET, packets=16, interval=240)))

    assert 0 < sum("dup" in entry for entry in found) < 0.01 * len(found)
    assert 0 < sum("error" in entry for entry in found) < 0.01 * len(found)


def test_addresses_are_the_probes() -> None:
    """Its own on its wire and the one that others see, of the measured family."""
    shown = {probe["id"]: probe for probe in calm().probes(0)}
    for family in (4, 6):
        for body in bodies(quiet(), measurement("ping", "k.root-servers.net", family), hours=1):
            assert body["from"] == shown[body["prb_id"]][f"address_v{family}"]
            assert body["af"] == family
            assert body["src_addr"] == body["from"] or body["src_addr"].startswith("192.168.")


def test_only_probes_with_ipv6_report_it() -> None:
    """The others have nothing to send from."""
    found = {body["prb_id"] for body in bodies(quiet(), measurement("ping", "k.root-servers.net", 6), hours=1)}
    shown = {probe["id"]: probe for probe in calm().probes(0)}

    assert found == {probe_id for probe_id in probe_ids(calm()) if shown[probe_id]["address_v6"]}
