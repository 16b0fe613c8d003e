"""Traceroute: every field of the definition that changes a result does, and hops say what they should."""

from collections import Counter, defaultdict

import pytest

from app.rehearsal.contract import Body
from tests.app.rehearsal.world.worlds import PING, TRACEROUTE, bodies, builtin, measurement, probe_ids, quiet

TARGET = "www.example.net"


def hops(body: Body) -> list[int]:
    """The numbers of its hops."""
    return [hop["hop"] for hop in body["result"]]


def replies(body: Body) -> list[Body]:
    """All that came for any packet."""
    return [reply for hop in body["result"] for reply in hop["result"]]


def last(body: Body) -> Body:
    """The first reply of the last hop."""
    found: Body = body["result"][-1]["result"][0]
    return found


def is_reached(body: Body) -> bool:
    """Whether the destination answered."""
    return any(reply.get("from") == body["dst_addr"] for reply in body["result"][-1]["result"])


@pytest.mark.parametrize(
    ("protocol", "family", "router", "destination"),
    [
        ("ICMP", 4, 68, 40),
        ("UDP", 4, 68, 68),
        ("TCP", 4, 80, 4),
        ("ICMP", 6, 88, 40),
        ("UDP", 6, 88, 88),
        ("TCP", 6, 100, 4),
    ],
)
def test_protocol(protocol: str, family: int, router: int, destination: int) -> None:
    """What comes back has the size that it has in the laboratory."""
    asked = measurement("traceroute", TARGET, family, protocol=protocol)
    found = [body for body in bodies(quiet(), asked, hours=4) if is_reached(body)]
    sizes = Counter(
        reply["size"]
        for body in found
        for reply in replies(body)
        if reply.get("from") != body["dst_addr"] and "size" in reply
    )

    assert {body["proto"] for body in found} == {protocol}
    assert set(sizes) == {router, 140}
    arrived = [
        reply for body in found for reply in body["result"][-1]["result"] if reply.get("from") == body["dst_addr"]
    ]
    assert {reply["size"] for reply in arrived} == {destination}


def test_packets_first_hop_and_max_hops() -> None:
    """As many packets a hop, and no hop outside the limits but the last ditch."""
    asked = measurement("traceroute", TARGET, packets=2, first_hop=3, max_hops=5)
    found = bodies(quiet(), asked, hours=4)

    assert {hop for body in found for hop in hops(body)} <= {3, 4, 5, 255}
    assert {hops(body)[0] for body in found} == {3}
    plain = [
        hop["result"]
        for body in found
        for hop in body["result"]
        if not any({"late", "dup"} & set(one) for one in hop["result"])
    ]
    assert {len(one) for one in plain} == {2}


@pytest.mark.parametrize(("size", "quoted"), [(0, 28), (500, 528), (3000, 548)])
def test_size(size: int, quoted: int) -> None:
    """Routers quote what they got, up to their limit."""
    found = bodies(quiet(), measurement("traceroute", TARGET, size=size, protocol="UDP"), hours=1)

    assert {body["size"] for body in found} == {size}
    assert {last(body)["size"] for body in found if is_reached(body) and "size" in last(body)} == {quoted}


def test_paris_ids_take_turns() -> None:
    """One after the other, from 1 on; without Paris there is none."""
    probe_id = probe_ids(quiet())[0]
    turns = [
        body["paris_id"] for body in bodies(quiet(), measurement("traceroute", TARGET, paris=4), [probe_id], hours=8)
    ]
    without = bodies(quiet(), measurement("traceroute", TARGET, paris=0), [probe_id], hours=8)

    assert turns == [1, 2, 3, 4, 1, 2, 3, 4]
    assert not any("paris_id" in body for body in without)


def test_a_paris_flow_stays_on_its_way_and_others_do_not() -> None:
    """Where several routers share the load."""

    def routers_of(asked: Body) -> tuple[set[frozenset[str]], set[frozenset[str]]]:
        within: set[frozenset[str]] = set()
        across: defaultdict[tuple[int, int], set[str]] = defaultdict(set)
        for body in bodies(quiet(), asked):
            for hop in body["result"]:
                met = frozenset(reply["from"] for reply in hop["result"] if "from" in reply and "late" not in reply)
                within.add(met)
                across[body["prb_id"], hop["hop"]] |= met
        return within, {frozenset(met) for met in across.values()}

    flows, all_flows = routers_of(measurement("traceroute", TARGET, paris=16))
    mixed, _ = routers_of(measurement("traceroute", TARGET, paris=0))
    assert max(map(len, flows)) == 1
    assert max(map(len, all_flows)) == 2
    assert max(map(len, mixed)) == 2


@pytest.mark.parametrize(("port", "flags", "size"), [(80, "SA", 4), (22, "RA", 0)])
def test_port(port: int, flags: str, size: int) -> None:
    """An open port accepts and says its segment size, a closed one refuses."""
    found = bodies(quiet(), measurement("traceroute", TARGET, protocol="TCP", port=port), hours=2)
    arrived = [last(body) for body in found if is_reached(body) and "from" in last(body) and body["fw"] >= 5000]

    assert {(reply["flags"], reply["size"], "hdropts" in reply) for reply in arrived} == {(flags, size, port == 80)}


def test_response_timeout() -> None:
    """What takes longer is a star."""
    found = bodies(quiet(), measurement("traceroute", TARGET, response_timeout=30), hours=4)

    assert max(reply["rtt"] for body in found for reply in replies(body) if "rtt" in reply and "dup" not in reply) <= 30
    assert any(hops(body)[-1] == 255 for body in found)


def test_gap_limit_ends_with_the_last_ditch() -> None:
    """Five silent hops, then hop 255."""
    for body in bodies(quiet(), measurement("traceroute", "mute.example"), hours=2):
        if hops(body)[-1] == 255:
            silent = [hop for hop in body["result"][-6:-1] if all("from" not in reply for reply in hop["result"])]
            assert len(silent) == 5
            assert [set(reply) for reply in body["result"][-1]["result"]] == [{"x"}] * 3
            return
    pytest.fail("nothing ended at hop 255")


def test_dont_fragment_refuses_what_does_not_fit() -> None:
    """And lets pass what does."""
    too_large = bodies(quiet(), measurement("traceroute", TARGET, size=1480, dont_fragment=True), hours=1)
    fitting = bodies(quiet(), measurement("traceroute", TARGET, size=1472, dont_fragment=True), hours=1)

    assert {str(body["result"]) for body in too_large} == {
        "[{'hop': 1, 'result': [{'error': 'sendto failed: Message too long'}]}]"
    }
    assert any(is_reached(body) for body in fitting)


def test_extension_headers() -> None:
    """Hop-by-hop options get nowhere; destination options as far as the destination, whose routers quote them."""
    nowhere = bodies(quiet(), measurement("traceroute", TARGET, 6, hop_by_hop_option_size=16), hours=1)
    quoting = bodies(quiet(), measurement("traceroute", TARGET, 6, destination_option_size=32), hours=1)

    assert not any("from" in reply for body in nowhere for reply in replies(body))
    assert {reply["dstoptsize"] for body in quoting for reply in replies(body) if "from" in reply} == {32}
    assert not any(is_reached(body) for body in quoting)


def test_nobody_announces_the_address() -> None:
    """Some router says so, or nobody answers."""
    errors = {
        reply.get("err")
        for target in ("9.9.9.9", "9.9.9.10", "9.9.9.11", "9.9.9.12")
        for body in bodies(quiet(), measurement("traceroute", target), hours=1)
        for reply in body["result"][-1]["result"]
    }

    assert errors == {"N", None}


def test_labels_late_packets_and_duplicates_come_up() -> None:
    """Late ones carry a time in IPv6 only; none is counted twice."""
    found = [
        reply
        for family in (4, 6)
        for body in bodies(quiet(), measurement("traceroute", TARGET, family))
        for reply in replies(body)
    ]
    late = [reply for reply in found if "late" in reply]

    assert {":" in reply["from"] for reply in late} == {True, False}
    assert {("rtt" in reply) == (":" in reply["from"]) for reply in late} == {True}
    assert any(reply.get("dup") is True for reply in found)
    assert any("icmpext" in reply for reply in found)


def test_the_way_and_the_ping_belong_together() -> None:
    """A ping's TTL has lost one for every hop before the last, and its best RTT is the last hop's."""
    world = quiet()
    best: defaultdict[int, list[float]] = defaultdict(list)
    for body in bodies(world, builtin(TRACEROUTE)):
        if is_reached(body):
            best[body["prb_id"]] += [reply["rtt"] for reply in body["result"][-1]["result"] if "rtt" in reply]
            best[-body["prb_id"]] = [hops(body)[-1]]
    pings = [body for body in bodies(world, builtin(PING)) if body["rcvd"]]
    for probe_id in probe_ids(world):
        own = [body for body in pings if body["prb_id"] == probe_id]
        assert {64 - body["ttl"] for body in own} == {best[-probe_id][0] - 1}
        assert min(best[probe_id]) == pytest.approx(min(body["min"] for body in own), rel=0.2, abs=1)


def test_it_ends_when_its_packets_are_through() -> None:
    """Stars cost the time-out."""
    found = bodies(quiet(), measurement("traceroute", "mute.example", response_timeout=1000), hours=1)

    for body in found:
        stars = sum("x" in reply for reply in replies(body))
        assert stars - 3 <= body["endtime"] - body["timestamp"] < stars + 60


def test_a_first_hop_behind_the_last() -> None:
    """It alone is asked."""
    found = bodies(quiet(), measurement("traceroute", TARGET, first_hop=9, max_hops=3, interval=240))

    assert {tuple(hops(body)) for body in found} == {(9,)}
