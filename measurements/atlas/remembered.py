"""What the Atlas in memory remembers: measurements that live by the clock, results, and what passes a filter."""

import ipaddress
import operator
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from measurements.atlas import payloads
from measurements.atlas.failures import AtlasFailure
from measurements.atlas.gateway import Filters, Plan, Status, Subscription
from measurements.clock import Clock
from measurements.definitions.base import Definition
from measurements.objects import Object, status_name
from measurements.selections import ProbeSelection, SelectedBy
from measurements.units import seconds

SCHEDULED_AFTER_S = 5
"""Probes are allocated some seconds after a measurement was created."""
ONEOFF_LASTS_S = 480
"""A one-off is shown as stopped 6 to 10 minutes after its start."""
STREAM_POLL_S = 1.0
BACKLOG_S = 600
CONNECTED = "Connected"


class StoredResult(NamedTuple):
    """A result, when it was measured, and from when on the platform has it."""

    measured_at: int
    stored_at: int
    atlas_id: int
    probe_id: int
    line: bytes


@dataclass(kw_only=True)
class Remembered:
    """A measurement: what was asked, and what has become of it."""

    atlas_id: int
    body: Mapping[str, Any]
    """In the platform's words, without what depends on the time."""
    probe_ids: tuple[int, ...]
    created_at: int
    start_at: int
    stop_at: int | None
    credits_per_result: int
    is_built_in: bool = False

    @classmethod
    def of(
        cls, atlas_id: int, definition: Definition, plan: Plan, probe_ids: tuple[int, ...], now: int
    ) -> "Remembered":
        """A measurement that is created now."""
        start_at = max(now, plan.start_at or now)
        return cls(
            atlas_id=atlas_id,
            body={**payloads.definition_body(definition, plan), "is_oneoff": plan.is_oneoff},
            probe_ids=probe_ids,
            created_at=now,
            start_at=start_at,
            stop_at=start_at + ONEOFF_LASTS_S if plan.is_oneoff else plan.stop_at,
            credits_per_result=definition.credits_per_result(is_oneoff=plan.is_oneoff),
        )

    @classmethod
    def built_in(cls, record: Object) -> "Remembered":
        """A measurement that always ran, and costs nothing to read."""
        return cls(
            atlas_id=int(record["id"]),
            body=record,
            probe_ids=(),
            created_at=0,
            start_at=0,
            stop_at=None,
            credits_per_result=0,
            is_built_in=True,
        )

    @property
    def target(self) -> str | None:
        """As it was asked for."""
        return self.body.get("target")

    @property
    def address_family(self) -> int:
        """4 or 6."""
        return int(self.body["af"])

    def stop(self, now: int) -> None:
        """From now on nothing runs; of one that has stopped already, nothing changes."""
        if not self.is_over(now):
            self.stop_at = now

    def is_over(self, now: int) -> bool:
        """Whether its end has come."""
        return self.stop_at is not None and self.stop_at <= now

    def status(self, now: int) -> Status:
        """How it stands at an instant."""
        if self.is_over(now):
            return Status.STOPPED
        if not self.is_built_in and now < self.created_at + SCHEDULED_AFTER_S:
            return Status.SPECIFIED
        return Status.ONGOING if self.start_at <= now else Status.SCHEDULED

    def record(self, now: int) -> Object:
        """Its object, as the platform shows it at an instant."""
        status = self.status(now)
        is_allocated = status is not Status.SPECIFIED
        return {
            "interval": None,
            **self.body,
            "id": self.atlas_id,
            "status": {"id": int(status), "name": status.name.capitalize(), "when": None},
            "creation_time": self.created_at,
            "start_time": self.start_at,
            "stop_time": self.stop_at,
            "participant_count": len(self.probe_ids) if is_allocated else None,
            "probes": [{"id": probe_id} for probe_id in self.probe_ids] if is_allocated else [],
            "credits_per_result": self.credits_per_result,
        }


class MemoryReader:
    """Lines that are there already; an injected failure comes after half of them."""

    def __init__(self, lines: list[bytes], failure: AtlasFailure | None) -> None:
        self._lines = lines
        self._failure = failure
        self.n_lines = 0
        self.is_complete = False

    def __iter__(self) -> Iterator[bytes]:
        """Each line."""
        given = self._lines[: len(self._lines) // 2] if self._failure else self._lines
        for line in given:
            self.n_lines += 1
            yield line
        if self._failure:
            raise self._failure
        self.is_complete = True


class MemoryStream:
    """Whatever arrives, and the recent past first."""

    def __init__(
        self,
        arrived: Callable[[int], list[StoredResult]],
        clock: Clock,
        subscriptions: Iterable[Subscription],
    ) -> None:
        self._arrived = arrived
        self._clock = clock
        self._seen_at = seconds(clock.now())
        self._waiting: deque[bytes] = deque()
        self._is_closed = False
        self._subscriptions: tuple[Subscription, ...] = ()
        self.n_dropped = 0
        self.n_reconnects = 0
        self.is_connected = True
        self.follow(subscriptions)

    def take(self, wait_s: float) -> bytes | None:
        """Looks again and again while the clock goes on."""
        deadline = self._clock.deadline(wait_s)
        self._look()
        while not self._waiting and not self._is_closed and not deadline.is_over():
            self._clock.sleep(min(STREAM_POLL_S, max(deadline.left(), 0.001)))
            self._look()
        return self._waiting.popleft() if self._waiting and not self._is_closed else None

    def follow(self, subscriptions: Iterable[Subscription]) -> None:
        """A new subscription with a backlog gives the recent past."""
        wanted = tuple(subscriptions)
        for result in self._arrived(self._seen_at - BACKLOG_S):
            new = [one for one in wanted if one not in self._subscriptions and one.has_backlog]
            if result.stored_at <= self._seen_at and any(_is_wanted(result, one) for one in new):
                self._waiting.append(result.line)
        self._subscriptions = wanted

    def close(self) -> None:
        """Nothing comes any more."""
        self._is_closed = True

    def _look(self) -> None:
        for result in self._arrived(self._seen_at):
            if any(_is_wanted(result, one) for one in self._subscriptions):
                self._waiting.append(result.line)
        self._seen_at = seconds(self._clock.now())


def _is_wanted(result: StoredResult, subscription: Subscription) -> bool:
    return subscription.atlas_id in (None, result.atlas_id) and subscription.probe_id in (None, result.probe_id)


def matches(selection: ProbeSelection, probe: Object, address_family: int) -> bool:
    """Whether a probe object is connected, has the address family, and is one of a selection's.

    It knows no areas and regions: every probe lies in each.
    """
    tags = {tag["slug"] if isinstance(tag, Mapping) else tag for tag in probe.get("tags") or ()}
    if not tags.issuperset(selection.include_tags) or not tags.isdisjoint(selection.exclude_tags):
        return False
    is_connected = (status_name(probe) or CONNECTED) == CONNECTED
    return is_connected and probe.get(f"asn_v{address_family}") is not None and _is_of(selection, probe, address_family)


def _is_of(selection: ProbeSelection, probe: Object, address_family: int) -> bool:
    value = selection.value
    match selection.by:
        case SelectedBy.COUNTRY:
            return probe.get("country_code") == value
        case SelectedBy.ASN:
            return probe.get(f"asn_v{address_family}") == int(value)
        case SelectedBy.PROBES:
            return int(probe["id"]) in selection.probe_ids
        case SelectedBy.PREFIX:
            return _is_within(probe.get(f"prefix_v{address_family}"), value)
        case _:
            return True


def _is_within(prefix: str | None, other: str) -> bool:
    if prefix is None:
        return False
    inner, outer = ipaddress.ip_network(prefix), ipaddress.ip_network(other)
    return inner.version == outer.version and inner.network_address in outer and inner.prefixlen >= outer.prefixlen


_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}


_FILTERED = frozenset({"asn_v4", "asn_v6", "country", "country_code", "id", "is_anchor", "status", "tags", "type"})
"""An object without one of these passes no filter for it; what the platform does not filter by is ignored."""


def passes(record: Object, filters: Filters) -> bool:
    """Whether an object passes every filter; one that nobody knows is ignored, as the platform does."""
    return all(_passes(record, name, value) for name, value in payloads.query(filters).items())


def _passes(record: Object, name: str, wanted: str) -> bool:
    member, _, how = name.partition("__")
    if member not in record:
        return member not in _FILTERED
    held = record[member]
    if member == "tags":
        slugs = {tag["slug"] if isinstance(tag, Mapping) else tag for tag in held or ()}
        return slugs.issuperset(wanted.split(","))
    if isinstance(held, Mapping):
        return bool({str(held.get("id")), str(held.get("name")).lower()} & set(wanted.lower().split(",")))
    if how in _COMPARISONS:
        return held is not None and _COMPARISONS[how](held, int(wanted))
    return payloads.query({member: held})[member] in wanted.split(",")
