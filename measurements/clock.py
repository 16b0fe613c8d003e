"""Time, handed in: whoever needs it takes a `Clock`; nobody below `app/dependencies` makes one."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """The system's clock, or the rehearsal's virtual one."""

    def now(self) -> datetime:
        """The current instant, aware, UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds since some fixed instant; never goes back."""
        ...
