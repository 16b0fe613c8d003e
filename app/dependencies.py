"""What a process is handed when it starts: its clock. Nobody else makes one."""

import time
from datetime import UTC, datetime

from measurements.clock import Clock


def make_clock() -> Clock:
    """The clock of this process."""
    return _SystemClock()


class _SystemClock:
    """The clock of this computer, as `measurements.clock.Clock` asks for one."""

    def now(self) -> datetime:
        """The current instant, aware, UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds since some fixed instant; never goes back."""
        return time.monotonic()
