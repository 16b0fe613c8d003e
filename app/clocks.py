"""The two clocks: this computer's, and the one that a rehearsal Atlas keeps for all who practise on it."""

import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Lock
from typing import Any

import httpx

from measurements.atlas.transport import trusted_by
from measurements.clock import Clock, Deadline
from measurements.errors import RasadError, Stopped

WHY_STOPPED = "the process was asked to end"
NAP_S = 0.5
"""Real seconds after which a wait for the rehearsal's clock looks whether the process is asked to stop."""
ANSWER_S = 10.0
"""Real seconds in which a rehearsal's clock must answer."""
FRESH_S = 0.2
"""Real seconds for which the rehearsal's answer is worked on with; it must hear of a process far more often than it
takes to be held for dead."""
SHORTEST_S = 0.25
"""No time-out on a socket is scaled below this many real seconds: a busy machine needs them."""


class NoClock(RasadError):
    """The rehearsal's clock does not answer."""


class SystemClock:
    """The clock of this computer."""

    def __init__(self, stop: Event | None = None) -> None:
        self._stop = stop or Event()

    def now(self) -> datetime:
        """The current instant, aware, UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds since some fixed instant; never goes back."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Let that much time pass. Raises `Stopped` when the process is asked to end meanwhile."""
        self._stop.wait(seconds)
        self.go_on()

    def go_on(self) -> None:
        """Raise `Stopped` when the process is asked to end."""
        if self._stop.is_set():
            raise Stopped(WHY_STOPPED)

    def deadline(self, seconds: float) -> Deadline:
        """The instant that many seconds from now."""
        return _Deadline(self, seconds)

    def real_seconds(self, seconds: float) -> float:
        """The same."""
        return seconds


class RehearsalClock:
    """The virtual clock of a rehearsal server, shared by every process that practises on it.

    It runs `speed` times as fast as a real one, and jumps to the earliest instant anybody waits for once everybody
    does. While a process lives it says so, so that time does not jump over its work.
    """

    def __init__(self, address: str, participant: str, stop: Event | None = None, ca_file: Path | None = None) -> None:
        self._client = httpx.Client(base_url=address, trust_env=False, verify=trusted_by(ca_file))
        self._participant = participant
        self._stop = stop or Event()
        self._lock = Lock()
        self._speed = 0.0
        self._virtual = 0.0
        self._asked_at = time.monotonic() - FRESH_S
        try:
            self.monotonic()
        except NoClock:
            self._client.close()
            raise

    def now(self) -> datetime:
        """The current virtual instant, aware, UTC."""
        return datetime.fromtimestamp(self.monotonic(), UTC)

    def monotonic(self) -> float:
        """Virtual seconds; never goes back.

        Time does not jump over a busy process, so between two questions to the rehearsal it is worked out.
        """
        with self._lock:
            real = time.monotonic()
            if real - self._asked_at < FRESH_S:
                return self._worked_out(real)
            answer = self._ask("GET", "", params={"participant": self._participant})
            self._set(answer["now"], real)
            self._speed = answer["speed"]
            return self._virtual

    def sleep(self, seconds: float) -> None:
        """Wait until that much virtual time has passed; it may jump there at once. Raises `Stopped`."""
        until = self.monotonic() + seconds
        while not self._stop.is_set():
            try:
                answer = self._ask(
                    "POST", "/wait", read_s=NAP_S, json={"participant": self._participant, "until": until}
                )
            except httpx.ReadTimeout:
                continue
            with self._lock:
                self._set(answer["now"], time.monotonic())
            return
        raise Stopped(WHY_STOPPED)

    def go_on(self) -> None:
        """Raise `Stopped` when the process is asked to end."""
        if self._stop.is_set():
            raise Stopped(WHY_STOPPED)

    def deadline(self, seconds: float) -> Deadline:
        """The virtual instant that many virtual seconds from now."""
        return _Deadline(self, seconds)

    def real_seconds(self, seconds: float) -> float:
        """Virtual seconds as real ones, but never so few that a busy machine fails."""
        return max(min(SHORTEST_S, seconds), seconds / max(1.0, self._speed))

    def leave(self) -> None:
        """Take part no longer: time need not wait for this process."""
        with suppress(NoClock):  # the rehearsal may have ended first
            self._ask("POST", "/leave", json={"participant": self._participant})
        self._client.close()

    def _worked_out(self, real: float) -> float:
        return self._virtual + self._speed * (real - self._asked_at)

    def _set(self, virtual: float, real: float) -> None:
        self._virtual = max(virtual, self._worked_out(real))
        self._asked_at = real

    def _ask(self, method: str, path: str, read_s: float = ANSWER_S, **content: Any) -> dict[str, float]:
        timeout = httpx.Timeout(ANSWER_S, read=read_s)
        clock = f"the clock of the rehearsal at {self._client.base_url}"
        try:
            answer = self._client.request(method, f"/rehearsal/clock{path}", timeout=timeout, **content)
            answer.raise_for_status()
            return {"now": float(answer.json()["now"]), "speed": float(answer.json().get("speed", self._speed))}
        except httpx.ReadTimeout:
            if read_s != ANSWER_S:
                raise
            raise NoClock(f"{clock} does not answer in time") from None
        except httpx.HTTPStatusError as error:
            raise NoClock(f"{clock} does not answer: {error.response.status_code}; is it a rehearsal?") from error
        except httpx.HTTPError as error:
            raise NoClock(f"{clock} does not answer: {error}; is `rasad rehearsal serve` running?") from error
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise NoClock(f"{clock} does not say what time it is; is it a rehearsal?") from error


class _Deadline:
    """An instant on one of the clocks."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        self._clock = clock
        self._ends = clock.monotonic() + seconds

    def left(self) -> float:
        """Seconds that are left; 0 when it is over."""
        return max(0.0, self._ends - self._clock.monotonic())

    def is_over(self) -> bool:
        """Whether no time is left."""
        return self.left() <= 0
