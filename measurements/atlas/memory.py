"""RIPE Atlas in memory: an honest implementation of the gateway for tests, with its time handed in.

It refuses what the platform refuses, its measurements live by the clock, results are handed in by the test and can be
read once the platform has them, and any call can be made to fail.
"""

from collections import Counter, defaultdict, deque
from collections.abc import Collection, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import count
from typing import Any

import orjson

from measurements.agreements.gate import Decision
from measurements.atlas import payloads
from measurements.atlas.failures import (
    AccountBusy,
    AnswerLost,
    AtlasFailure,
    Complaint,
    NoProbes,
    NotFound,
    Phase,
    TargetBusy,
)
from measurements.atlas.gateway import (
    AtlasMeasurement,
    Charge,
    Credits,
    Filters,
    OnEvent,
    Participants,
    Plan,
    ResultReader,
    StreamEvent,
    Subscription,
)
from measurements.atlas.rehearsal import require_permitted
from measurements.atlas.remembered import MemoryReader, MemoryStream, Remembered, StoredResult, matches, passes
from measurements.clock import Clock
from measurements.errors import InvalidDefinition
from measurements.objects import Object
from measurements.selections import ALL_PROBES, ProbeSelection, SelectedBy
from measurements.units import DAY_S, seconds

FIRST_ATLAS_ID = 200_000_001
MOST_PER_TARGET = 25
MOST_PER_ACCOUNT = 100


class MemoryAtlas:
    """An Atlas of one account. Everything that a test arranges is a method of its own, below the gateway's."""

    def __init__(self, clock: Clock, *, probes: Iterable[Object] = (), anchors: Iterable[Object] = ()) -> None:
        self._clock = clock
        self._probes = {int(probe["id"]): probe for probe in probes}
        self._anchors = list(anchors)
        self._measurements: dict[int, Remembered] = {}
        self._results: list[StoredResult] = []
        self._ids = count(FIRST_ATLAS_ID)
        self._requests = count(1)
        self._failures: defaultdict[str, deque[AtlasFailure]] = defaultdict(deque)
        self._balance = 1_000_000
        self.calls: list[str] = []
        """Names of the calls that were made, in order."""

    # --- the gateway ---

    def require_rehearsal(self) -> None:
        """It is one: nothing leaves this process."""

    def dispatch(self, plan: Plan, decision: Decision | None = None) -> tuple[int, ...]:
        """Create at once; an injected `AnswerLost` is raised after that, any other failure before."""
        self.calls.append("dispatch")
        if decision is not None:
            require_permitted(decision, self._now())
        failure = self._next_failure("dispatch")
        if failure and not isinstance(failure, AnswerLost):
            raise failure
        now = self._now()
        if plan.stop_at is not None and plan.stop_at <= now:
            raise InvalidDefinition("stop_at", "has passed")
        chosen = [self._choose(plan, index) for index in range(len(plan.selections))]
        probe_ids = dict.fromkeys(probe_id for probes in chosen for probe_id in probes)
        self._refuse_crowds(plan)
        created = [Remembered.of(next(self._ids), each, plan, tuple(probe_ids), now) for each in plan.definitions]
        self._measurements.update({one.atlas_id: one for one in created})
        if failure:
            raise failure
        return tuple(one.atlas_id for one in created)

    def find_by_tag(self, tag: str) -> tuple[AtlasMeasurement, ...]:
        """Found at once, unlike on the platform."""
        self._enter("find_by_tag")
        return tuple(found for found in map(self._look, self._measurements.values()) if tag in found.tags)

    def stop(self, atlas_id: int) -> None:
        """At this instant."""
        self._enter("stop")
        self._known(atlas_id).stop(self._now())

    def change_participants(
        self,
        atlas_id: int,
        *,
        add: Collection[ProbeSelection] = (),
        remove: Collection[int] = (),
        decision: Decision | None = None,
    ) -> tuple[int, ...]:
        """At this instant, unlike on the platform."""
        if add and decision is not None:
            require_permitted(decision, self._now())
        self._enter("change_participants")
        measurement = self._known(atlas_id)
        for selection in add:
            joining = self._matching(selection, measurement.address_family)
            measurement.probe_ids = tuple(dict.fromkeys((*measurement.probe_ids, *joining)))
        measurement.probe_ids = tuple(one for one in measurement.probe_ids if one not in set(remove))
        return tuple(next(self._requests) for _ in range(len(add) + bool(remove)))

    def measurement(self, atlas_id: int) -> AtlasMeasurement:
        """By the clock."""
        self._enter("measurement")
        return self._look(self._known(atlas_id))

    def measurements(self, filters: Filters) -> Iterator[AtlasMeasurement]:
        """Those that pass, by id."""
        self._enter("measurements")
        records = (one.record(self._now()) for one in list(self._measurements.values()))
        return (payloads.read_measurement(record) for record in records if passes(record, filters))

    def participants(self, atlas_id: int) -> Participants:
        """Chosen when it was created, shown once it is scheduled."""
        self._enter("participants")
        return payloads.read_participants(self._known(atlas_id).record(self._now()))

    def results(
        self, atlas_id: int, *, start_at: int, stop_at: int | None = None, probe_ids: Collection[int] | None = None
    ) -> AbstractContextManager[ResultReader]:
        """Those that the platform has by now."""
        found = [
            result
            for result in self._stored(atlas_id, probe_ids)
            if result.measured_at >= start_at and (stop_at is None or result.measured_at <= stop_at)
        ]
        return self._reader("results", atlas_id, found)

    def latest(
        self, atlas_id: int, *, probe_ids: Collection[int] | None = None
    ) -> AbstractContextManager[ResultReader]:
        """The latest of each probe that the platform has by now."""
        found = {result.probe_id: result for result in sorted(self._stored(atlas_id, probe_ids))}
        return self._reader("latest", atlas_id, list(found.values()))

    def probes(self, filters: Filters, *, fields: Collection[str] = ()) -> Iterator[Object]:
        """By id; of `fields`, `id` and `type` always come."""
        self._enter("probes")
        found = (probe for _, probe in sorted(self._probes.items()) if passes(probe, filters))
        shown = {*fields, "id", "type"}
        return ({name: probe[name] for name in probe if name in shown} if fields else probe for probe in found)

    def anchors(self, filters: Filters) -> Iterator[Object]:
        """As they were handed in."""
        self._enter("anchors")
        return (anchor for anchor in self._anchors if passes(anchor, filters))

    def credits(self) -> Credits:
        """What was there, less what the results that the platform has cost."""
        self._enter("credits")
        now = self._now()
        stored = [one for one in self._results if one.stored_at <= now and one.atlas_id in self._measurements]
        prices = {one: self._measurements[one.atlas_id].credits_per_result for one in stored}
        past_day = [one for one in stored if one.stored_at > now - DAY_S]
        return payloads.read_credits(
            {
                "current_balance": self._balance - sum(prices[one] for one in stored),
                "past_day_credits_spent": sum(prices[one] for one in past_day),
                "past_day_measurement_results": len(past_day),
                "max_daily_credits": 1_000_000,
            }
        )

    def charges(self) -> Iterator[Charge]:
        """Of each result that the platform has, at once."""
        self._enter("charges")
        counts = Counter(one.atlas_id for one in self._results if one.stored_at <= self._now())
        prices = {each: self._measurements[each].credits_per_result for each in counts if each in self._measurements}
        return (Charge(each, counts[each], counts[each] * price) for each, price in prices.items() if price)

    @contextmanager
    def stream(self, subscriptions: Iterable[Subscription], on_event: OnEvent) -> Iterator[MemoryStream]:
        """What the platform comes to have while it is open."""
        self._enter("stream")
        stream = MemoryStream(self._arrived, self._clock, subscriptions)
        on_event(StreamEvent.CONNECTED, {})
        try:
            yield stream
        finally:
            stream.close()

    # --- what a test arranges ---

    def fail_next(self, call: str, *failures: AtlasFailure) -> None:
        """Have the next calls of this name fail, one after another. A reader fails after half of its results."""
        self._failures[call].extend(failures)

    def hand_in(
        self, atlas_id: int, probe_id: int, measured_at: int, *, stored_at: int | None = None, **more: Any
    ) -> bytes:
        """A result of a probe, which the platform has from `stored_at` on; gives its line."""
        stored_at = measured_at + 1 if stored_at is None else stored_at
        record = {"msm_id": atlas_id, "prb_id": probe_id, "timestamp": measured_at, "stored_timestamp": stored_at}
        line = orjson.dumps({**record, **more})
        self._results.append(StoredResult(measured_at, stored_at, atlas_id, probe_id, line))
        return line

    def know_built_in(self, record: Object) -> None:
        """A measurement that the platform itself runs, as its object shows it."""
        self._measurements[int(record["id"])] = Remembered.built_in(record)

    def know_probes(self, *probes: Object) -> None:
        """Probes as they are from now on."""
        self._probes.update({int(probe["id"]): probe for probe in probes})

    # --- inside ---

    def _now(self) -> int:
        return seconds(self._clock.now())

    def _next_failure(self, call: str) -> AtlasFailure | None:
        waiting = self._failures[call]
        return waiting.popleft() if waiting else None

    def _enter(self, call: str) -> None:
        self.calls.append(call)
        if failure := self._next_failure(call):
            raise failure

    def _known(self, atlas_id: int) -> Remembered:
        if atlas_id not in self._measurements:
            raise NotFound(f"there is no measurement {atlas_id}", phase=Phase.READ, status=404, code=104)
        return self._measurements[atlas_id]

    def _look(self, measurement: Remembered) -> AtlasMeasurement:
        return payloads.read_measurement(measurement.record(self._now()))

    def _choose(self, plan: Plan, index: int) -> list[int]:
        family = plan.definitions[0].address_family
        chosen = self._matching(plan.selections[index], family)
        if not chosen:
            complaint = Complaint(f"/probes/{index}/value", "Your selected probes are not covered by our network.")
            raise NoProbes(
                "no probe matches a selection", phase=Phase.READ, status=400, code=102, complaints=[complaint]
            )
        return chosen

    def _matching(self, selection: ProbeSelection, family: int) -> list[int]:
        if selection.by is SelectedBy.MEASUREMENT:
            found = list(self._known(int(selection.value)).probe_ids)
        else:
            found = [key for key, probe in sorted(self._probes.items()) if matches(selection, probe, family)]
        return found if selection.requested == ALL_PROBES else found[: selection.requested]

    def _refuse_crowds(self, plan: Plan) -> None:
        running = [one for one in self._measurements.values() if not one.is_over(self._now()) and not one.is_built_in]
        if len(running) + len(plan.definitions) > MOST_PER_ACCOUNT:
            detail = f"You are not permitted to run more than {MOST_PER_ACCOUNT} concurrent measurements."
            raise AccountBusy(detail, phase=Phase.READ, status=400, code=102, complaints=[Complaint("", detail)])
        for definition in plan.definitions:
            if definition.target and [one.target for one in running].count(definition.target) >= MOST_PER_TARGET:
                detail = f"We do not allow more than {MOST_PER_TARGET} concurrent measurements to the same target"
                detail = f"{detail}: {definition.target}."
                raise TargetBusy(detail, phase=Phase.READ, status=400, code=102, complaints=[Complaint("", detail)])

    def _stored(self, atlas_id: int, probe_ids: Collection[int] | None) -> list[StoredResult]:
        now = self._now()
        return [
            result
            for result in self._results
            if result.atlas_id == atlas_id
            and result.stored_at <= now
            and (probe_ids is None or result.probe_id in probe_ids)
        ]

    @contextmanager
    def _reader(self, call: str, atlas_id: int, found: list[StoredResult]) -> Iterator[MemoryReader]:
        self.calls.append(call)
        self._known(atlas_id)
        yield MemoryReader([result.line for result in found], self._next_failure(call))

    def _arrived(self, after_at: int) -> list[StoredResult]:
        """What the platform has now and did not have at an instant."""
        now = self._now()
        return [result for result in self._results if after_at < result.stored_at <= now]
