"""The rehearsal's time: it runs as fast as it is told to, and jumps when everybody who takes part only waits."""

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

LEASE_S = 2.0
"""Real seconds for which a participant that is not waiting counts as busy after its last word."""


@dataclass(eq=False)
class Wait:
    """One participant waiting for an instant."""

    participant: str
    until: float


@dataclass
class _Participant:
    busy_until: float
    """Real time up to which it counts as busy when it does not wait."""
    lease_s: float
    wait: Wait | None = None


@dataclass
class VirtualClock:
    """Virtual now is a base plus `speed` times the real time that has passed; 0 lets it stand.

    A participant that waits and has nothing to do says until when. Once every living participant waits, time jumps to
    the first of these instants. `monotonic` gives real seconds. May be used from several threads.
    """

    monotonic: Callable[[], float]
    base: float
    speed: float = 1.0
    lease_s: float = LEASE_S
    jumps: bool = True
    """Whether it jumps at all; without, it only runs."""
    jumps_until: float = math.inf
    """Up to this instant; from then on it only runs."""
    _participants: dict[str, _Participant] = field(default_factory=dict)
    _listeners: list[Callable[[], None]] = field(default_factory=list)
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _since: float = 0.0

    def __post_init__(self) -> None:
        self._since = self.monotonic()

    def now(self) -> float:
        """The virtual instant, unix seconds."""
        with self._lock:
            return self.base + self.speed * (self.monotonic() - self._since)

    def set_speed(self, speed: float) -> None:
        """Run at another speed from now on."""
        with self._lock:
            self._rebase(self.now())
            self.speed = speed
        self._changed()

    def advance(self, to: float) -> float:
        """Jump to an instant, whoever waits; never back. Gives the instant it then is."""
        with self._lock:
            self._rebase(max(to, self.now()))
            now = self.now()
        self._changed()
        return now

    def touch(self, participant: str, lease_s: float | None = None) -> None:
        """A participant is alive and busy, for its lease from now."""
        with self._lock:
            known = self._participants.setdefault(participant, _Participant(0.0, self.lease_s))
            known.lease_s = lease_s or known.lease_s
            known.busy_until = self.monotonic() + known.lease_s

    def wait(self, participant: str, until: float, lease_s: float | None = None) -> Wait:
        """A participant begins to wait. Whoever called ends the wait with `finish` or `forget`."""
        with self._lock:
            self.touch(participant, lease_s)
            waiting = Wait(participant, until)
            self._participants[participant].wait = waiting
        self._changed()
        return waiting

    def finish(self, waiting: Wait) -> None:
        """A wait is over; its participant is busy again."""
        with self._lock:
            known = self._participants.get(waiting.participant)
            if known and known.wait is waiting:
                known.wait = None
                self.touch(waiting.participant)

    def forget(self, waiting: Wait) -> None:
        """The one who waited is gone: nobody waits for it any more."""
        with self._lock:
            known = self._participants.get(waiting.participant)
            if known and known.wait is waiting:
                del self._participants[waiting.participant]
        self._changed()

    def leave(self, participant: str) -> None:
        """A participant takes no further part."""
        with self._lock:
            self._participants.pop(participant, None)
        self._changed()

    def settle(self) -> float:
        """Jump if every living participant waits; the instant it then is."""
        with self._lock:
            self._bury()
            waits = [each.wait for each in self._participants.values() if each.wait]
            may_jump = self.jumps and waits and len(waits) == len(self._participants)
            first = min((self.jumps_until, *(wait.until for wait in waits)))
            if may_jump and first > self.now():
                self._rebase(first)
                is_new = True
            else:
                is_new = False
            now = self.now()
        if is_new:
            self._changed()
        return now

    def next_change_s(self) -> float | None:
        """Real seconds after which `settle` may find something new by itself; None when it never will."""
        with self._lock:
            real, now = self.monotonic(), self.now()
            lives = list(self._participants.values())
            leases = [each.busy_until - real for each in lives if not each.wait]
            runs = [(each.wait.until - now) / self.speed for each in lives if each.wait and self.speed > 0]
            return max(0.0, min([*leases, *runs])) if leases or runs else None

    def participants(self) -> dict[str, float | None]:
        """Who takes part, and until when it waits; None for one that is busy."""
        with self._lock:
            self._bury()
            return {name: each.wait.until if each.wait else None for name, each in self._participants.items()}

    def on_change(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call a listener, in any thread, whenever time jumped or a participant came or went; gives how to end that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def _bury(self) -> None:
        real = self.monotonic()
        dead = [name for name, each in self._participants.items() if not each.wait and each.busy_until <= real]
        for name in dead:
            del self._participants[name]

    def _rebase(self, now: float) -> None:
        self.base, self._since = now, self.monotonic()

    def _changed(self) -> None:
        for listener in list(self._listeners):
            listener()
