"""Results in the order in which they arrive: each is made once, and handed to everybody who listens for it."""

import threading
from bisect import bisect_right, insort
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from operator import itemgetter

from app.rehearsal.api.entries import Entry, Span
from app.rehearsal.api.envelope import dumped
from app.rehearsal.contract import Faults

LATEST_S = 6 * 3600
"""How long before somebody begins to listen a result may have been measured that still comes then."""
KEPT_S = 3600
"""How long what arrived is kept beyond what was asked for: a slow listener comes for it later."""
_when = itemgetter(0)


@dataclass
class _Line:
    """What arrived in one measurement, of one probe or of all, in order of arrival; some of it is still under way."""

    measured_from: int
    next_at: int
    """Everything measured before it, and not before `measured_from`, was made."""
    whole_after: int
    """What arrived later than this is here."""
    kept_s: int
    is_wanted: bool = True
    arrived: list[tuple[int, int, str]] = field(default_factory=list)
    """When it arrives, a number, and the message that tells of it."""

    def shorten(self, told_until: int) -> None:
        """Let go of what nobody will come for, when somebody was told everything until an instant."""
        end = told_until - self.kept_s
        if end > self.whole_after:
            self.whole_after = end
            del self.arrived[: bisect_right(self.arrived, end, key=_when)]


class Arrivals:
    """What the platform got to hear, for all who listen; may be used from several threads.

    A result is made once the instant at which it was measured is over: neither a probe that leaves nor another plan of
    faults changes it then. Nothing is stored at the very instant at which it is measured, so nothing comes too late.
    """

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._lines: dict[int, dict[int | None, _Line]] = {}
        self._number = count()
        self._swept_at = 0
        self._lock = threading.Lock()

    def between(self, entry: Entry, probe_ids: frozenset[int] | None, after: int, until: int) -> list[str]:
        """Messages of the results of a measurement that arrived in (after, until], in order of arrival."""
        keys: Sequence[int | None] = (None,) if probe_ids is None else sorted(probe_ids)
        found: list[tuple[int, int, str]] = []
        with self._lock:
            self._sweep(until)
            lines = [self._line(entry, key, after, until) for key in keys]
            self._advance(entry, until)
            for line in lines:
                begin = bisect_right(line.arrived, after, key=_when)
                found += line.arrived[begin : bisect_right(line.arrived, until, lo=begin, key=_when)]
                line.shorten(after)
        if len(lines) > 1:
            found.sort()
        return [message for _, _, message in found]

    def n_kept(self) -> int:
        """How many messages are held."""
        with self._lock:
            return sum(len(line.arrived) for lines in self._lines.values() for line in lines.values())

    def _line(self, entry: Entry, key: int | None, after: int, until: int) -> _Line:
        """The line, begun anew when it does not reach back so far."""
        lines = self._lines.setdefault(entry.id, {})
        line = lines.get(key)
        if line is None or after < line.whole_after:
            begin = max(after - LATEST_S, entry.created_at)
            begin = begin if line is None else min(begin, line.measured_from)
            line = lines[key] = _Line(begin, begin, after, max(until - after, 0) + KEPT_S)
        line.is_wanted = True
        return line

    def _advance(self, entry: Entry, until: int) -> None:
        """Make what was measured before an instant, once for all lines that have come equally far."""
        lines = self._lines[entry.id]
        for start in {line.next_at for line in lines.values() if line.next_at < until}:
            behind = {key: line for key, line in lines.items() if line.next_at == start}
            ids = None if None in behind else frozenset(key for key in behind if key is not None)
            for produced in self._faults.on_results(entry.measured(Span(start, until - 1, until, ids))):
                takers = [behind[key] for key in (produced.body["prb_id"], None) if key in behind]
                message = dumped(["atlas_result", produced.body]).decode() if takers else ""
                for line in takers:
                    insort(line.arrived, (produced.stored_at, next(self._number), message))
            for line in behind.values():
                line.next_at = until

    def _sweep(self, now: int) -> None:
        """Forget the lines that nobody asked for since the last time."""
        if now < self._swept_at + KEPT_S:
            return
        self._swept_at = now
        for number, lines in list(self._lines.items()):
            wanted = {key: line for key, line in lines.items() if line.is_wanted}
            for line in wanted.values():
                line.is_wanted = False
            if wanted:
                self._lines[number] = wanted
            else:
                del self._lines[number]
