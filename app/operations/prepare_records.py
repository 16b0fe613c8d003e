"""Spreads the reading of records over processes, in order and with little in flight."""

import multiprocessing
import os
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from itertools import chain, islice
from multiprocessing.connection import wait
from threading import Thread
from types import ModuleType
from typing import TypeVar

from app.garbage import collect_seldom
from app.store.records import Record, Row, prepare, prepare_flat, unflatten
from measurements.results.outcome import Label

T = TypeVar("T")
Job = tuple[bytes, Label]
"""A record, and the label that its source gives it."""
IN_FLIGHT_PER_WORKER = 1
"""Beside the batch that is written: enough to keep workers busy, few enough to keep memory flat."""


class Preparer:
    """Prepares batches with `workers` processes; with one, or for a single batch, in this process."""

    def __init__(self, workers: int) -> None:
        self._workers = workers

    def prepare(self, batches: Iterable[T], jobs_of: Callable[[T], list[Job]]) -> Iterator[tuple[T, list[Record]]]:
        """Each batch with its records, in the order given."""
        stream = iter(batches)
        first = list(islice(stream, 2))
        whole = chain(first, stream)
        if self._workers > 1 and len(first) > 1:
            yield from self._spread(whole, jobs_of)
        else:
            for batch in whole:
                yield batch, [prepare(body, label) for body, label in jobs_of(batch)]

    def _spread(self, batches: Iterable[T], jobs_of: Callable[[T], list[Job]]) -> Iterator[tuple[T, list[Record]]]:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["app.store.records"])
        flying: deque[tuple[T, Future[list[Row]]]] = deque()
        with ProcessPoolExecutor(self._workers, mp_context=context, initializer=_begin_worker) as pool:
            for batch in batches:
                jobs = jobs_of(batch)
                with _without_main_module():  # it is here that the pool starts its processes
                    flying.append((batch, pool.submit(prepare_jobs, jobs)))
                if len(flying) > self._workers * IN_FLIGHT_PER_WORKER:
                    yield _landed(*flying.popleft())
            while flying:
                yield _landed(*flying.popleft())


@contextmanager
def _without_main_module() -> Iterator[None]:
    """Keep processes started meanwhile from importing the program that was run, as multiprocessing has them do.

    A worker needs nothing of it, and the command line with all that it imports takes each of them a second.
    """
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def _begin_worker() -> None:
    collect_seldom()
    _end_with_parent()


def _end_with_parent() -> None:
    """Make this process end when the one that started it is gone; a killed ingest leaves nobody behind."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        Thread(target=_wait_and_end, args=(parent.sentinel,), daemon=True).start()


def _wait_and_end(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)  # a thread cannot end its process in any gentler way


def _landed(batch: T, future: "Future[list[Row]]") -> tuple[T, list[Record]]:
    return batch, list(map(unflatten, future.result()))


def prepare_jobs(jobs: list[Job]) -> list[Row]:
    """Read and pack the records of one batch, in another process."""
    return [prepare_flat(body, label) for body, label in jobs]
