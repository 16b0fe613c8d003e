"""A server full of traps, and clients before it: a patient one whose waiting costs no time, and a hasty one."""

from collections.abc import Iterator

import pytest

from measurements.atlas.client import AtlasClient
from measurements.atlas.endpoint import Keys, Limits
from measurements.atlas.gateway import AtlasGateway
from tests.clocks import ManualClock, RunningClock
from tests.measurements.atlas.stages import Stage, stage
from tests.measurements.atlas.traps import Traps, laid

PATIENT = Limits(retry_s=300)
HASTY = Limits(connect_s=0.3, idle_s=0.3, call_s=0.6, results_s=0.6, retry_s=0.01)
KEYS = Keys(create="create-key", read="read-key", stop="stop-key")


@pytest.fixture
def traps() -> Iterator[Traps]:
    """A server that does as it is told."""
    with laid() as found:
        yield found


@pytest.fixture
def clock() -> ManualClock:
    """Waiting costs no time."""
    return ManualClock()


@pytest.fixture
def atlas(traps: Traps, clock: ManualClock) -> Iterator[AtlasClient]:
    """A client that waits by the clock that stands."""
    client = AtlasClient(traps.endpoint(), clock, keys=KEYS, limits=PATIENT)
    yield client
    client.close()


@pytest.fixture
def hasty(traps: Traps) -> Iterator[AtlasClient]:
    """A client with little patience, and real time."""
    client = AtlasClient(traps.endpoint(), RunningClock(), keys=KEYS, limits=HASTY)
    yield client
    client.close()


@pytest.fixture(params=["memory", "http", "https"])
def on(request: pytest.FixtureRequest) -> Iterator[Stage]:
    """Each implementation in turn."""
    with stage(request.param) as found:
        yield found


@pytest.fixture
def gateway(on: Stage) -> AtlasGateway:
    """Its gateway."""
    return on.atlas
