"""`rasad serve`, `rasad worker`, and `rasad run` for both in one process."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from socket import AF_INET, AF_INET6, create_server, socket
from threading import Event
from types import FrameType

import uvicorn

from app.cli.context import database, errors, fails_clearly, prepared_settings
from app.garbage import collect_seldom
from app.main import create_app
from app.settings import Settings, UnusableSettings
from app.worker import working
from measurements.clock import Clock

ENDING = (signal.SIGTERM, signal.SIGINT)


@fails_clearly
def serve() -> None:
    """Serve the API and its documentation on RASAD_HOST and RASAD_PORT (127.0.0.1:8000).

    Example: RASAD_PORT=8080 rasad serve
    """
    settings = prepared_settings()
    with database(settings):
        serve_with(settings, lambda: None)


@fails_clearly
def worker() -> None:
    """Run what is due in the background, until stopped: collect, refresh probes and registry, tend the database.

    Several workers on one database share the work. With RASAD_ATLAS_IS_REHEARSAL=1 it goes by the rehearsal's clock.
    On Ctrl-C or SIGTERM it ends within moments: what was written stays, what was not is asked for again.

    Example: rasad worker
    """
    settings = prepared_settings()
    stop = Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in ENDING:
        signal.signal(number, end)
    with database(settings) as engine, working(settings, engine, stop):
        errors.print(f"the worker is running, and asks {settings.atlas_url}")
        stop.wait()
        for number in ENDING:
            signal.signal(number, signal.SIG_DFL)  # whoever says it twice does not want to wait
        errors.print("the worker ends what is in hand")


@fails_clearly
def run() -> None:
    """Serve, and run the worker, in one process: enough for one machine.

    Example: rasad run
    """
    settings = prepared_settings()
    with database(settings) as engine, working(settings, engine, Event()) as worker:
        serve_with(settings, lambda: errors.print("Rasad is up, and the worker is running"), worker.clock)


class _Server(uvicorn.Server):
    """Says when it listens."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[], None]) -> None:
        super().__init__(config)
        self._announce = announce

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """End the service on a signal, and only the service: what else runs in this process ends in good order too."""
        with super().capture_signals():
            yield
            self._captured_signals.clear()

    async def startup(self, sockets: list[socket] | None = None) -> None:
        """Listen, then say so."""
        await super().startup(sockets=sockets)
        if self.started:
            self._announce()


def serve_with(settings: Settings, announce: Callable[[], None], clock: Clock | None = None) -> None:
    """Serve until stopped; `announce` is called once connections are accepted. Raises `UnusableSettings`."""
    collect_seldom()
    config = uvicorn.Config(create_app(settings, clock), log_config=None, proxy_headers=False)
    with _listening(settings) as listener:
        _Server(config, announce).run(sockets=[listener])


def require_free_port(settings: Settings) -> None:
    """Say now what would be said later, when much has been begun. Raises `UnusableSettings`."""
    _listening(settings).close()


def _listening(settings: Settings) -> socket:
    family = AF_INET6 if ":" in settings.host else AF_INET
    try:
        return create_server((settings.host, settings.port), family=family)
    except OSError as error:
        where = f"port {settings.port} of {settings.host}"
        raise UnusableSettings(f"RASAD_PORT: {where} cannot be had ({error.strerror}); set another one") from error
