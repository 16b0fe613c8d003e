"""Signals: what a scenario lets happen, to whom and when."""

from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from app.rehearsal.world.probes import Vantage


class Kind(StrEnum):
    """What happens."""

    LATENCY_SHIFT = "latency_shift"
    PATH_CHANGE = "path_change"
    CATCHMENT_CHANGE = "catchment_change"
    SITE_WITHDRAWAL = "site_withdrawal"
    LOSS = "loss"
    DISCONNECTION = "disconnection"
    INTERCEPTION = "interception"
    SERIAL_LAG = "serial_lag"


class Mode(StrEnum):
    """How a probe is disconnected."""

    OFF = "off"
    """It measures nothing."""
    LATE = "late"
    """It measures, and uploads when it is connected again."""
    CUT = "cut"
    """Its own access is down: it measures that nothing answers, and uploads that afterwards."""


class Answer(StrEnum):
    """What whoever intercepts DNS puts in the place of the answer."""

    FOREIGN = "foreign"
    """An answer in its own name."""
    EMPTY = "empty"
    """A header and nothing else."""
    REFUSED = "refused"


class Signal(NamedTuple):
    """One thing that happens. Instants are unix seconds; an empty selection means everybody or everything."""

    kind: Kind
    start: int
    stop: int
    """The first instant at which it is over."""
    every: int = 0
    """Seconds after which it comes again; 0 for once."""
    probes: frozenset[int] = frozenset()
    asns: frozenset[int] = frozenset()
    countries: frozenset[str] = frozenset()
    addresses: frozenset[str] = frozenset()
    """Addresses of targets."""
    family: int = 0
    """4, 6, or 0 for both."""
    milliseconds: float = 0
    transit: str = ""
    sites: frozenset[str] = frozenset()
    site: str = ""
    share: float = 0
    mode: Mode = Mode.OFF
    answer: Answer = Answer.FOREIGN
    seconds: int = 0

    def covers(self, at: int) -> bool:
        """Whether it is on at an instant."""
        if at < self.start:
            return False
        since = (at - self.start) % self.every if self.every else at - self.start
        return since < self.stop - self.start

    def occurrences(self, start: int, stop: int) -> Iterator[tuple[int, int]]:
        """When it is on between two instants: (from, to), clipped to them."""
        first, last = self.start, self.stop
        if self.every and start > last:
            ahead = -((last - start) // self.every)
            first, last = first + ahead * self.every, last + ahead * self.every
        while first < stop:
            if last > start:
                yield max(first, start), min(last, stop)
            if not self.every:
                return
            first, last = first + self.every, last + self.every

    def occurrence(self, at: int) -> tuple[int, int]:
        """From and to, of the time that it is on at an instant."""
        start = at - (at - self.start) % self.every if self.every else self.start
        return start, start + self.stop - self.start

    def concerns(self, vantage: Vantage) -> bool:
        """Whether it happens to a probe."""
        return not (self.probes or self.asns or self.countries) or (
            vantage.id in self.probes or vantage.operator.asn in self.asns or vantage.place.country in self.countries
        )

    def touches(self, address: str, address_family: int) -> bool:
        """Whether it happens on the way to an address."""
        return (not self.addresses or address in self.addresses) and self.family in (0, address_family)
