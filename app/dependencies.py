"""What the service is handed when it starts: the clock of the system. Nobody else makes one."""

import time
from datetime import UTC, datetime


class SystemClock:
    """The clock of this computer, as `measurements.clock.Clock` asks for one."""

    def now(self) -> datetime:
        """The current instant, aware, UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds since some fixed instant; never goes back."""
        return time.monotonic()
