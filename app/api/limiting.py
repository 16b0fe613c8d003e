"""How often one key may ask: so many requests at once, and so many per second after that.

Counted in this process alone: it keeps one client from starving the others. Guessing is counted in the database.
"""

from threading import Lock

from measurements.clock import Clock

AT_ONCE = 200
PER_SECOND = 20.0


class Allowance:
    """What each key has left."""

    def __init__(self, clock: Clock, at_once: int = AT_ONCE, per_second: float = PER_SECOND) -> None:
        self._clock = clock
        self._at_once = at_once
        self._per_second = per_second
        self._lock = Lock()
        self._left: dict[int, tuple[float, float]] = {}

    def wait_s(self, key_id: int) -> float:
        """Take one request of a key's allowance: 0 where there was one, else the seconds until there is."""
        with self._lock:
            now = self._clock.monotonic()
            left, since = self._left.get(key_id, (float(self._at_once), now))
            left = min(float(self._at_once), left + (now - since) * self._per_second)
            is_allowed = left >= 1
            self._left[key_id] = (left - 1 if is_allowed else left, now)
            return 0.0 if is_allowed else (1 - left) / self._per_second
