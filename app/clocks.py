"""The two clocks: this computer's, and the one that a rehearsal Atlas keeps for all who practise on it."""

import time
from datetime import UTC, datetime
from threading import Event
from types import TracebackType
from typing import Self

import httpx

from measurements.clock import Clock, Deadline
from measurements.errors import RasadError

NAP_S = 0.5
"""Real seconds after which a wait for the rehearsal's clock looks whether the process is asked to stop."""
ANSWER_S = 10.0
"""Real seconds in which a rehearsal's clock must answer."""
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
        """Let that much time pass, or less when the process is asked to stop."""
        self._stop.wait(seconds)

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

    def __init__(self, address: str, participant: str, stop: Event | None = None) -> None:
        self._client = httpx.Client(base_url=f"{address}/rehearsal/clock", timeout=ANSWER_S, trust_env=False)
        self._participant = participant
        self._stop = stop or Event()
        self._speed = max(1.0, float(self._ask("GET", "")["speed"]))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        self.leave()

    def now(self) -> datetime:
        """The current virtual instant, aware, UTC."""
        return datetime.fromtimestamp(self.monotonic(), UTC)

    def monotonic(self) -> float:
        """Virtual seconds; never goes back."""
        return float(self._ask("POST", "/wait", until=0)["now"])

    def sleep(self, seconds: float) -> None:
        """Wait until that much virtual time has passed; it may jump there at once."""
        until = self.monotonic() + seconds
        while not self._stop.is_set():
            answer = self._ask("POST", "/wait", until=until, patience_s=NAP_S)
            if answer["now"] >= until:
                return

    def deadline(self, seconds: float) -> Deadline:
        """The virtual instant that many virtual seconds from now."""
        return _Deadline(self, seconds)

    def real_seconds(self, seconds: float) -> float:
        """Virtual seconds as real ones, but never so few that a busy machine fails."""
        return max(SHORTEST_S, seconds / self._speed)

    def leave(self) -> None:
        """Take part no longer: time need not wait for this process."""
        self._ask("POST", "/leave")
        self._client.close()

    def _ask(self, method: str, path: str, **body: float) -> dict[str, float]:
        content = {"participant": self._participant, **body} if method == "POST" else None
        try:
            answer = self._client.request(method, path, json=content)
            answer.raise_for_status()
            return dict(answer.json())
        except (httpx.HTTPError, ValueError) as error:
            raise NoClock(f"the rehearsal's clock at {self._client.base_url} does not answer: {error}") from error


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
