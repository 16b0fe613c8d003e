"""RIPE Atlas over the Internet: Cousteau creates, changes, stops and looks up; results are read as a stream of lines.

Only what creates nothing is repeated. Creating is refused without the gate's permission, but
on a rehearsal.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from typing import Any, TypeVar

import httpx

from measurements.agreements.gate import Decision
from measurements.atlas import answers, payloads
from measurements.atlas.calls import Calls
from measurements.atlas.endpoint import API, Endpoint, Keys, Limits
from measurements.atlas.failures import (
    AnswerLost,
    AtlasFailure,
    NotAllowed,
    NotFound,
    Phase,
    Redirected,
    Refused,
    TooMany,
    Unreadable,
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
    ResultStream,
    Subscription,
)
from measurements.atlas.lookups import IDS_AT_ONCE, Lookups
from measurements.atlas.reading import LineReader, Question
from measurements.atlas.rehearsal import RehearsalCheck, require_permitted
from measurements.atlas.repeating import OnRepeat, Repeating, is_before_sending, is_unsent
from measurements.atlas.stream import StreamSupervisor
from measurements.atlas.transport import Answer, Call, Transport
from measurements.clock import Clock
from measurements.errors import InvalidDefinition, UnreadableObject
from measurements.objects import Object
from measurements.selections import ProbeSelection
from measurements.units import seconds

START_MARGIN_S = 10
"""A start that is nearer than this is not sent: it would have passed by the time that it arrived, and be refused."""

T = TypeVar("T")


class AtlasClient:
    """The platform, or a rehearsal of it, behind one endpoint (`gateway.AtlasGateway`). Threads may share it."""

    def __init__(
        self,
        endpoint: Endpoint,
        clock: Clock,
        *,
        keys: Keys | None = None,
        limits: Limits | None = None,
        on_repeat: OnRepeat = lambda _failure, _wait_s: None,
    ) -> None:
        self._endpoint = endpoint
        self._clock = clock
        self._keys = keys or Keys()
        self._limits = limits or Limits()
        self._transport = Transport(endpoint, clock, self._limits)
        self._repeating = Repeating(clock, self._limits, on_repeat)
        self._calls = Calls(endpoint.origin)
        self._lookups = Lookups(self._calls, self._transport, self._repeating, clock, self._keys.read)
        self._rehearsal = RehearsalCheck(endpoint, self._transport)

    def close(self) -> None:
        """Close every connection."""
        self._transport.close()

    def require_rehearsal(self) -> None:
        """Raise `NotAgreed` unless the endpoint is set to be a rehearsal, and is one."""
        self._rehearsal.require()

    def dispatch(self, plan: Plan, decision: Decision | None = None) -> tuple[int, ...]:
        """Create what a plan says; see `gateway.AtlasGateway`."""
        self._require_permission(decision)

        def create() -> Answer:
            now = seconds(self._clock.now())  # another one when it is repeated
            if plan.stop_at is not None and plan.stop_at <= now:
                raise InvalidDefinition("stop_at", "has passed")
            is_later = plan.start_at is not None and plan.start_at > now + START_MARGIN_S
            return self._calls.create(
                self._transport.send, plan, self._keys.create, plan.start_at if is_later else None
            )

        with _never_twice(plan.tag, None):
            value = self._created("POST /measurements/", create)
            return _ids(value, "measurements", len(plan.definitions))

    def _require_permission(self, decision: Decision | None) -> None:
        if decision is None:
            self._rehearsal.require()
        else:
            require_permitted(decision, seconds(self._clock.now()))

    def find_by_tag(self, tag: str) -> tuple[AtlasMeasurement, ...]:
        """What this account created with a tag, by id: anybody may give a measurement of his own the same one."""
        found = [one for one in self._listed("/measurements/my/", {"tags": tag}) if tag in one.tags]
        return tuple(sorted(found, key=lambda one: one.atlas_id))

    def stop(self, atlas_id: int) -> None:
        """Stop a measurement; what the platform answers for one that has stopped already is not documented."""

        def attempt() -> None:
            answer = self._calls.stop(self._transport.send, atlas_id, self._keys.stop)
            if answer.status >= 300:  # noqa: PLR2004 - the first status that is no success
                raise answers.failure_of(f"DELETE /measurements/{atlas_id}/", answer, self._clock.now())

        try:
            self._repeating.until_done(attempt)
        except (Refused, NotAllowed):
            if not self._has_stopped(atlas_id):
                raise

    def _has_stopped(self, atlas_id: int) -> bool:
        """Whether it is seen to have; what cannot be seen says nothing."""
        try:
            return self.measurement(atlas_id).status.is_final
        except AtlasFailure:
            return False

    def change_participants(
        self,
        atlas_id: int,
        *,
        add: Collection[ProbeSelection] = (),
        remove: Collection[int] = (),
        decision: Decision | None = None,
    ) -> tuple[int, ...]:
        """Ask for probes to join, and for others to leave; see `gateway.AtlasGateway`."""
        if add:
            self._require_permission(decision)
        if not add and not remove:
            return ()

        def change() -> Answer:
            return self._calls.change(self._transport.send, atlas_id, list(add), sorted(remove), self._keys.create)

        with _never_twice(None, f"the participants of measurement {atlas_id} were changed"):
            value = self._created(f"POST /measurements/{atlas_id}/participation-requests/", change)
            return _ids(value, "request_ids", len(add) + bool(remove))

    def measurement(self, atlas_id: int) -> AtlasMeasurement:
        """How a measurement stands."""
        return _understood(payloads.read_measurement, self._lookups.one(f"/measurements/{atlas_id:d}/"))

    def measurements(self, filters: Filters) -> Iterator[AtlasMeasurement]:
        """Measurements that pass every filter."""
        return self._listed("/measurements/", filters)

    def participants(self, atlas_id: int) -> Participants:
        """Which probes take part in a measurement."""
        record = self._lookups.one(f"/measurements/{atlas_id:d}/", {"optional_fields": "probes"})
        return _understood(payloads.read_participants, record)

    def results(
        self, atlas_id: int, *, start_at: int, stop_at: int | None = None, probe_ids: Collection[int] | None = None
    ) -> AbstractContextManager[ResultReader]:
        """Results measured in [start_at, stop_at]."""
        question = {"format": "txt", "start": str(start_at)}
        if stop_at is not None:
            question["stop"] = str(stop_at)
        return self._reader(f"/measurements/{atlas_id:d}/results/", question, probe_ids)

    def latest(
        self, atlas_id: int, *, probe_ids: Collection[int] | None = None
    ) -> AbstractContextManager[ResultReader]:
        """The latest result of each probe."""
        return self._reader(f"/measurements/{atlas_id:d}/latest/", {"format": "txt"}, probe_ids)

    def probes(self, filters: Filters, *, fields: Collection[str] = ()) -> Iterator[Object]:
        """Probe objects that pass every filter."""
        shown = {"fields": ",".join(dict.fromkeys(("id", *fields)))} if fields else {}
        return self._lookups.all("/probes/", {**filters, **shown})

    def anchors(self, filters: Filters) -> Iterator[Object]:
        """Anchor objects that pass every filter."""
        return self._lookups.all("/anchors/", filters)

    def credits(self) -> Credits:
        """What the account of the reading key has."""
        return _understood(payloads.read_credits, self._lookups.one("/credits/"))

    def charges(self) -> Iterator[Charge]:
        """Of the transactions those that are for a measurement's results."""
        listed = self._lookups.all("/credits/transactions/", {})
        return filter(None, (_understood(payloads.read_charge, record) for record in listed))

    def stream(self, subscriptions: Iterable[Subscription], on_event: OnEvent) -> AbstractContextManager[ResultStream]:
        """Results as they arrive, until the context ends."""
        return closing(StreamSupervisor(self._endpoint, self._clock, subscriptions, on_event))

    def _listed(self, path: str, filters: Filters) -> Iterator[AtlasMeasurement]:
        return (_understood(payloads.read_measurement, record) for record in self._lookups.all(path, filters))

    def _created(self, name: str, create: Callable[[], Answer]) -> Any:
        """What the platform answers; repeated only where nothing was sent."""
        answer = self._repeating.until_done(create, when=is_unsent)
        return answers.decoded(name, answer, self._clock.now())

    @contextmanager
    def _reader(self, path: str, question: Question, probe_ids: Collection[int] | None) -> Iterator[LineReader]:
        questions: list[Question] = [question]
        if probe_ids is not None:
            ordered = sorted(probe_ids)
            chunks = (ordered[at : at + IDS_AT_ONCE] for at in range(0, len(ordered), IDS_AT_ONCE))
            questions = [{**question, "probe_ids": ",".join(map(str, chunk))} for chunk in chunks]
        name = f"GET {API}{path}"
        with closing(LineReader(name, questions, lambda asked: self._opened(name, path, asked))) as reader:
            yield reader

    @contextmanager
    def _opened(self, name: str, path: str, question: Question) -> Iterator[httpx.Response]:
        """A successful answer; repeated as long as it is none."""
        url = f"{self._endpoint.origin}{API}{path}"
        call = Call(method="GET", url=url, headers=self._calls.headers(self._keys.read), params=question)

        def attempt() -> tuple[ExitStack, httpx.Response]:
            with ExitStack() as stack:
                response = stack.enter_context(self._transport.opened(call, self._limits.results_s))
                if response.status_code != httpx.codes.OK:
                    answer = Answer(response.status_code, response.headers, response.read())
                    raise answers.failure_of(name, answer, self._clock.now())
                return stack.pop_all(), response

        opened, response = self._repeating.until_done(attempt)
        with opened:
            yield response


@contextmanager
def _never_twice(tag: str | None, what: str | None) -> Iterator[None]:
    """Tells failures after which nothing was made from those after which nobody knows."""
    try:
        yield
    except (Refused, NotAllowed, NotFound, TooMany, Redirected):
        raise
    except AtlasFailure as failure:
        if is_before_sending(failure):
            raise
        raise AnswerLost(tag, failure, what) from failure


def _ids(value: Any, member: str, n_expected: int) -> tuple[int, ...]:
    ids = value.get(member) if isinstance(value, dict) else None
    if not isinstance(ids, list) or len(ids) != n_expected or not all(isinstance(one, int) for one in ids):
        raise Unreadable(f"{value!r:.200} names no {n_expected} {member}", phase=Phase.DECODE)
    return tuple(ids)


def _understood(read: Callable[[Object], T], record: Object) -> T:
    try:
        return read(record)
    except UnreadableObject as error:
        raise Unreadable(f"an object of the platform makes no sense: {error}", phase=Phase.DECODE) from error
