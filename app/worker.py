"""The worker: wakes what is due, and listens to the stream, until told to stop."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from threading import Event
from typing import Any

import structlog
from sqlalchemy import Engine

from app.clocks import NoClock
from app.dependencies import atlas_clock, atlas_label, make_clock, process_name, ripestat_origin
from app.doors import (
    Notifiers,
    asks_credits,
    asks_names,
    asks_ripestat,
    backup_folder,
    make_atlas,
    make_fetcher,
    make_notifiers,
    make_resolver,
    make_ripestat,
)
from app.operations.alert import alert
from app.operations.back_up import back_up_nightly
from app.operations.due_tasks import Tasks
from app.operations.fetch_window import Fetched, Fetcher
from app.operations.gather_facts import Times, gather_facts
from app.operations.look_after_targets import look_after_targets
from app.operations.note_vital_signs import VitalSigns
from app.operations.refresh_registry import refresh_registry
from app.operations.remind import Telling
from app.operations.run_due import Lease, run_due
from app.operations.run_retention import run_retention
from app.operations.send_messages import send_messages
from app.operations.take_stream import Lately, take_stream, wanted_of_stream
from app.operations.tombstone_file import TombstoneFile
from app.operations.write_checkpoint import is_covered, write_checkpoint
from app.scheduler import worker_schedule
from app.settings import Settings
from app.store.engine import reading, transactions
from app.store.failures import StoreFailure
from app.store.tend import forget_erased, make_durable, refresh_statistics
from measurements.atlas.gateway import AtlasGateway, StreamEvent, Subscription
from measurements.clock import Clock
from measurements.errors import RasadError, Stopped
from measurements.ripestat.endpoint import Limits as RipestatLimits
from measurements.units import seconds

RETRY_S = 30.0
"""Real seconds to wait when the database or the rehearsal is away."""
FOLLOW_EVERY_S = 60.0
"""Real seconds after which the stream is asked for what was followed meanwhile."""

HURRIED = RipestatLimits(retry_s=15)
"""The worker has other things to do than wait for RIPEstat, and asks again within the hour."""

_log = structlog.get_logger("rasad.worker")


@contextmanager
def working(settings: Settings, engine: Engine, stop: Event) -> Iterator["Worker"]:
    """Work in the background while the block runs. Work in hand is finished first."""
    with atlas_clock(settings, stop) as clock, make_atlas(settings, clock) as atlas:
        worker = Worker(settings=settings, engine=engine, clock=clock, atlas=atlas, stop=stop)
        jobs = {"work": worker.wake}
        if settings.stream:
            jobs["listen"] = worker.listen
        schedule = worker_schedule(jobs, make_clock(), stop.is_set)
        schedule.start()
        try:
            yield worker
        finally:
            stop.set()
            schedule.shutdown(wait=True)
            worker.end()


@dataclass(frozen=True, kw_only=True, slots=True)
class Worker:
    """What the worker's two threads have in common."""

    settings: Settings
    engine: Engine
    clock: Clock
    atlas: AtlasGateway
    stop: Event
    name: str = field(default_factory=process_name)
    notifiers: Notifiers = field(init=False)
    vital: VitalSigns = field(init=False)

    def __post_init__(self) -> None:
        vital = VitalSigns(
            transaction=transactions(self.engine), clock=make_clock(), label=atlas_label(self.settings),
            worker=self.name,
        )  # fmt: skip
        object.__setattr__(self, "vital", vital)
        object.__setattr__(self, "notifiers", make_notifiers(self.settings))

    def wake(self) -> None:
        """Run what is due, and sleep until something may be due again."""
        try:
            self._run_due()
        except Stopped:
            return
        except (StoreFailure, NoClock) as error:
            self._complain("worker", error)

    def end(self) -> None:
        """Say that it has ended as it should; where the database is away nobody can be told."""
        with suppress(StoreFailure):
            self.vital.end()

    def _should_stop(self) -> bool:
        """Asked between any two steps of any work, and so a good place to say that it goes on."""
        if not self.stop.is_set():
            self.vital.beat()
        return self.stop.is_set()

    def _run_due(self) -> None:
        tasks = Tasks(
            snapshot=partial(reading, self.engine),
            fetcher_for=self._fetcher,
            tend=partial(refresh_statistics, self.engine),
            seal=self._seal,
            is_sealed=lambda number: is_covered(self.settings.checkpoints_file, number),
            erase=self._erase,
            refresh_registry=self._refresh_registry if asks_ripestat(self.settings) else None,
            look_after_targets=self._look_after_targets if asks_names(self.settings) else None,
            limits=self.settings.limits,
            alert=self._alert,
            read_credits=self._read_credits if asks_credits(self.settings) else None,
            back_up=self._back_up if backup_folder(self.settings) else None,
            telling=self._telling,
        )
        gap_s = run_due(transactions(self.engine), self.clock, tasks, worker=self.name, should_stop=self._should_stop)
        self.clock.sleep(gap_s)

    def _seal(self, now_at: int) -> None:
        with reading(self.engine) as connection:
            write_checkpoint(
                connection,
                self.settings.audit_key_file,
                self.settings.checkpoints_file,
                now_at,
                partial(make_durable, self.engine),
            )

    def _erase(self, lease: Lease) -> None:
        file = TombstoneFile(self.settings.tombstones_file, self.settings.audit_key_file)
        now_at = int(lease.clock.now().timestamp())
        report = run_retention(lease.transaction, file, now_at, label=atlas_label(self.settings), on_erased=lease.renew)
        if report.tombstones or report.n_refused:
            _log.info("erased as agreed", **report.n_by_level, n_figures=report.n_figures, n_refused=report.n_refused)
        if not forget_erased(self.engine):
            _log.warning("the log of the database is being read and still has what was erased")

    def _refresh_registry(self, lease: Lease) -> None:
        with make_ripestat(self.settings, self.clock, HURRIED) as ripestat:
            refreshed = refresh_registry(
                transactions(self.engine),
                ripestat,
                self.clock,
                label=atlas_label(self.settings),
                origin=ripestat_origin(self.settings),
                on_answer=lease.renew,
            )
        _log.info("registry refreshed", **refreshed.figures())

    def _look_after_targets(self, lease: Lease) -> None:
        work = transactions(self.engine), make_resolver(self.settings), self.clock
        _log.info("names of targets looked up", **look_after_targets(*work, lease.renew)._asdict())

    def _times(self) -> Times:
        return Times(seconds(self.clock.now()), seconds(make_clock().now()))

    def _alert(self, lease: Lease) -> None:
        label, times = atlas_label(self.settings), self._times()
        with reading(self.engine) as connection:
            facts = gather_facts(connection, self.settings, label, times)
        alert(lease.transaction, facts, label, times, self.notifiers.alerts.receivers)
        send_messages(lease.transaction, self.notifiers, label, make_clock())

    def _telling(self) -> Telling:
        return Telling(atlas_label(self.settings), self.notifiers.reminders.receivers, self._times().here_at)

    def _read_credits(self, _: Lease) -> None:
        self.vital.credits(self.atlas)

    def _back_up(self, lease: Lease) -> None:
        folder = backup_folder(self.settings)
        if folder is not None:
            made = back_up_nightly(self.settings, folder, make_clock().now(), lease.renew)
            _log.info("backup made", file=made.name)

    def _complain(self, who: str, error: Exception) -> None:
        """Say in one line what is away, and give it some time."""
        _log.error("cannot go on for now", who=who, why=str(getattr(error, "orig", error)).strip())
        self.stop.wait(RETRY_S)

    def listen(self) -> None:
        """Take what the stream brings of everything followed, until it ends: then it is opened again."""
        try:
            self._listen()
        except Stopped:
            return
        except (RasadError, StoreFailure) as error:
            self._complain("stream", error)

    def _listen(self) -> None:
        lately = Lately()
        self.vital.stream_begins()
        with self.atlas.stream(self._subscriptions(), _tell) as stream:
            while not self.stop.is_set():
                stream.follow(self._subscriptions())
                take_stream(self._fetcher(_go_on), stream, self._patience(), lately)
                self.vital.stream(stream)

    def _patience(self) -> Callable[[], bool]:
        until = make_clock().deadline(FOLLOW_EVERY_S)
        return lambda: self.stop.is_set() or until.is_over()

    def _subscriptions(self) -> list[Subscription]:
        with reading(self.engine) as connection:
            return wanted_of_stream(
                connection, self.atlas, atlas_label(self.settings), int(self.clock.now().timestamp())
            )

    def _fetcher(self, on_batch: Callable[[Fetched], None]) -> Fetcher:
        return make_fetcher(self.settings, transactions(self.engine), self.clock, self.atlas, on_batch=on_batch)


def _go_on(_: Fetched) -> None:
    """Nothing waits for a batch of the stream."""


def _tell(event: StreamEvent, figures: Mapping[str, Any]) -> None:
    say = _log.info if event is StreamEvent.CONNECTED else _log.warning
    say(f"stream {event}", **figures)
