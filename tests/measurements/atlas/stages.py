"""Stages: the same tiny world behind every implementation of the gateway, and a hand on its clock."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import orjson

from app.rehearsal.api.platform import Limits as Quotas
from measurements.atlas.client import AtlasClient
from measurements.atlas.endpoint import Endpoint, EndpointKind, Keys, Limits
from measurements.atlas.gateway import AtlasGateway
from measurements.atlas.memory import MemoryAtlas
from tests.app.rehearsal.tiny import TinyWorld
from tests.clocks import ManualClock, RunningClock
from tests.rehearsing import EPOCH, RehearsedAtlas, rehearsing

SETTLED_S = 60
"""After so long, a measurement that was created has its probes and runs."""
NOBODY = 2_000_000_000
"""No measurement has this id."""
QUICK = Limits(connect_s=5, idle_s=10, call_s=20, results_s=30, retry_s=1, first_wait_s=0.1)


class Stage(Protocol):
    """A gateway, and its time."""

    atlas: AtlasGateway

    def now(self) -> int:
        """Seconds since the epoch, of the clock that counts there."""
        ...

    def advance(self, by_s: int) -> None:
        """Let so much time pass."""
        ...


class MemoryStage:
    """The Atlas in memory; its results are the tiny world's, handed in when time passes."""

    def __init__(self) -> None:
        self._clock = ManualClock(datetime.fromtimestamp(EPOCH, UTC))
        self._world = TinyWorld()
        self._memory = MemoryAtlas(self._clock, probes=self._world.probes(EPOCH), anchors=self._world.anchors(EPOCH))
        for record in self._world.builtins():
            self._memory.know_built_in(record)
        self.atlas: AtlasGateway = self._memory

    def now(self) -> int:
        """Of the clock that stands."""
        return int(self._clock.now().timestamp())

    def advance(self, by_s: int) -> None:
        """And hand in what was measured meanwhile."""
        before = self.now()
        self._clock.at += timedelta(seconds=by_s)
        for measurement in list(self.atlas.measurements({})):
            record = {**measurement.record, "target_ip": measurement.target}
            probe_ids = sorted(self.atlas.participants(measurement.atlas_id).probe_ids)
            stop = min(self.now(), measurement.stop_at or self.now()) - 1
            for produced in self._world.results(record, probe_ids, before, stop):
                body = {name: value for name, value in produced.body.items() if name not in _GIVEN}
                self._memory.hand_in(
                    measurement.atlas_id,
                    produced.body["prb_id"],
                    produced.measured_at,
                    stored_at=produced.stored_at,
                    **body,
                )


_GIVEN = {"msm_id", "prb_id", "timestamp", "stored_timestamp"}


class RehearsedClock(RunningClock):
    """What time it is there; how long things may take is this computer's."""

    def __init__(self, rehearsed: RehearsedAtlas) -> None:
        self._rehearsed = rehearsed

    def now(self) -> datetime:
        """Virtual now."""
        return datetime.fromtimestamp(self._rehearsed.now(), UTC)


class RehearsedStage:
    """The client before a rehearsal, over HTTP or over TLS."""

    def __init__(self, rehearsed: RehearsedAtlas, address: str, limits: Limits = QUICK) -> None:
        self._rehearsed = rehearsed
        keys = Keys(create=rehearsed.create_key, read=rehearsed.read_key, stop=rehearsed.stop_key)
        endpoint = Endpoint(
            address=address, stream_address=address, kind=EndpointKind.REHEARSAL, ca_file=rehearsed.ca_file
        )
        self.client = AtlasClient(endpoint, RehearsedClock(rehearsed), keys=keys, limits=limits)
        self.atlas: AtlasGateway = self.client

    def now(self) -> int:
        """Virtual now."""
        return int(self._rehearsed.now())

    def advance(self, by_s: int) -> None:
        """A jump."""
        self._rehearsed.advance(by_s)


@contextmanager
def stage(kind: str) -> Iterator[Stage]:
    """One of `memory`, `http` and `https`."""
    if kind == "memory":
        yield MemoryStage()
        return
    with rehearsing(limits=Quotas(strangers={})) as rehearsed:
        found = RehearsedStage(rehearsed, getattr(rehearsed, kind))
        try:
            yield found
        finally:
            found.client.close()


def results(atlas: AtlasGateway, atlas_id: int, **question: Any) -> list[dict[str, Any]]:
    """Every result, read; the body was whole."""
    with atlas.results(atlas_id, **question) as reader:
        found = [orjson.loads(line) for line in reader]
        assert reader.is_complete
        assert reader.n_lines == len(found)
    return found


def latest(atlas: AtlasGateway, atlas_id: int, probe_ids: Collection[int] | None = None) -> list[dict[str, Any]]:
    """The latest results, read."""
    with atlas.latest(atlas_id, probe_ids=probe_ids) as reader:
        return [orjson.loads(line) for line in reader]
