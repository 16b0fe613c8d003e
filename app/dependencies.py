"""What a process is handed when it starts: its clock. Nobody else makes one."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime

from measurements.clock import Clock, Deadline


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

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(max(0.0, seconds))

    def deadline(self, seconds: float) -> Deadline:
        """The instant so many seconds from now."""
        return _Deadline(time.monotonic() + seconds)

    def real_seconds(self, seconds: float) -> float:
        """The same number: this clock is no virtual one."""
        return seconds


@dataclass(frozen=True, slots=True)
class _Deadline:
    """A reading of this computer's monotonic clock."""

    ends_at: float

    def left(self) -> float:
        """Seconds until then."""
        return self.ends_at - time.monotonic()

    def is_over(self) -> bool:
        """Whether that instant has passed."""
        return self.left() <= 0
