"""One measurement as the platform has it: its object, who takes part, and those of its results that have arrived."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from heapq import merge
from typing import NamedTuple, Protocol

from app.rehearsal.api.definitions import cost_per_result
from app.rehearsal.api.lifecycle import (
    RUNNING,
    Habits,
    Member,
    Standing,
    Status,
    begins_at,
    ends_at,
    is_over,
    is_silent,
    standing,
)
from app.rehearsal.api.objects import measurement_object
from app.rehearsal.api.records import Created
from app.rehearsal.contract import Body, Faults, Produced, World

BUILTIN_DAYS_S = 7 * 86_400
"""How far back the results of a built-in go when nobody says from when."""


class Span(NamedTuple):
    """Results measured in [start, stop], of some probes or of all, by what is known at an instant."""

    start: int
    stop: int
    known_at: int
    probe_ids: frozenset[int] | None = None

    def has(self, probe_id: int) -> bool:
        """Whether a probe's results are asked for."""
        return self.probe_ids is None or probe_id in self.probe_ids


class Surroundings(Protocol):
    """What a measurement needs to know of the platform."""

    world: World
    faults: Faults
    habits: Habits

    def members(self, created: Created, now: int) -> list[Member]:
        """Who took part in a measurement until an instant."""
        ...


class Entry(Protocol):
    """A measurement, built-in or somebody's."""

    id: int
    type: str
    owner: str | None
    is_public: bool
    created_at: int

    def object(self, now: int) -> Body:
        """As `GET /measurements/{id}/` shows it, optional fields left out."""
        ...

    def standing(self, now: int) -> Standing:
        """Its status."""
        ...

    def is_running(self, now: int) -> bool:
        """Whether it is not over."""
        ...

    def members(self, now: int) -> Sequence[Member]:
        """Who took part until an instant."""
        ...

    def first_instant(self, now: int) -> int:
        """From when on there may be results."""
        ...

    def measured(self, span: Span) -> Iterator[Produced]:
        """What was measured, in order of measuring, before anything could go wrong with it."""
        ...


class Builtin:
    """A measurement that every probe runs, of the world's making."""

    owner: str | None = None
    is_public = True

    def __init__(self, platform: Surroundings, body: Body) -> None:
        self._platform = platform
        self._body = body
        self.id: int = body["id"]
        self.type: str = body["type"]
        self.created_at: int = body.get("creation_time") or 0

    def object(self, now: int) -> Body:
        """As the world shows it, with as many participants as there are probes."""
        count = len(self.members(now))
        body = measurement_object(self._body)
        return {**body, "participant_count": count, "probes_scheduled": count, "probes_requested": -1}

    def standing(self, now: int) -> Standing:
        """They never stop."""
        del now
        return Standing(Status.ONGOING, self._body.get("start_time") or 0)

    def is_running(self, now: int) -> bool:
        """Always."""
        return self.standing(now).status in RUNNING

    def members(self, now: int) -> Sequence[Member]:
        """Every probe that has the family, from its first day."""
        asn = f"asn_v{self._body['af']}"
        probes = [probe for probe in self._platform.world.probes(now) if probe[asn] is not None]
        return [Member(probe["id"], 0) for probe in probes if (probe["first_connected"] or now) <= now]

    def first_instant(self, now: int) -> int:
        """Some days ago; what lies before must be asked for."""
        return now - BUILTIN_DAYS_S

    def measured(self, span: Span) -> Iterator[Produced]:
        """What probes measured."""
        ids = [member.probe_id for member in self.members(span.known_at) if span.has(member.probe_id)]
        return self._platform.world.results(self._body, ids, span.start, span.stop) if ids else iter(())


class UserDefined:
    """A measurement that somebody created."""

    def __init__(self, platform: Surroundings, created: Created) -> None:
        self._platform = platform
        self.created = created
        self.id = created.id
        self.type: str = created.fields["type"]
        self.owner: str | None = created.owner
        self.is_public: bool = created.fields["is_public"]
        self.created_at = created.created_at

    def members(self, now: int) -> Sequence[Member]:
        """Who took part until an instant."""
        return self._platform.members(self.created, now)

    def standing(self, now: int) -> Standing:
        """Its status."""
        return standing(self.created, len(self.members(now)), now)

    def first_instant(self, now: int) -> int:
        """When its probes began."""
        del now
        return begins_at(self.created)

    def object(self, now: int) -> Body:
        """As `GET /measurements/{id}/` shows it."""
        created, members, standing_now = self.created, self.members(now), self.standing(now)
        here = sum(member.left_at is None for member in members)
        address = created.target_ip
        network = self._platform.world.network_of(address) if address else None
        return measurement_object(
            {
                **created.fields,
                "id": created.id,
                "creation_time": created.created_at,
                "start_time": begins_at(created),
                "stop_time": ends_at(created) if is_over(created, now) else created.stop_at,
                "is_oneoff": created.is_oneoff,
                "status": {
                    "id": int(standing_now.status), "name": standing_now.status.label, "when": standing_now.since
                },
                "participant_count": here,
                "probes_requested": created.probes_requested,
                "probes_scheduled": here,
                "is_all_scheduled": here >= created.probes_requested > 0,
                "target_ip": address,
                "target_asn": network.asn if network else None,
                "target_prefix": network.prefix if network else None,
                "resolved_ips": [address] if address else [],
                "credits_per_result": cost_per_result(created.fields, is_oneoff=created.is_oneoff),
            }
        )  # fmt: skip

    def is_running(self, now: int) -> bool:
        """Whether it counts against the limits."""
        return self.standing(now).status in RUNNING

    def measured(self, span: Span) -> Iterator[Produced]:
        """What probes measured while they took part and it ran."""
        groups: dict[tuple[int, int | None], list[int]] = defaultdict(list)
        for member in self.members(span.known_at):
            if span.has(member.probe_id) and not is_silent(self.created, member.probe_id, self._platform.habits):
                groups[member.joined_at, member.left_at].append(member.probe_id)
        body = self.object(span.known_at)
        parts = [self._measured_by(ids, body, taking_part, span) for taking_part, ids in groups.items()]
        return merge(*parts, key=lambda produced: produced.measured_at)

    def _measured_by(
        self, ids: list[int], body: Body, taking_part: tuple[int, int | None], span: Span
    ) -> Iterator[Produced]:
        joined, left = taking_part
        lasts = [end - 1 for end in (left, ends_at(self.created)) if end is not None]
        start, stop = max(span.start, joined, begins_at(self.created)), min([span.stop, *lasts])
        return self._platform.world.results(body, ids, start, stop) if start <= stop else iter(())


def arrived(faults: Faults, entry: Entry, span: Span) -> Iterator[Produced]:
    """What the platform has of a span, in no order that may be relied on.

    The world is asked for a little more than the span, as a probe's clock may have been wrong.
    """
    margin = faults.clock_margin_s
    wide = span._replace(start=span.start - margin, stop=min(span.stop, span.known_at) + margin)
    for result in faults.on_results(entry.measured(wide)):
        if result.stored_at <= span.known_at and span.start <= result.measured_at <= span.stop:
            yield result
