"""`rasad serve` and `rasad worker`: the two processes of the service."""

import signal
from collections.abc import Callable
from socket import socket
from types import FrameType

import uvicorn

from app.cli.context import database, errors, fails_clearly, prepared_settings
from app.main import create_app
from app.scheduler import worker_schedule
from app.settings import Settings


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
    """Run what is due in the background, until stopped: in this version, tending the database every hour.

    Example: rasad worker
    """
    settings = prepared_settings()
    with database(settings) as engine:
        schedule = worker_schedule(engine)

        def stop(_signal: int, _frame: FrameType | None) -> None:
            schedule.shutdown(wait=False)

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        errors.print("the worker is running")
        schedule.start()


class _Server(uvicorn.Server):
    """Says when it listens."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[], None]) -> None:
        super().__init__(config)
        self._announce = announce

    async def startup(self, sockets: list[socket] | None = None) -> None:
        """Listen, then say so."""
        await super().startup(sockets=sockets)
        if self.started:
            self._announce()


def serve_with(settings: Settings, announce: Callable[[], None]) -> None:
    """Serve until stopped; `announce` is called once connections are accepted. Exit code 1 if the port is taken."""
    config = uvicorn.Config(
        create_app(settings), host=settings.host, port=settings.port, log_config=None, proxy_headers=False
    )
    server = _Server(config, announce)
    server.run()
    if not server.started:
        raise SystemExit(1)
