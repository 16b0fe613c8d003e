"""The worker: what is away is said and waited for, what fails is begun again, and it ends when it is told to."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import pytest
from sqlalchemy import Engine
from structlog.testing import capture_logs

from app import worker as module
from app.clocks import RehearsalClock, SystemClock
from app.settings import Settings
from app.store import ticks
from app.store.engine import reading
from app.worker import Worker
from measurements.atlas.failures import Phase, Unreachable
from measurements.atlas.gateway import OnEvent, Subscription
from measurements.atlas.memory import MemoryAtlas
from measurements.atlas.remembered import MemoryStream
from measurements.clock import Clock
from tests.absence import connections_away, folder_away
from tests.clocks import ManualClock
from tests.rehearsing import rehearsing

PATIENCE_S = 30

TASKS = (
    "tend", "seal", "decide", "campaigns", "send", "hold to consent", "close rounds", "alert", "refresh probes",
    "remind", "settle", "erase",
)  # fmt: skip
"""What a worker does that follows nothing, and may ask nobody."""


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("RASAD_DATA_DIR", str(tmp_path))
    monkeypatch.setattr(module, "RETRY_S", 0.05)


def worker_of(
    url: str, engine: Engine, clock: Clock, atlas: MemoryAtlas | None = None, stop: Event | None = None
) -> Worker:
    """A worker that nothing has woken yet; on a rehearsal, so that nothing of it asks the Internet."""
    settings = Settings(database_url=url, atlas_is_rehearsal=True)
    return Worker(
        settings=settings, engine=engine, clock=clock, atlas=atlas or MemoryAtlas(ManualClock()),
        stop=stop or Event(),
    )  # fmt: skip


def test_a_database_that_is_away_is_said_to_be_and_waited_for(
    database_url: str, open_engine: Callable[[str], Engine]
) -> None:
    """In a line, without a trace of where it happened; and what was due meanwhile is done when it is back."""
    engine, clock = open_engine(database_url), ManualClock()
    worker = worker_of(database_url, engine, clock)
    away = folder_away if database_url.startswith("sqlite") else connections_away
    with capture_logs() as logs, away(database_url):
        worker.wake()
        worker.wake()

    assert [(log["event"], log["log_level"], log["who"]) for log in logs] == [
        ("cannot go on for now", "error", "worker")
    ] * 2
    assert all(log["why"] and "exc_info" not in log and "Traceback" not in log["why"] for log in logs)

    now_at = int(clock.now().timestamp())
    worker.wake()
    with reading(engine) as connection:
        assert set(ticks.last_finished(connection, now_at)) == {f"rehearsed {task}" for task in TASKS}


def test_a_rehearsals_clock_that_is_away_is_said_to_be_and_waited_for(
    database_url: str, open_engine: Callable[[str], Engine]
) -> None:
    with rehearsing() as atlas:
        worker = worker_of(database_url, open_engine(database_url), RehearsalClock(atlas.http, "worker"))
        with capture_logs() as logs:
            worker.wake()
        assert [log for log in logs if log["log_level"] == "error"] == []

    with capture_logs() as logs:
        worker.wake()

    (log,) = (log for log in logs if log["log_level"] == "error")
    assert (log["who"], "the clock of the rehearsal" in log["why"]) == ("worker", True)


def test_a_worker_that_is_told_to_stop_while_it_waits_ends_and_complains_of_nothing(
    database_url: str, open_engine: Callable[[str], Engine]
) -> None:
    stop = Event()
    worker = worker_of(database_url, open_engine(database_url), SystemClock(stop), stop=stop)
    with capture_logs() as logs:
        sleeper = Thread(target=worker.wake)
        sleeper.start()
        stop.set()
        sleeper.join(PATIENCE_S)
    assert not sleeper.is_alive()
    assert logs == []


class FailingStream(MemoryAtlas):
    """Its stream cannot be opened at first."""

    n_opened = 0

    @contextmanager
    def stream(self, subscriptions: Iterable[Subscription], on_event: OnEvent) -> Iterator[MemoryStream]:
        """The second time it can."""
        self.n_opened += 1
        if self.n_opened == 1:
            raise Unreachable("the stream has ended by itself", phase=Phase.READ)
        with super().stream(subscriptions, on_event) as stream:
            yield stream


def test_a_stream_that_fails_is_said_to_and_opened_again(
    database_url: str, open_engine: Callable[[str], Engine]
) -> None:
    stop = Event()
    clock = SystemClock(stop)
    atlas = FailingStream(clock)
    worker = worker_of(database_url, open_engine(database_url), clock, atlas, stop)
    with capture_logs() as logs:
        worker.listen()
        listener = Thread(target=worker.listen)
        listener.start()
        while atlas.n_opened < 2:
            assert listener.is_alive()
            stop.wait(0.01)
        stop.set()
        listener.join(PATIENCE_S)

    assert not listener.is_alive(), "it ends when it is told to"
    assert [(log["event"], log.get("who")) for log in logs] == [
        ("cannot go on for now", "stream"),
        ("stream connected", None),
    ]


def test_a_database_that_is_away_ends_no_listening_for_good(
    database_url: str, open_engine: Callable[[str], Engine]
) -> None:
    worker = worker_of(database_url, open_engine(database_url), ManualClock())
    away = folder_away if database_url.startswith("sqlite") else connections_away
    with capture_logs() as logs, away(database_url):
        worker.listen()
    assert [(log["event"], log["who"]) for log in logs] == [("cannot go on for now", "stream")]
