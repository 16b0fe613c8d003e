"""The client: what it sends, what it asks again and when, and that no call lasts for ever."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from measurements.connections import CONNECTIONS
from measurements.ripestat.client import RipestatClient
from measurements.ripestat.endpoint import Endpoint, Limits
from measurements.ripestat.failures import (
    CutOff,
    Refused,
    RipestatFailure,
    ServerFailed,
    TimedOut,
    TooMany,
    Unreachable,
    Unreadable,
)
from tests.clocks import ManualClock, RunningClock
from tests.measurements.atlas.traps import Reply, Traps, answers, cut_off, drips, hangs, head, resets
from tests.measurements.ripestat.envelopes import announced, body, country, envelope, network
from tests.measurements.ripestat.serving import COUNTRY, knowing, serving
from tests.running import free_port

GOOD = answers(200, network(["64500"]))
ADDRESS = "198.51.100.1"


def test_it_says_who_asks_and_asks_for_prefixes(client: RipestatClient, traps: Traps) -> None:
    traps.will(answers(200, country()), answers(200, announced("192.0.2.0/24")), GOOD)

    client.country_resources(COUNTRY, 1_795_478_400)
    client.announced_prefixes(64500)
    client.network_info("2001:db8::1")

    assert [(request.method, request.path, request.query) for request in traps.requests] == [
        (
            "GET",
            "/data/country-resource-list/data.json",
            {"resource": "TJ", "v4_format": "prefix", "time": "2026-11-24T00:00:00", "sourceapp": "rasad-tests"},
        ),
        ("GET", "/data/announced-prefixes/data.json", {"resource": "AS64500", "sourceapp": "rasad-tests"}),
        ("GET", "/data/network-info/data.json", {"resource": "2001:db8::1", "sourceapp": "rasad-tests"}),
    ]
    assert traps.requests[0].headers["user-agent"] == "Rasad"


@pytest.mark.parametrize(
    "bad",
    [
        answers(429, b""), answers(500, b""), answers(503, {"messages": [["error", "busy"]]}), resets(),
        answers(200, envelope("network-info", {}, status="maintenance")),
        answers(200, envelope("network-info", {}, status="error", status_code=500)),
        cut_off({"Content-Length": "500"}, b'{"data": {'),
        answers(200, b"<html>a portal</html>"),
    ],
)  # fmt: skip
def test_what_passes_is_asked_again(client: RipestatClient, traps: Traps, clock: ManualClock, bad: Reply) -> None:
    traps.will(bad, bad, GOOD)

    assert client.network_info(ADDRESS).asns == (64500,)
    assert len(traps.requests) == 3
    first, second = clock.slept
    assert 0.5 <= first <= 1
    assert 1 <= second <= 2


@pytest.mark.parametrize(
    ("bad", "expected"),
    [
        (answers(400, envelope("network-info", {}, status="error", status_code=400)), Refused),
        (answers(404, b""), Refused),
        (answers(301, b"", Location="http://192.0.2.1/"), Refused),
        (answers(200, envelope("network-info", None)), Unreadable),
        (answers(200, envelope("network-info", {"asns": ["some"], "prefix": ""})), Unreadable),
    ],
)
def test_what_does_not_pass_is_asked_once(
    client: RipestatClient, traps: Traps, bad: Reply, expected: type[RipestatFailure]
) -> None:
    """And no redirect is followed: it could lead anywhere."""
    traps.will(bad)

    with pytest.raises(RipestatFailure) as raised:
        client.network_info(ADDRESS)

    assert type(raised.value) is expected
    assert len(traps.requests) == 1


@pytest.mark.parametrize("asked", [{"Retry_After": "17"}, {"Retry_After": "Tue, 24 Nov 2026 08:00:17 GMT"}])
def test_how_long_it_asks_to_wait_counts_more(
    client: RipestatClient, traps: Traps, clock: ManualClock, asked: dict[str, str]
) -> None:
    """In seconds or as a date, and a little more so that not all come back at once."""
    traps.will(answers(429, b"", **asked), GOOD)

    client.network_info(ADDRESS)

    [slept] = clock.slept
    assert 17 <= slept <= 18


def test_who_asks_for_more_patience_than_there_is_gets_no_second_question(
    client: RipestatClient, traps: Traps, clock: ManualClock
) -> None:
    traps.will(answers(429, b"", Retry_After="3600"))

    with pytest.raises(TooMany) as raised:
        client.network_info(ADDRESS)

    assert (raised.value.retry_after_s, raised.value.status) == (3600, 429)
    assert (len(traps.requests), clock.slept) == (1, [])


def test_patience_ends(client: RipestatClient, traps: Traps, clock: ManualClock) -> None:
    traps.will(answers(500, b""))

    with pytest.raises(ServerFailed):
        client.network_info(ADDRESS)

    assert 60 < sum(clock.slept) < Limits().retry_s
    assert 4 < len(traps.requests) < 20


@pytest.mark.parametrize(
    "stuck",
    [
        hangs(),
        hangs(b"HTTP/1.1 200 OK\r\nContent-"),
        hangs(head(Content_Length="100") + b'{"data"'),
        drips(b"HTTP/1.1 200 OK\r\n", b"X-More: 1\r\n", 0.05),
        drips(head(Content_Length="100000"), b" ", 0.05),
    ],
)
def test_no_call_lasts_for_ever(hasty: RipestatClient, traps: Traps, stuck: Reply) -> None:
    """Neither one in which nothing happens, nor one in which a little does now and then."""
    clock = RunningClock()
    traps.will(stuck)
    began = clock.monotonic()

    with pytest.raises(TimedOut):
        hasty.network_info(ADDRESS)

    assert clock.monotonic() - began < 3


def test_where_nobody_listens_it_is_unreachable() -> None:
    client = RipestatClient(
        Endpoint(address=f"http://127.0.0.1:{free_port()}"), ManualClock(), limits=Limits(retry_s=0.01)
    )
    with pytest.raises(Unreachable, match="network-info of 198"):
        client.network_info(ADDRESS)
    client.close()


def test_an_answer_that_is_cut_off_is_told_from_one_that_never_began(hasty: RipestatClient, traps: Traps) -> None:
    traps.will(cut_off({"Content-Length": "500"}, b'{"data": {'), resets())

    with pytest.raises(CutOff):
        hasty.network_info(ADDRESS)
    with pytest.raises(Unreachable):
        hasty.network_info(ADDRESS)


def test_an_answer_without_end_is_not_read_to_its_end(
    client: RipestatClient, traps: Traps, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("measurements.ripestat.client.MOST_BYTES", 1000)
    traps.will(answers(200, b" " * 1001 + body(network(["64500"]))))

    with pytest.raises(Unreadable, match="too long"):
        client.network_info(ADDRESS)


def test_an_answer_about_another_network_is_none(client: RipestatClient, traps: Traps) -> None:
    traps.will(answers(200, announced("192.0.2.0/24", asn="64501")))

    with pytest.raises(Unreadable, match="asked about AS64500, RIPEstat tells of AS64501"):
        client.announced_prefixes(64500)


def test_never_more_than_four_at_once() -> None:
    """However many threads ask."""
    memory = knowing(ManualClock())
    waiting, most = threading.Semaphore(0), [0]
    lock = threading.Lock()
    running = [0]
    write = memory.body_of

    def slowly(call: str, params: Any) -> bytes:
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
            if running[0] == CONNECTIONS:
                for _ in range(100):
                    waiting.release()
        waiting.acquire(timeout=10)
        with lock:
            running[0] -= 1
        return write(call, params)

    memory.body_of = slowly  # type: ignore[method-assign]  # the server asks here
    with serving(memory) as served, ThreadPoolExecutor(12) as threads:
        client = RipestatClient(Endpoint(address=served.address), RunningClock())
        found = list(threads.map(client.announced_prefixes, range(64500, 64524)))
        client.close()

    assert len(found) == 24
    assert most[0] == CONNECTIONS == 4
