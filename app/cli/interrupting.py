"""Ctrl-C: it ends long work wherever Python happens to be."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def interruptible() -> Iterator[Callable[[], None]]:
    """Give a check for the ends of batches: it raises `KeyboardInterrupt` where one was asked for and went unheard.

    Python swallows an exception that is raised while it tidies up an object, and Ctrl-C with it.
    """
    asked: list[int] = []

    def hear(number: int, frame: FrameType | None) -> None:
        asked.append(number)
        signal.default_int_handler(number, frame)

    def check() -> None:
        if asked:
            raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, hear)
    try:
        yield check
    finally:
        signal.signal(signal.SIGINT, before)
