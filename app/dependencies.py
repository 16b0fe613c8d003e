"""What a process is handed when it starts: its clock, its name, and what the Atlas at hand is called."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from uuid import uuid4

from app.clocks import RehearsalClock, SystemClock
from app.settings import Settings, UnusableSettings
from measurements.atlas.endpoint import PLATFORM_STREAM_ADDRESS, Endpoint, EndpointKind
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
    endpoint = endpoint_of(settings)
    if not endpoint.is_loopback:
        raise UnusableSettings(
            f"RASAD_ATLAS_IS_REHEARSAL: {endpoint.host} is not on this machine, so it is no rehearsal; set "
            "RASAD_ATLAS_URL to the address that `rasad rehearsal serve` prints"
        )
    clock = RehearsalClock(endpoint.origin, process_name(), stop, endpoint.ca_file)
    try:
        yield clock
    finally:
        clock.leave()


def ripestat_origin(settings: Settings) -> str:
    """By what name a listing says where it came from."""
    return "rehearsal" if settings.atlas_is_rehearsal else settings.ripestat_url


def endpoint_of(settings: Settings) -> Endpoint:
    """The RIPE Atlas that the settings name."""
    return Endpoint(
        address=settings.atlas_url,
        stream_address=settings.atlas_stream_url or _stream_beside(settings),
        kind=EndpointKind.REHEARSAL if settings.atlas_is_rehearsal else EndpointKind.PLATFORM,
        ca_file=settings.atlas_ca_file,
    )


def _stream_beside(settings: Settings) -> str:
    return settings.atlas_url if settings.atlas_is_rehearsal else PLATFORM_STREAM_ADDRESS


def atlas_label(settings: Settings) -> Label:
    """What comes from there: measured, unless it is a rehearsal."""
    return Label.REHEARSED if settings.atlas_is_rehearsal else Label.MEASURED


def atlas_origin(settings: Settings) -> str:
    """By what name a delivery says where it came from: a rehearsal has another port at every start."""
    return "rehearsal" if settings.atlas_is_rehearsal else settings.atlas_url


def process_name() -> str:
    """A name that no other living process has, to claim work under."""
    return f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}"
