"""Log lines on stderr, ours and the libraries' alike: an event in plain words, and fields."""

import logging
import logging.config
import sys
from typing import TextIO

import structlog
from structlog.typing import Processor

from app.settings import LogFormat, LogLevel

QUIET = {
    "uvicorn.access": logging.WARNING,
    "alembic": logging.WARNING,
    "apscheduler": logging.ERROR,
    "asyncio": logging.ERROR,
    "httpx": logging.WARNING,
    "httpcore": logging.WARNING,
    "ripe.atlas": logging.ERROR,
}
"""Libraries that say more than an operator reads, and from which weight on they are heard."""


_TRACEBACKS = structlog.processors.ExceptionRenderer(
    structlog.tracebacks.ExceptionDictTransformer(show_locals=False)  # where keys may be at hand
)


def set_up_logs(
    level: LogLevel = LogLevel.INFO, log_format: LogFormat = LogFormat.CONSOLE, stream: TextIO | None = None
) -> None:
    """Send every log line of this process to `stream` (stderr), in one form. May be called again."""
    stream = stream or sys.stderr
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_shared(),
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_rendering(log_format, stream)],
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for name, weight in QUIET.items():
        logging.getLogger(name).setLevel(max(weight, root.level))
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_shared(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def _shared() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]


def _rendering(log_format: LogFormat, stream: TextIO) -> list[Processor]:
    if log_format is LogFormat.JSON:
        return [_TRACEBACKS, structlog.processors.JSONRenderer(ensure_ascii=False)]
    return [structlog.dev.ConsoleRenderer(colors=stream.isatty(), exception_formatter=structlog.dev.plain_traceback)]
