"""What a process is handed when it starts: its clock, and its door to RIPE Atlas. Nobody else makes them."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event

from app.clocks import RehearsalClock, SystemClock
from app.settings import Settings
from measurements.clock import Clock
from measurements.results.outcome import Label


def make_clock() -> Clock:
    """The clock of this computer."""
    return SystemClock()


@contextmanager
def atlas_clock(settings: Settings, stop: Event | None = None) -> Iterator[Clock]:
    """The clock by which RIPE Atlas is asked: this computer's, or a rehearsal's own. `stop` ends every sleep."""
    if not settings.atlas_is_rehearsal:
        yield SystemClock(stop)
        return
    clock = RehearsalClock(settings.atlas_url, process_name(), stop)
    try:
        yield clock
    finally:
        clock.leave()


def atlas_label(settings: Settings) -> Label:
    """What comes from there: measured, unless it is a rehearsal."""
    return Label.REHEARSED if settings.atlas_is_rehearsal else Label.MEASURED


def process_name() -> str:
    """A name that no other living process has, to claim work under."""
    return f"{socket.gethostname()}:{os.getpid()}"
