"""Pings: loss from the counters, exact RTTs, and failures that Sagan does not report."""

import gzip
from pathlib import Path

import orjson
import pytest

from measurements.errors import UnreadableResult
from measurements.results.outcome import Outcome
from measurements.results.parsing import parse
from measurements.results.quarantine import QuarantineReason
from measurements.results.result import Ping
from tests.measurements.results.recordings import specimen

OLDEST = {"fw": 1, "addr": "192.0.2.10", "name": "www.example.net", "dst_addr": ..., "dst_name": ..., "result": ...}
"""What firmware 1 wrote otherwise: other names, and no entries."""


def ping_of(label: str, **changes: object) -> Ping:
    """The parts of a specimen's ping."""
    detail = parse(specimen(label, **changes)).detail
    assert isinstance(detail, Ping)
    return detail


def test_rtts_are_as_the_probe_wrote_them() -> None:
    """Six decimals, in the order of sending; Sagan rounds them to three."""
    assert ping_of("ping-ok-v4").rtts_ms == (49.952818, 47.842055, 46.266899)


def test_loss_comes_from_the_counters() -> None:
    """The probe leaves no entry for a packet lost after the first reply, so counting entries would show no loss."""
    ping = ping_of("ping-ok-v4", sent=10, rcvd=3)

    assert (ping.n_sent, ping.n_received, len(ping.rtts_ms)) == (10, 3, 3)


def test_a_duplicate_is_no_rtt() -> None:
    """A second reply to one packet tells nothing about the way."""
    ping = ping_of("ping-dup")

    assert (ping.n_sent, ping.n_received, ping.n_duplicates) == (6, 6, 9)
    assert len(ping.rtts_ms) == 6


def test_replies_that_are_all_too_late_are_none() -> None:
    """At 20 ms between packets the probe takes each reply for a duplicate; the RTTs are not known to be right."""
    result = parse(specimen("ping-fast"))

    assert result.outcome is Outcome.NO_REPLY
    assert result.detail == Ping(n_sent=20, n_received=0, n_duplicates=17, n_send_errors=0, rtts_ms=())


@pytest.mark.parametrize(
    ("sent", "n_send_errors"),
    [
        (8, 4),  # the laboratory counts what could not be sent
        (4, 0),  # the platform leaves it out
    ],
)
def test_a_send_error_is_neither_loss_nor_reply(sent: int, n_send_errors: int) -> None:
    """Whichever way `sent` was counted, four of four packets that left the probe were answered."""
    ping = ping_of("ping-ifdown", sent=sent)

    assert (ping.n_send_errors, ping.n_received) == (n_send_errors, 4)
    assert ping.n_sent - ping.n_send_errors == 4


def test_a_loss_without_an_entry_is_no_send_error() -> None:
    """Eight left the probe, five were answered, three lost; two more could not be sent, and `sent` leaves them out."""
    entries = [{"rtt": 1.5}] * 5 + [{"error": "sendto failed: Network is unreachable"}] * 2
    ping = ping_of("ping-ifdown", sent=8, rcvd=5, result=entries)

    assert (ping.n_sent, ping.n_received, ping.n_send_errors) == (8, 5, 0)


def test_fewer_surplus_packets_than_errors_are_losses() -> None:
    """`sent` has one packet beyond the replies listed, which cannot be two errors."""
    entries = [{"rtt": 1.5}] * 2 + [{"error": "sendto failed: Network is unreachable"}] * 2
    ping = ping_of("ping-ifdown", sent=3, rcvd=2, result=entries)

    assert (ping.n_sent, ping.n_received, ping.n_send_errors) == (3, 2, 0)


@pytest.mark.parametrize(
    ("label", "outcome", "error"),
    [
        ("ping-name-nx-4", Outcome.RESOLUTION_FAILED, "dns resolution failed: nodename nor servname provided"),
        ("ping-deny-10", Outcome.NOT_ALLOWED, "address not allowed"),
        ("ping-no-network", Outcome.SEND_ERROR, "connect failed: Network is unreachable"),
        ("ping-badif", Outcome.SEND_ERROR, "bind to interface failed"),
    ],
)
def test_failures_are_told_apart(label: str, outcome: Outcome, error: str) -> None:
    """Sagan reports none of them as an error."""
    result = parse(specimen(label))

    assert result.outcome is outcome
    assert result.error is not None
    assert result.error.startswith(error)


def test_an_error_after_a_reply_leaves_a_reply() -> None:
    """The interface went down halfway: half was answered, and the reason for the other half is kept."""
    result = parse(specimen("ping-ifdown"))

    assert (result.outcome, result.error) == (Outcome.REPLY, "sendto failed: Network is unreachable")


def test_the_oldest_firmware_is_read() -> None:
    """No entries: the counters are known, the RTTs are not, whatever `min`, `avg` and `max` say."""
    result = parse(specimen("ping-ok-v4", **OLDEST, af=..., proto=...))

    assert (result.firmware, result.target, result.destination) == (1, "www.example.net", "192.0.2.10")
    assert (result.address_family, result.protocol, result.outcome) == (4, None, Outcome.REPLY)
    assert result.detail == Ping(n_sent=3, n_received=3, n_duplicates=0, n_send_errors=0, rtts_ms=())


def test_counters_written_as_text_are_read() -> None:
    """As firmware 0 did."""
    assert ping_of("ping-ok-v4", fw="0", sent="3", rcvd="3", dup="0").n_received == 3


def test_counters_that_are_absent_are_counted() -> None:
    """As the platform does itself: replies and silences, without duplicates and errors."""
    ping = ping_of("ping-ifdown", sent=..., rcvd=..., dup=...)

    assert (ping.n_sent, ping.n_received, ping.n_send_errors) == (4, 4, 0)


def test_counting_entries_gives_what_the_platform_counts(open_recordings: Path) -> None:
    """Of every recorded ping of firmware 4460 to 5080; the two of firmware 0 and 1 have no entries to count."""
    n_counted = 0
    with gzip.open(open_recordings / "ping.ndjson.gz") as lines:
        for record in map(orjson.loads, lines):
            if "result" in record:
                bare = {key: value for key, value in record.items() if key not in ("sent", "rcvd", "dup")}
                assert parse(bare).detail == parse(record).detail
                n_counted += 1

    assert n_counted == 81_996


def test_nothing_sent_is_no_loss() -> None:
    """A ping of zero packets was asked for, and done."""
    result = parse(specimen("ping-0"))

    assert (result.outcome, result.error) == (Outcome.NO_REPLY, None)
    assert result.detail == Ping(n_sent=0, n_received=0, n_duplicates=0, n_send_errors=0, rtts_ms=())


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"rcvd": 4}, QuarantineReason.IMPOSSIBLE_VALUE),
        ({"rcvd": 2}, QuarantineReason.IMPOSSIBLE_VALUE),
        ({"sent": -1}, QuarantineReason.IMPOSSIBLE_VALUE),
        ({"sent": 2**31 - 1}, QuarantineReason.IMPOSSIBLE_VALUE),
        ({"sent": 3.0}, QuarantineReason.WRONG_TYPE),
        ({"sent": True}, QuarantineReason.WRONG_TYPE),
        ({"result": "***"}, QuarantineReason.WRONG_TYPE),
        ({"result": [{"rtt": "1.5"}]}, QuarantineReason.WRONG_TYPE),
        ({"result": [{"rtt": -1.5}] * 3}, QuarantineReason.IMPOSSIBLE_VALUE),
        ({"result": ["*"]}, QuarantineReason.WRONG_TYPE),
        ({"result": None, "sent": ...}, QuarantineReason.NO_RESULT_BODY),
        ({"result": [{"error": "tab\there"}]}, QuarantineReason.WRONG_TYPE),
    ],
)
def test_damage_is_not_turned_into_a_number(changes: dict[str, object], reason: QuarantineReason) -> None:
    """Counters that contradict the entries, and values of another kind, put the record aside."""
    with pytest.raises(UnreadableResult) as caught:
        parse(specimen("ping-ok-v4", **changes))

    assert caught.value.reason == reason
