"""Traceroutes: what counts as reached, how far, how fast; and what Sagan leaves out."""

from typing import Any

import pytest

from measurements.errors import UnreadableResult
from measurements.results.outcome import Outcome
from measurements.results.parsing import parse
from measurements.results.quarantine import QuarantineReason
from measurements.results.result import Reply, Result, Traceroute
from tests.measurements.results.recordings import specimen

DESTINATION = "192.0.2.10"
ROUTER = "198.51.100.129"


def read(*hops: Any, destination: Any = DESTINATION) -> Result:
    """A traceroute with these hops."""
    return parse(specimen("tr4-icmp-g1-p1", dst_addr=destination, result=list(hops)))


def path_of(*hops: Any, destination: Any = DESTINATION) -> Traceroute:
    """The parts of a traceroute with these hops."""
    detail = read(*hops, destination=destination).detail
    assert isinstance(detail, Traceroute)
    return detail


def hop(ttl: int, *packets: dict[str, Any]) -> dict[str, Any]:
    """A hop as the probe writes it."""
    return {"hop": ttl, "result": list(packets)}


def reply(address: str, rtt: float, **more: Any) -> dict[str, Any]:
    """A reply as the probe writes it."""
    return {"from": address, "ttl": 60, "size": 28, "rtt": rtt, **more}


SILENCE = {"x": "*"}


def test_a_recorded_path() -> None:
    """Eight hops from behind a home router, the last one the destination."""
    detail = parse(specimen("tr4-icmp-g1-p1")).detail

    assert isinstance(detail, Traceroute)
    assert (detail.is_destination_reached, detail.hop_count, len(detail.hops)) == (True, 8, 8)
    assert detail.hops[7].replies[0].address == DESTINATION


def test_the_first_hop_that_reaches_the_destination_counts() -> None:
    """Sagan looks at the last hop only."""
    path = path_of(hop(1, SILENCE), hop(2, reply(DESTINATION, 9.5)), hop(3, reply(ROUTER, 4.0)))

    assert (path.is_destination_reached, path.hop_count, path.last_rtt_ms) == (True, 2, 4.0)


def test_a_last_try_at_hop_255_is_no_length() -> None:
    """The destination answers, but how far away it is remains unknown."""
    path = path_of(hop(1, SILENCE), hop(255, reply(DESTINATION, 9.5)))

    assert (path.is_destination_reached, path.hop_count) == (True, None)


def test_a_late_reply_reaches_nothing() -> None:
    """The probe had given up on that packet; its RTT, which IPv6 reports, is not used either."""
    path = path_of(hop(1, reply(ROUTER, 1.5)), hop(2, reply(DESTINATION, 1200.0, late=2)))

    assert (path.is_destination_reached, path.last_rtt_ms) == (False, 1.5)
    assert path.hops[1].replies == (Reply(DESTINATION, 1200.0, 60, None, is_late=True, is_duplicate=False),)


def test_a_late_reply_without_rtt_is_late() -> None:
    """As IPv4 writes it: four keys, like an ordinary reply, but other ones."""
    late = {"from": DESTINATION, "ttl": 60, "size": 28, "late": 3}

    assert path_of(hop(1, late)).hops[0].replies[0].is_late


def test_duplicates_are_left_out_of_the_median() -> None:
    """Sagan counts them."""
    path = path_of(hop(1, reply(ROUTER, 1.0), reply(ROUTER, 2.0), reply(ROUTER, 90.0, dup=True)))

    assert path.last_rtt_ms == 1.5


def test_an_unknown_rtt_is_none() -> None:
    """The probe writes -42 where it has lost the time of sending."""
    path = path_of(hop(1, reply(ROUTER, 1.0)), hop(2, reply(DESTINATION, -42.0)))

    assert (path.is_destination_reached, path.last_rtt_ms) == (True, 1.0)
    assert path.hops[1].replies[0].rtt_ms is None


def test_rtts_are_exact() -> None:
    """Sagan rounds them to three decimals."""
    assert path_of(hop(1, reply(ROUTER, 1.23456789))).last_rtt_ms == 1.23456789


def test_addresses_are_compared_as_addresses() -> None:
    """One IPv6 address has several spellings."""
    path = path_of(hop(1, reply("2001:DB8:f:0::10", 1.0)), destination="2001:db8:f::10")

    assert path.hop_count == 1


def test_without_a_destination_nothing_is_reached() -> None:
    """As after a failed name resolution."""
    assert not path_of(hop(1, reply(ROUTER, 1.0)), destination=...).is_destination_reached


@pytest.mark.parametrize(("err", "error"), [("H", "H"), (10, "10")])
def test_the_error_of_a_router_is_kept(err: Any, error: str) -> None:
    """It is a reply, from a router that says why the way ends there; the code is a letter or a number."""
    result = read(hop(1, reply(ROUTER, 1.0, err=err)))

    assert result.outcome is Outcome.REPLY
    assert isinstance(result.detail, Traceroute)
    assert result.detail.hops[0].replies[0].error == error


@pytest.mark.parametrize(
    ("label", "outcome"),
    [
        ("tr4-icmp-nx", Outcome.RESOLUTION_FAILED),
        ("tr4-icmp-deny", Outcome.NOT_ALLOWED),
        ("tr4-icmp-nonet", Outcome.SEND_ERROR),
        ("tr4-icmp-badif", Outcome.SEND_ERROR),
    ],
)
def test_failures_of_the_whole_are_told_apart(label: str, outcome: Outcome) -> None:
    """They stand in a hop, with or without a number, and Sagan's result knows nothing of them."""
    result = parse(specimen(label))

    assert result.outcome is outcome
    assert result.error is not None


def test_packets_that_could_not_be_sent_are_no_silence() -> None:
    """Nothing else happened: a send error; one silent packet more, and it is no reply."""
    unsent = {"error": "sendto failed: Operation not permitted"}

    assert read(hop(1, unsent, unsent)).outcome is Outcome.SEND_ERROR
    assert read(hop(1, unsent, SILENCE)).outcome is Outcome.NO_REPLY


def test_paris_is_not_needed() -> None:
    """Results without a Paris id, as with Paris off or of firmware 44xx, are read."""
    assert parse(specimen("tr4-icmp-g1-p1", paris_id=..., fw=4460)).outcome is Outcome.REPLY


@pytest.mark.parametrize(
    ("hops", "reason"),
    [
        ([], QuarantineReason.NO_RESULT_BODY),
        (None, QuarantineReason.NO_RESULT_BODY),
        ("hops", QuarantineReason.WRONG_TYPE),
        (["*"], QuarantineReason.WRONG_TYPE),
        ([{"result": []}], QuarantineReason.WRONG_TYPE),
        ([{"hop": "1", "result": []}], QuarantineReason.WRONG_TYPE),
        ([{"hop": 256, "result": []}], QuarantineReason.WRONG_TYPE),
        ([{"hop": 1, "result": {}}], QuarantineReason.WRONG_TYPE),
        ([{"hop": 1, "result": ["*"]}], QuarantineReason.WRONG_TYPE),
        ([{"hop": 1, "error": 5}], QuarantineReason.WRONG_TYPE),
        ([hop(1, reply(ROUTER, "1.0"))], QuarantineReason.WRONG_TYPE),  # type: ignore[arg-type]  # damage is meant
        ([hop(1, reply(ROUTER, 1e12))], QuarantineReason.WRONG_TYPE),
        ([hop(1, reply(ROUTER, 1.0, ttl=300))], QuarantineReason.WRONG_TYPE),
        ([hop(1, reply("\x00", 1.0))], QuarantineReason.WRONG_TYPE),
        ([hop(1, reply(ROUTER, 1.0, err=[]))], QuarantineReason.WRONG_TYPE),
    ],
)
def test_damage_is_not_turned_into_a_path(hops: Any, reason: QuarantineReason) -> None:
    """A record that is not shaped like a traceroute is put aside."""
    with pytest.raises(UnreadableResult) as caught:
        parse(specimen("tr4-icmp-g1-p1", result=hops))

    assert caught.value.reason == reason
