"""Time, handed in: whoever needs it takes a `Clock`; nobody below `app/dependencies` makes one."""

from datetime import datetime
from typing import Protocol


class Deadline(Protocol):
    """An instant by which something must be done."""

    def left(self) -> float:
        """Seconds that are left; 0 when it is over."""
        ...

    def is_over(self) -> bool:
        """Whether no time is left."""
        ...


class Clock(Protocol):
    """The system's clock, or the rehearsal's virtual one, on which weeks pass in minutes."""

    def now(self) -> datetime:
        """The current instant, aware, UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds since some fixed instant; never goes back."""
        ...

    def sleep(self, seconds: float) -> None:
        """Let that much time pass. Raises `Stopped` when the process is asked to end meanwhile."""
        ...

    def go_on(self) -> None:
        """Raise `Stopped` when the process is asked to end; for whoever waits for something else than time."""
        ...

    def deadline(self, seconds: float) -> Deadline:
        """The instant that many seconds from now."""
        ...

    def real_seconds(self, seconds: float) -> float:
        """How long that is on a socket, which knows real time only."""
        ...
