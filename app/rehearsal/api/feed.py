"""Results of one measurement in order of arrival, each handed out once: for one reader that begins with the first."""

from collections.abc import Iterator
from heapq import heappop, heappush
from itertools import count

from app.rehearsal.api.entries import Entry, Span
from app.rehearsal.contract import Faults, Produced


class Feed:
    """What arrives of one measurement after an instant, of what was measured from another one on."""

    def __init__(self, faults: Faults, entry: Entry, after: int, measured_from: int) -> None:
        self._faults = faults
        self._entry = entry
        self._after = after
        self._measured_until = measured_from - 1
        self._underway: list[tuple[int, int, Produced]] = []
        self._number = count()

    def until(self, now: int) -> Iterator[Produced]:
        """What arrived since the last look and up to an instant, in order of arrival."""
        if now > self._measured_until:
            span = Span(self._measured_until + 1, now, now)
            self._measured_until = now
            for produced in self._faults.on_results(self._entry.measured(span)):
                if produced.stored_at > self._after:
                    heappush(self._underway, (produced.stored_at, next(self._number), produced))
        while self._underway and self._underway[0][0] <= now:
            yield heappop(self._underway)[2]
