"""The platform: the world, what goes wrong, time, and what was asked of it, as one thing that requests are put to."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from app.rehearsal.api.arrivals import Arrivals
from app.rehearsal.api.entries import Builtin, Entry, UserDefined
from app.rehearsal.api.keys import DEMONSTRATION_KEYS, KeyRing
from app.rehearsal.api.lifecycle import Habits, Member, members
from app.rehearsal.api.records import Created, Records
from app.rehearsal.contract import Body, Faults, World


@dataclass(frozen=True)
class Limits:
    """What one account may do, and all accounts to one target. Source: the manual, and refusals quoted by clients."""

    concurrent: int = 100
    concurrent_per_target: int = 25
    probes_per_measurement: int = 1000
    results_per_day: int = 100_000
    results_per_second: int = 50
    credits_per_day: int = 1_000_000
    opening_balance: int = 10_000_000
    hosted_probes: int = 3
    strangers: Mapping[str, int] = field(default_factory=lambda: {"193.0.14.129": 20, "2001:7fd::1": 9})
    """Measurements that others run to a target before anybody here asks for one."""


@dataclass
class Platform:
    """Everything a request may need. `clock` gives virtual unix seconds."""

    world: World
    faults: Faults
    clock: Callable[[], float]
    records: Records = field(default_factory=Records)
    keys: KeyRing = field(default_factory=lambda: DEMONSTRATION_KEYS)
    limits: Limits = field(default_factory=Limits)
    habits: Habits = field(default_factory=Habits)
    on_jump: Callable[[Callable[[], None]], Callable[[], None]] = lambda _listener: lambda: None
    """Calls a listener whenever time jumps; gives how to end that."""
    _members: dict[tuple[int, int, int], list[int]] = field(default_factory=dict)

    def now(self) -> int:
        """Virtual now, whole unix seconds."""
        return int(self.clock())

    @cached_property
    def builtins(self) -> dict[int, Builtin]:
        """The measurements that run everywhere, by id."""
        return {body["id"]: Builtin(self, body) for body in self.world.builtins()}

    @cached_property
    def arrivals(self) -> Arrivals:
        """What reached it, in order, for those who listen."""
        return Arrivals(self.faults)

    def find(self, measurement_id: int) -> Entry | None:
        """A measurement by its id."""
        builtin = self.builtins.get(measurement_id)
        created = self.records.find(measurement_id)
        return builtin or (UserDefined(self, created) if created else None)

    def entries(self) -> Iterator[Entry]:
        """Every measurement, by id."""
        yield from (self.builtins[number] for number in sorted(self.builtins))
        yield from (UserDefined(self, created) for created in self.records.all())

    def members(self, created: Created, now: int) -> list[Member]:
        """Every probe that took part in a measurement until an instant."""
        return members(created, lambda *asked: self._matching(created.id, *asked), self.habits, now)

    def _matching(self, measurement_id: int, source: Body, address_family: int, at: int) -> Sequence[int]:
        """The probes of a source; remembered, as a source's choice is asked for with every request."""
        key = (measurement_id, hash(repr(source)), at)
        if key not in self._members:
            self._members[key] = list(self._chosen(measurement_id, source, address_family, at))
        return self._members[key]

    def _chosen(self, measurement_id: int, source: Body, address_family: int, at: int) -> Sequence[int]:
        if source["type"] != "msm":
            return self.world.matching(source, address_family, at)
        other = self.find(int(source["value"]))
        if other is None or other.id == measurement_id or other.created_at > at:
            return []
        able = set(self.world.matching({**source, "type": "area", "value": "WW"}, address_family, at))
        before = other.members(at - 1)  # two that take each other's at one instant would ask each other for ever
        return [member.probe_id for member in before if member.left_at is None and member.probe_id in able]
