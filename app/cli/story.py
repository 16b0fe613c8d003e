"""The story of a rehearsed night, told while it runs in fast motion beside the service."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

from sqlalchemy import Engine

from app.cli.context import errors
from app.cli.practice import Practice
from app.operations.demonstrate import CAMPAIGN
from app.operations.tell_night import RoundSoFar, Told, tell_night
from app.store.engine import reading
from app.store.failures import StoreFailure
from measurements.campaigns.schedule import ZONE
from measurements.campaigns.standing import RoundState
from measurements.clock import Clock
from measurements.results.outcome import Label
from measurements.units import HOUR_S, instant

LOOK_EVERY_S = 0.5
"""Real seconds between two looks at how it goes."""


@contextmanager
def telling(engine: Engine, practice: Practice, clock: Clock, address: str) -> Iterator["Story"]:
    """A story that is told from when it is begun until the block ends, or the night is over.

    Then the rehearsal's time becomes this computer's.
    """
    story = Story(engine, practice, clock, address)
    try:
        yield story
    finally:
        story.end()


class Story:
    """What was told already, and what there is to tell. `clock` is this computer's."""

    def __init__(self, engine: Engine, practice: Practice, clock: Clock, address: str) -> None:
        self._engine, self._practice, self._clock, self._address = engine, practice, clock, address
        self._stop = Event()
        self._thread = Thread(target=self._tell, name="story", daemon=True)
        self._sent: set[int] = set()
        self._hour = 0
        self._is_told = False

    def begin(self) -> None:
        """Tell from now on, beside whatever else goes on."""
        if self._practice.is_night():
            self._thread.start()

    def end(self) -> None:
        """Tell no more."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _tell(self) -> None:
        _say(self._at(), "[bold]A night is rehearsed in fast motion:[/] one to five in the morning, in Dushanbe")
        while self._practice.is_night():
            if self._stop.wait(LOOK_EVERY_S):
                return
            self._look()
        self._look()
        self._practice.catch_up(self._clock.now().timestamp())
        _say(self._at(), "the clock is this computer's again; the next night begins at 01:00 in Dushanbe")

    def _look(self) -> None:
        try:
            with reading(self._engine) as connection:
                round_ = tell_night(connection, Label.REHEARSED, CAMPAIGN)
        except StoreFailure:  # it is told another time
            return
        if round_ is None or round_.round_at < self._practice.night.evening_at:
            return
        self._tell_sent(round_)
        self._tell_results(round_)

    def _tell_sent(self, round_: RoundSoFar) -> None:
        for one in round_.measurements:
            if one.atlas_id is not None and one.sent_at is not None and one.atlas_id not in self._sent:
                self._sent.add(one.atlas_id)
                _say(one.sent_at, f"{one.what}: the gate permits it, RIPE Atlas's rehearsal calls it {one.atlas_id}")

    def _tell_results(self, round_: RoundSoFar) -> None:
        now = int(self._practice.clock.now())
        hour = now // HOUR_S
        n_received = sum(one.n_received for one in round_.measurements)
        if round_.state is RoundState.OPEN and hour != self._hour and n_received:
            self._hour = hour
            _say(now, f"{n_received:,} results so far")
        if round_.closed_at is not None and not self._is_told:
            self._is_told = True
            _say(round_.closed_at, "the round is closed")
            for line in map(_closing, round_.measurements):
                _say(None, line)
            _say(None, f"{self._address}/api/v1/series?metric=rtt_median_ms&target=k-root&label=rehearsed")
            _say(None, f"{self._address}/measured   says under which agreement")

    def _at(self) -> float:
        return self._practice.clock.now()


def _closing(one: Told) -> str:
    expected = "?" if one.n_expected is None else f"{one.n_expected:,}"
    why = f"; {one.explanation}" if one.explanation else ""
    return f"{one.what}: {one.n_received:,} of {expected} results{why}"


def _say(at: float | None, text: str) -> None:
    """A line with the time in Dushanbe, marked as what it is."""
    when = "     " if at is None else instant(int(at)).astimezone(ZONE).strftime("%H:%M")
    errors.print(f"[yellow]rehearsed[/] {when}  {text}")
