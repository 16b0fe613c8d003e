"""What the rehearsal's world, its API and its faults are to each other. Instants are unix seconds of virtual time."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple, Protocol

Body = dict[str, Any]
"""A JSON object as RIPE Atlas writes it."""

FIRST_PROBE_ID = 9_100_000
"""Probe ids from here on are the rehearsal's: whatever they report is rehearsed, never measured."""


class Network(NamedTuple):
    """Whose address it is: origin AS and announced prefix."""

    asn: int
    prefix: str


class Produced(NamedTuple):
    """One result, as the platform has it from an instant on."""

    measured_at: int
    """The probe's clock: `timestamp` in the body."""
    stored_at: int
    """When the platform has it: `stored_timestamp` in the body. Before it, nobody can read the result."""
    body: Body


class World(Protocol):
    """What is out there. The same seed and scenario give the same world and results, in any order of asking."""

    def probes(self, at: int) -> Sequence[Body]:
        """Every probe as `GET /probes/` shows it at an instant (status, since when), by id."""
        ...

    def anchors(self, at: int) -> Sequence[Body]:
        """Every anchor as `GET /anchors/` shows it, by id."""
        ...

    def builtins(self) -> Sequence[Body]:
        """The built-in measurements (K-root's), as `GET /measurements/{id}/` shows them, by id."""
        ...

    def resolve(self, name: str, address_family: int) -> str | None:
        """The address a target's name has, or the address itself; None when there is none in that family."""
        ...

    def network_of(self, address: str) -> Network | None:
        """The network of an address; None for one that nobody announces."""
        ...

    def matching(self, source: Body, address_family: int, at: int) -> Sequence[int]:
        """Ids of the connected probes that a source (type, value, tags; not `msm`) matches, in the order of choice."""
        ...

    def results(self, measurement: Body, probe_ids: Sequence[int], start: int, stop: int) -> Iterator[Produced]:
        """What those probes report for a measurement object, measured in [start, stop], in order of measuring.

        Rounds follow the object's `start_time`, `stop_time`, `interval`, `spread`, `is_oneoff`. A probe that is not
        connected reports nothing, or later; `stored_at` may lie beyond `stop`.
        """
        ...


class Faults(Protocol):
    """What goes wrong between the world and whoever asks."""

    @property
    def clock_margin_s(self) -> int:
        """By how much it may set a probe's clock wrong at most, seconds: so near was a result really measured."""
        ...

    def on_results(self, produced: Iterable[Produced]) -> Iterator[Produced]:
        """What reaches the platform of what was produced: late, twice, with a wrong clock, or never. Deterministic."""
        ...
