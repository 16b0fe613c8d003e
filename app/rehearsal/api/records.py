"""What the platform remembers: measurements that somebody created, what they asked for and when they ended it."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import BaseModel

from app.rehearsal.contract import Body

FIRST_MEASUREMENT_ID = 900_000_001
"""Far above what the platform has given out, so that a rehearsed measurement is never taken for a real one."""
FIRST_REQUEST_ID = 500_001


class Asked(BaseModel):
    """A request that probes take part or no longer do; the creation's own sources are the first ones."""

    id: int
    action: str
    source: Body
    at: int


class Created(BaseModel):
    """A measurement as its creator wanted it. Instants are unix seconds, `fields` what the object shows of its type."""

    id: int
    owner: str
    bill_to: str
    fields: Body
    is_oneoff: bool
    created_at: int
    start_at: int
    stop_at: int | None = None
    deleted_at: int | None = None
    forced_at: int | None = None
    target_ip: str | None = None
    asked: list[Asked] = []

    @property
    def probes_requested(self) -> int:
        """How many probes the creator wanted, -1 for all there are."""
        wanted = [each.source["requested"] for each in self.asked if each.action == "add"]
        return -1 if -1 in wanted else sum(wanted)


class Kept(BaseModel):
    """Everything that outlives a restart."""

    now: float | None = None
    opened_at: int | None = None
    next_measurement_id: int = FIRST_MEASUREMENT_ID
    next_request_id: int = FIRST_REQUEST_ID
    created: dict[int, Created] = {}


class Records:
    """The platform's memory, shared by requests; written to a file after each change when there is one."""

    def __init__(self, path: Path | None = None, clock: Callable[[], float] | None = None) -> None:
        self._path = path
        self.clock = clock
        self._lock = threading.RLock()
        is_there = path is not None and path.exists()
        self.kept = Kept.model_validate_json(path.read_bytes()) if path and is_there else Kept()

    @contextmanager
    def changing(self) -> Iterator[Kept]:
        """The memory, to oneself, kept afterwards."""
        with self._lock:
            yield self.kept
            self.save()

    def opened_at(self, now: int) -> int:
        """When accounts were opened: the first time anybody asked."""
        with self._lock:
            if self.kept.opened_at is None:
                self.kept.opened_at = now
            return self.kept.opened_at

    def find(self, measurement_id: int) -> Created | None:
        """A measurement somebody created."""
        return self.kept.created.get(measurement_id)

    def all(self) -> list[Created]:
        """Every measurement somebody created, by id."""
        with self._lock:
            return [self.kept.created[number] for number in sorted(self.kept.created)]

    def requests(self) -> Iterator[tuple[Created, Asked]]:
        """Every participation request with its measurement, the newest last."""
        return ((created, asked) for created in self.all() for asked in created.asked)

    def save(self) -> None:
        """Write the memory to its file, whole or not at all, and what time it is by the clock it was given."""
        with self._lock:
            if self.clock is not None:
                self.kept.now = self.clock()
            if self._path is not None:
                beside = self._path.with_name(f"{self._path.name}.new")
                beside.write_text(self.kept.model_dump_json())
                beside.replace(self._path)


def enter(kept: Kept, created: Created, sources: list[Body]) -> None:
    """Remember a new measurement, which has the next id, with what it asks of probes."""
    kept.next_measurement_id = created.id + 1
    for source in sources:
        ask(kept, created, "add", source, created.created_at)
    kept.created[created.id] = created


def ask(kept: Kept, created: Created, action: str, source: Body, at: int) -> Asked:
    """Remember a participation request under the next id."""
    asked = Asked(id=kept.next_request_id, action=action, source=source, at=at)
    kept.next_request_id += 1
    created.asked.append(asked)
    return asked
