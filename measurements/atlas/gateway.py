"""What may be asked of RIPE Atlas: one Protocol, and the values that it takes and gives, in our words.

Instants are seconds since the epoch, UTC (`units.seconds` makes one of an aware datetime). Every call may raise a
member of `failures.AtlasFailure`, and only those; besides, `Stopped` when the process is asked to end meanwhile, but
never once something was sent that creates.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Any, NamedTuple, Protocol

from measurements.agreements.gate import Decision
from measurements.definitions.base import Definition
from measurements.errors import InvalidDefinition
from measurements.objects import Object
from measurements.selections import MOST_PROBES, ProbeSelection, check_slug

Filters = Mapping[str, str | int | bool | Collection[int] | Collection[str]]
"""The platform's own filters, such as `country_code`, `is_anchor` or `status__in`; values are quoted for it."""

MOST_DEFINITIONS = 100
"""In one request."""
LATEST_AT = 2**32 - 1
"""The platform counts seconds in 32 bits."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Definitions to be dispatched together: to the same probes, over the same time.

    Raises `InvalidDefinition` naming the field that the platform would refuse.
    """

    definitions: tuple[Definition, ...]
    selections: tuple[ProbeSelection, ...]
    tag: str
    """By which the measurements can be found again, whatever happens to the answer; unlike any other plan's."""
    is_oneoff: bool = False
    start_at: int | None = None
    """None, or an instant that has passed by the time of the call, is at once."""
    stop_at: int | None = None
    """None runs until it is stopped."""

    def __post_init__(self) -> None:
        if not 1 <= len(self.definitions) <= MOST_DEFINITIONS:
            raise InvalidDefinition("definitions", f"{len(self.definitions)} of them; 1 to {MOST_DEFINITIONS}")
        if not 1 <= len(self.selections) <= MOST_PROBES:
            raise InvalidDefinition("selections", f"{len(self.selections)} of them; 1 to {MOST_PROBES}")
        n_probes = sum(selection.requested for selection in self.selections if selection.requested > 0)
        if n_probes > MOST_PROBES:
            raise InvalidDefinition("selections", f"{n_probes} probes; a measurement has at most {MOST_PROBES}")
        check_slug("tag", self.tag)
        for field, at in (("start_at", self.start_at), ("stop_at", self.stop_at)):
            if at is not None and not 0 <= at <= LATEST_AT:
                raise InvalidDefinition(field, "is no instant of these centuries")
        if self.is_oneoff and self.stop_at is not None:
            raise InvalidDefinition("stop_at", "a one-off ends by itself")
        if self.stop_at is not None and self.stop_at <= (self.start_at or 0):
            raise InvalidDefinition("stop_at", "is not after the start")


class Status(IntEnum):
    """How a measurement stands, by the platform's number; `UNKNOWN` is every number that it may add."""

    UNKNOWN = -1
    SPECIFIED = 0
    SCHEDULED = 1
    ONGOING = 2
    STOPPED = 4
    FORCED_TO_STOP = 5
    """By the platform: no credits, or a quota."""
    NO_SUITABLE_PROBES = 6
    FAILED = 7
    """It never ran before its end."""
    ARCHIVED = 8

    @property
    def is_final(self) -> bool:
        """Whether nothing runs any more. Results may still arrive."""
        return self in (Status.STOPPED, Status.FORCED_TO_STOP, Status.FAILED, Status.ARCHIVED)


@dataclass(frozen=True, kw_only=True)
class AtlasMeasurement:
    """A measurement as the platform tells of it."""

    atlas_id: int
    status: Status
    status_id: int
    """As the platform numbers it, known to us or not."""
    status_name: str
    type: str
    target: str | None
    address_family: int | None
    description: str | None
    is_oneoff: bool
    start_at: int | None
    stop_at: int | None
    interval_s: int | None
    tags: tuple[str, ...]
    participant_count: int | None
    credits_per_result: int | None
    """Doubled already where it is a one-off."""
    record: Object
    """The platform's object, whole: what `campaigns.read_measurement` reads and the registry keeps."""


@dataclass(frozen=True, kw_only=True)
class Participants:
    """The probes that take part in a measurement; empty until the platform has chosen them."""

    probe_ids: frozenset[int]
    requested: int | None
    """How many were asked for; None where all, or where the platform does not say."""


@dataclass(frozen=True, kw_only=True)
class Credits:
    """An account's means."""

    balance: int
    estimated_daily_income: int | None
    estimated_daily_expenditure: int | None
    spent_past_day: int | None
    results_past_day: int | None
    most_per_day: int | None


class Charge(NamedTuple):
    """What an account was charged for some results of a measurement."""

    atlas_id: int
    n_results: int | None
    """None where the platform does not say."""
    credits: int


class Subscription(NamedTuple):
    """What a stream is asked for: the results of a measurement, of a probe, or of a probe in a measurement."""

    atlas_id: int | None = None
    probe_id: int | None = None
    has_backlog: bool = True
    """Whether the recent past is wanted first, and after every interruption."""


class StreamEvent(StrEnum):
    """What a stream tells of itself."""

    CONNECTED = "connected"
    LOST = "lost"
    """Summed up: once at first, then at most once a minute while it goes on."""
    DROPPED = "dropped"
    """The reader was slow and results were thrown away; the poll brings them."""
    REFUSED = "refused"
    """The platform does not accept a subscription."""
    UNREADABLE = "unreadable"
    """Something came that is no frame of the stream."""


OnEvent = Callable[[StreamEvent, Mapping[str, Any]], None]
"""Is told what happened and its figures; called from the stream's own thread."""


class ResultReader(Protocol):
    """The results of one question, read as they come. Iterate once, inside `with`.

    When what was asked for has ended before its end, iterating raises `CutOff` or `TimedOut` after the results
    that did come; only a reader that was iterated to its end without an error `is_complete`.
    """

    is_complete: bool
    n_lines: int

    def __iter__(self) -> Iterator[bytes]:
        """Each result, verbatim, without a line end. None at all is an answer too."""
        ...


class ResultStream(Protocol):
    """Results as the platform receives them: a hint of what the poll will find, never more."""

    n_dropped: int
    n_reconnects: int
    is_connected: bool
    """Whether it is open just now."""

    def take(self, wait_s: float) -> bytes | None:
        """The next result, verbatim; None when there was none in so many seconds of the clock, or it is closed."""
        ...

    def follow(self, subscriptions: Iterable[Subscription]) -> None:
        """Ask for these from now on, and for no others."""
        ...

    def close(self) -> None:
        """End it, promptly. May be called twice."""
        ...


class AtlasGateway(Protocol):
    """RIPE Atlas, or something that behaves like it."""

    def require_rehearsal(self) -> None:
        """Raise `NotAgreed` unless whoever answers here is known to be a rehearsal."""
        ...

    def dispatch(self, plan: Plan, decision: Decision | None = None) -> tuple[int, ...]:
        """Create what a plan says, by the gate's decision, and give the ids, in the order of its definitions.

        Never sent twice: raises `AnswerLost`, which names the tag, when it may have been created unheard. Raises
        `Refused`, `TooMany` or `NotAllowed` when nothing was created; `NotAgreed` without a decision that permits it
        and was just taken, except on a rehearsal, which needs none.
        """
        ...

    def find_by_tag(self, tag: str) -> tuple[AtlasMeasurement, ...]:
        """What the account of the reading key created with a tag, by id; never what others did.

        The platform may need some seconds before it finds a new one. Raises `NotAllowed` without that key.
        """
        ...

    def stop(self, atlas_id: int) -> None:
        """Stop a measurement, for good; one that has stopped already stays stopped."""
        ...

    def change_participants(
        self,
        atlas_id: int,
        *,
        add: Collection[ProbeSelection] = (),
        remove: Collection[int] = (),
        decision: Decision | None = None,
    ) -> tuple[int, ...]:
        """Ask for probes to join, and for others, by id, to leave; ids of the requests, one for each of them.

        Raises `NotAgreed` as `dispatch` does when some shall join.
        """
        ...

    def measurement(self, atlas_id: int) -> AtlasMeasurement:
        """How a measurement stands."""
        ...

    def measurements(self, filters: Filters) -> Iterator[AtlasMeasurement]:
        """Measurements that pass every filter, page by page."""
        ...

    def participants(self, atlas_id: int) -> Participants:
        """Which probes take part in a measurement."""
        ...

    def results(
        self, atlas_id: int, *, start_at: int, stop_at: int | None = None, probe_ids: Collection[int] | None = None
    ) -> AbstractContextManager[ResultReader]:
        """Results measured in [start_at, stop_at]; of these probes where some are named. In no order."""
        ...

    def latest(
        self, atlas_id: int, *, probe_ids: Collection[int] | None = None
    ) -> AbstractContextManager[ResultReader]:
        """The latest result of each probe."""
        ...

    def probes(self, filters: Filters, *, fields: Collection[str] = ()) -> Iterator[Object]:
        """Probe objects that pass every filter, in bulk; `id__in` may be of any length. Only these fields, if named."""
        ...

    def anchors(self, filters: Filters) -> Iterator[Object]:
        """Anchor objects that pass every filter."""
        ...

    def credits(self) -> Credits:
        """What the account of the reading key has."""
        ...

    def charges(self) -> Iterator[Charge]:
        """What that account was charged for measurements, in batches; the latest results may not be among them yet."""
        ...

    def stream(self, subscriptions: Iterable[Subscription], on_event: OnEvent) -> AbstractContextManager[ResultStream]:
        """Results as they arrive, until the context ends."""
        ...
