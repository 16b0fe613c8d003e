"""A clock, a server full of traps, and clients before it: one whose waiting costs no time, and a hasty one."""

from collections.abc import Iterator

import pytest

from measurements.ripestat.client import RipestatClient
from measurements.ripestat.endpoint import Endpoint, Limits
from tests.clocks import ManualClock, RunningClock
from tests.measurements.atlas.traps import Traps, laid

HASTY = Limits(connect_s=0.3, idle_s=0.3, call_s=0.6, retry_s=0.01)


@pytest.fixture
def clock() -> ManualClock:
    """Waiting costs no time."""
    return ManualClock()


@pytest.fixture
def traps() -> Iterator[Traps]:
    """A server that does as it is told."""
    with laid() as found:
        yield found


@pytest.fixture
def client(traps: Traps, clock: ManualClock) -> Iterator[RipestatClient]:
    """A client that waits by the clock that stands."""
    found = RipestatClient(Endpoint(address=f"http://127.0.0.1:{traps.port}", sourceapp="rasad-tests"), clock)
    yield found
    found.close()


@pytest.fixture
def hasty(traps: Traps) -> Iterator[RipestatClient]:
    """A client with little patience, and real time."""
    found = RipestatClient(Endpoint(address=f"http://127.0.0.1:{traps.port}"), RunningClock(), limits=HASTY)
    yield found
    found.close()
