"""Clocks for tests: one that stands until it is told to go on, and one that runs."""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Event

from measurements.clock import Deadline
from measurements.errors import Stopped

START = datetime(2026, 11, 24, 8, tzinfo=UTC)


@dataclass
class ManualClock:
    """Moves when somebody sleeps or it is told to; a second on a socket is `socket_s` of its own."""

    at: datetime = START
    socket_s: float = 1.0
    slept: list[float] = field(default_factory=list)

    def now(self) -> datetime:
        """The instant it stands at."""
        return self.at

    def monotonic(self) -> float:
        """Seconds since it was started."""
        return (self.at - START).total_seconds()

    def advance(self, seconds: float) -> None:
        """Go on."""
        self.at += timedelta(seconds=seconds)

    def sleep(self, seconds: float) -> None:
        """Go on at once, and remember by how much."""
        self.slept.append(seconds)
        self.advance(seconds)

    def go_on(self) -> None:
        """Nobody asks it to end."""

    def deadline(self, seconds: float) -> Deadline:
        """An instant of this clock."""
        return _Deadline(self, self.monotonic() + seconds)

    def real_seconds(self, seconds: float) -> float:
        """What that is on a socket."""
        return seconds * self.socket_s


@dataclass(frozen=True)
class _Deadline:
    clock: "ManualClock | RunningClock"
    ends_at: float

    def left(self) -> float:
        """Seconds of its clock."""
        return self.ends_at - self.clock.monotonic()

    def is_over(self) -> bool:
        """Whether it has passed."""
        return self.left() <= 0


class RunningClock:
    """The clock of this computer."""

    def __init__(self, stop: Event | None = None) -> None:
        self._stop = stop or Event()

    def now(self) -> datetime:
        """The current instant."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(max(0.0, seconds))

    def go_on(self) -> None:
        """Until it is told to stop."""
        if self._stop.is_set():
            raise Stopped("told to stop")

    def deadline(self, seconds: float) -> Deadline:
        """An instant of this clock."""
        return _Deadline(self, time.monotonic() + seconds)

    def real_seconds(self, seconds: float) -> float:
        """The same."""
        return seconds
