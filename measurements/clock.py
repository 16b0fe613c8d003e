"""Time, handed in: whoever needs it takes a `Clock`; nobody below `app/dependencies` makes one."""

from datetime import datetime
from typing import Protocol


class Deadline(Protocol):
    """An instant by which something must be done."""

    def left(self) -> float:
        """Seconds until then; 0 or less when it is over."""
        ...

    def is_over(self) -> bool:
        """Whether that instant has passed."""
        ...


class Clock(Protocol):
    """The system's clock, or the rehearsal's virtual one."""

    def now(self) -> datetime:
        """The current instant, aware, UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds since some fixed instant; never goes back."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait so many seconds of this clock."""
        ...

    def deadline(self, seconds: float) -> Deadline:
        """The instant so many seconds of this clock from now."""
        ...

    def real_seconds(self, seconds: float) -> float:
        """What so many seconds of this clock are on a socket, which knows no other time than this computer's."""
        ...
