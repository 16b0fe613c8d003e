"""Logging is set up once in a process, and tests share one: each leaves it as it found it."""

import logging
from collections.abc import Iterator

import pytest
import structlog


@pytest.fixture(autouse=True)
def _logging_restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    levels = {logger: logger.level for logger in _loggers()}
    yield
    root.handlers = handlers
    root.setLevel(level)
    for logger in _loggers():
        logger.setLevel(levels.get(logger, logging.NOTSET))
    structlog.reset_defaults()


def _loggers() -> list[logging.Logger]:
    return [logger for logger in logging.Logger.manager.loggerDict.values() if isinstance(logger, logging.Logger)]
