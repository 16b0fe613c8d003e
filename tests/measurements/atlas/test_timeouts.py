"""Time-outs: whatever the server does, a call ends in time and says how far it had come."""

import time
from threading import Event, Timer

import pytest

from measurements.atlas.client import AtlasClient
from measurements.atlas.endpoint import Limits
from measurements.atlas.failures import (
    AnswerLost,
    Phase,
    TimedOut,
    Unreachable,
)
from measurements.errors import Stopped
from tests.clocks import ManualClock, RunningClock
from tests.measurements.atlas.conftest import HASTY
from tests.measurements.atlas.plans import plan
from tests.measurements.atlas.traps import (
    Traps,
    drips,
    hangs,
    head,
    resets,
)


@pytest.mark.parametrize(
    ("reply", "phase"),
    [
        (hangs(), Phase.WAIT),
        (hangs(head(Content_Length="100")), Phase.READ),
        (hangs(head(Content_Length="100"), b'{"id"'), Phase.READ),
        (drips(b"HTTP/1.1 200 OK\r\n", b"X-Drop: 1\r\n", 0.1), Phase.WAIT),
        (drips(head(Content_Length="10000"), b" ", 0.1), Phase.READ),
    ],
)
def test_a_server_that_hangs_costs_no_more_than_the_time_out(
    traps: Traps, hasty: AtlasClient, reply: object, phase: Phase
) -> None:
    """Silent from the start, in the middle, or with a drop now and then."""
    assert callable(reply)
    traps.will(reply)
    began = time.monotonic()

    with pytest.raises(TimedOut) as failed:
        hasty.measurement(7)

    assert failed.value.phase is phase
    assert failed.value.is_retryable
    assert time.monotonic() - began < 2


@pytest.mark.parametrize("reply", [hangs(), hangs(head(Content_Length="100"), b'{"id"')])
def test_whoever_is_asked_to_end_waits_for_no_answer(traps: Traps, reply: object) -> None:
    """With time-outs of minutes a worker would not end before it is killed."""
    assert callable(reply)
    stop = Event()
    client = AtlasClient(traps.endpoint(), RunningClock(stop), limits=Limits(idle_s=20, call_s=20, retry_s=0))
    traps.will(reply)
    Timer(0.2, stop.set).start()
    began = time.monotonic()

    with pytest.raises(Stopped):
        client.measurement(7)

    client.close()
    assert time.monotonic() - began < 5


def test_the_answer_to_creating_is_waited_for_though_the_process_shall_end(traps: Traps) -> None:
    """Else nobody would know what was created."""
    stop = Event()
    limits = Limits(idle_s=1.5, call_s=1.5, retry_s=0)
    client = AtlasClient(traps.endpoint(), RunningClock(stop), limits=limits)
    client.require_rehearsal()
    traps.will(hangs())
    stop.set()

    with pytest.raises(AnswerLost):
        client.dispatch(plan())

    client.close()


def test_time_outs_are_the_virtual_clocks(traps: Traps) -> None:
    """Half an hour of a clock a thousand times as fast is two seconds here."""
    clock = ManualClock(socket_s=0.001)
    client = AtlasClient(traps.endpoint(), clock, limits=Limits(idle_s=300, call_s=1800, retry_s=0))
    traps.will(hangs())
    began = time.monotonic()

    with pytest.raises(TimedOut):
        client.measurement(7)

    client.close()
    assert 0.2 < time.monotonic() - began < 2


def test_nobody_there_is_told_from_a_broken_connection(traps: Traps, hasty: AtlasClient) -> None:
    """By its phase."""
    nobody = AtlasClient(traps.endpoint(address="http://127.0.0.1:1"), RunningClock(), limits=HASTY)
    with pytest.raises(Unreachable) as unreachable:
        nobody.measurement(7)
    nobody.close()
    assert unreachable.value.phase is Phase.CONNECT

    traps.will(resets())
    with pytest.raises(Unreachable) as broken:
        hasty.measurement(7)
    assert broken.value.phase is Phase.WAIT
