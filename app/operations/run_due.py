"""Run what is due: the one thing that the scheduler wakes. Whose turn it is, the database says."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

import structlog

from app.store import ticks
from app.store.engine import Transaction
from measurements.campaigns.rounds import last_due
from measurements.clock import Clock
from measurements.errors import RasadError, Stopped

LEASE_S = 600
"""A worker that says nothing for so long is taken for dead, and its task is anybody's."""
LONGEST_WAIT_S = 60
"""After so long, by this computer's clock, a worker looks again, for tasks that were added and leases that ran out."""

_log = structlog.get_logger("rasad.worker")


class LeaseLost(RasadError):
    """Another worker has taken over: this one was too slow, or its clock stood still."""


@dataclass(kw_only=True, slots=True)
class Lease:
    """A claimed tick. `renew` is called in the middle of long work, as often as one likes."""

    transaction: Transaction
    clock: Clock
    worker: str
    task: str
    due_at: int
    until_at: int
    should_stop: Callable[[], bool]
    meanwhile: Callable[[], None] = lambda: None
    """Does what is urgent, in the middle of long work too."""

    def renew(self, _: object = None) -> None:
        """Hold it for longer, once half of it is used up. Raises `LeaseLost`, and `Stopped` when to end."""
        if self.should_stop():
            raise Stopped("the worker was asked to end")
        self.meanwhile()
        now_at = _now(self.clock)
        if self.until_at - now_at > LEASE_S // 2:
            return
        self.until_at = now_at + LEASE_S
        with self.transaction() as connection:
            if not ticks.renew(connection, self.task, self.due_at, worker=self.worker, until_at=self.until_at):
                raise LeaseLost(f"{self.task}: another worker has taken over")


class Task(NamedTuple):
    """Something that is done every so often."""

    name: str
    every_s: int
    offset_s: int
    """Within `every_s`; spreads tasks, so that the platform is not asked for everything at once."""
    run: Callable[[Lease], None]
    is_urgent: bool = False
    """Whether it is looked at before each of the others, and in the middle of them whenever they renew their lease, so
    that neither a long list of them nor a long one keeps it waiting.
    """


def run_due(
    transaction: Transaction,
    clock: Clock,
    tasks: Iterable[Task],
    *,
    worker: str,
    should_stop: Callable[[], bool] = lambda: False,
) -> float:
    """Run every task that is due and nobody else's; gives the seconds until one may be due again.

    A due instant that was missed is not made up for: every task catches up by itself. A task that fails as
    expected (`RasadError`) is due again at its next instant; one that is `Stopped` is anybody's at once.
    """
    listed = list(tasks)
    with transaction() as connection:
        finished = ticks.last_finished(connection, _now(clock))

    def run_those(those: Iterable[Task], meanwhile: Callable[[], None]) -> None:
        for task in those:
            if should_stop():
                break
            due_at = last_due(_now(clock), task.every_s, task.offset_s)
            if due_at > finished.get(task.name, -1):
                _run_if_due(transaction, clock, task, worker, should_stop, _nothing if task.is_urgent else meanwhile)
                finished[task.name] = due_at

    urgent = [task for task in listed if task.is_urgent]
    in_turn = (one for each in listed for one in dict.fromkeys((*urgent, each)))
    run_those(in_turn, lambda: run_those(urgent, _nothing))
    now_at = clock.now().timestamp()
    nexts = (last_due(int(now_at), task.every_s, task.offset_s) + task.every_s for task in listed)
    longest_s = LONGEST_WAIT_S * LONGEST_WAIT_S / clock.real_seconds(LONGEST_WAIT_S)  # a faster clock has more of them
    return max(0.0, min(min(nexts, default=now_at + longest_s) - now_at, longest_s))


def _run_if_due(
    transaction: Transaction,
    clock: Clock,
    task: Task,
    worker: str,
    should_stop: Callable[[], bool],
    meanwhile: Callable[[], None],
) -> None:
    now_at = _now(clock)
    due_at = last_due(now_at, task.every_s, task.offset_s)
    with transaction() as connection:
        is_ours = ticks.claim(connection, task.name, due_at, worker=worker, now_at=now_at, lease_s=LEASE_S)
    if not is_ours:
        return
    lease = Lease(
        transaction=transaction, clock=clock, worker=worker, task=task.name, due_at=due_at, until_at=now_at + LEASE_S,
        should_stop=should_stop, meanwhile=meanwhile,
    )  # fmt: skip
    failure = None
    try:
        task.run(lease)
    except Stopped:
        with transaction() as connection:
            ticks.release(connection, task.name, due_at, worker=worker)
        raise
    except RasadError as error:
        failure = str(error)
        _log.warning("task failed; it is tried again when it is next due", task=task.name, why=failure)
    with transaction() as connection:
        ticks.finish(connection, task.name, due_at, worker=worker, now_at=_now(clock), failure=failure)


def _nothing() -> None:
    """Nothing is urgent beside what is."""


def _now(clock: Clock) -> int:
    return int(clock.now().timestamp())
