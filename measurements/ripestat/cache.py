"""Answers of RIPEstat that still hold, so that it is not asked twice for what has not changed.

No library: those that cache for httpx (hishel and its like) go by headers that RIPEstat does not send and by whole
addresses, in which who asks would be a part, and read this computer's clock, which would mix with a rehearsal's. What
is left is a dictionary with a bound.
"""

from threading import Lock

from measurements.clock import Clock
from measurements.ripestat.envelope import Envelope
from measurements.ripestat.questions import Question

MOST_BYTES = 8_000_000
"""Of all answers together; a country's list has up to some hundred thousand."""


class Cache:
    """Question -> answer, for as long as its kind holds. Threads may share it."""

    def __init__(self, clock: Clock, most_bytes: int = MOST_BYTES) -> None:
        self._clock = clock
        self._most_bytes = most_bytes
        self._held: dict[Question, tuple[float, Envelope]] = {}
        self._lock = Lock()

    def find(self, question: Question) -> Envelope | None:
        """The answer, if it is held and still holds."""
        with self._lock:
            until, envelope = self._held.get(question, (0.0, None))
            return envelope if self._clock.monotonic() < until else None

    def keep(self, question: Question, envelope: Envelope) -> None:
        """Hold an answer from now on; the oldest make room for it."""
        with self._lock:
            self._held.pop(question, None)
            self._held[question] = self._clock.monotonic() + question.kind.holds_s, envelope
            while sum(len(one.body) for _, one in self._held.values()) > self._most_bytes:
                del self._held[next(iter(self._held))]
