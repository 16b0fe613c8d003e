"""Whose turn it is: a tick is one due instant of one task, claimed by one worker under a lease.

The unique key makes two workers with the same tick impossible; the lease lets another one take over from a worker
that died. Instants are seconds since the epoch, UTC.
"""

from sqlalchemy import Connection, func, or_, select

from app.store import tables
from app.store.bulk import insert_missing

COLUMNS = ("task", "due_at", "claimed_by", "lease_until_at")
RECENT_S = 2 * 86_400
"""No task is due more seldom than daily."""
KEPT_S = 7 * 86_400
"""Ticks are forgotten after a week."""


def claim(connection: Connection, task: str, due_at: int, *, worker: str, now_at: int, lease_s: int) -> bool:
    """Claim a tick: True for the one worker whose turn it is now.

    Also the tick of a worker whose lease ran out. One that somebody holds, or has finished, is not claimed; nor is
    one while an earlier tick of the same task is still being worked on. Clocks of workers may differ by a lease: one
    that ends later than that was given by a wrong clock, and holds nobody up.
    """
    column = tables.ticks.c
    longest_at = now_at + 2 * lease_s
    is_running = (
        tables.ticks.select()
        .where(column.task == task, column.finished_at.is_(None))
        .where(column.lease_until_at.between(now_at + 1, longest_at))
        .limit(1)
    )
    if connection.execute(is_running).first() is not None:
        return False
    insert_missing(connection, tables.ticks, COLUMNS, [(task, due_at, "", now_at)])
    claimed = connection.execute(
        tables.ticks.update()
        .where(column.task == task, column.due_at == due_at, column.finished_at.is_(None))
        .where(or_(column.claimed_by == "", column.lease_until_at <= now_at, column.lease_until_at > longest_at))
        .values(claimed_by=worker, lease_until_at=now_at + lease_s)
    )
    return claimed.rowcount == 1


def renew(connection: Connection, task: str, due_at: int, *, worker: str, until_at: int) -> bool:
    """Hold a claim for longer; False where another worker has taken over, this tick of the task or a later one."""
    column = tables.ticks.c
    later = tables.ticks.select().where(column.task == task, column.due_at > due_at).limit(1)
    if connection.execute(later).first() is not None:
        return False
    held = connection.execute(
        tables.ticks.update()
        .where(column.task == task, column.due_at == due_at, column.claimed_by == worker)
        .where(column.finished_at.is_(None))
        .values(lease_until_at=until_at)
    )
    return held.rowcount == 1


def finish(
    connection: Connection, task: str, due_at: int, *, worker: str, now_at: int, failure: str | None = None
) -> None:
    """Say that a tick is done, and how it failed if it did."""
    column = tables.ticks.c
    connection.execute(
        tables.ticks.update()
        .where(column.task == task, column.due_at == due_at, column.claimed_by == worker)
        .values(finished_at=now_at, failure=failure)
    )


def last_finished(connection: Connection, now_at: int) -> dict[str, int]:
    """Task -> the latest due instant of the last days that was finished by anybody.

    Not one that lies ahead: a clock that was wrong once must not keep a task from running.
    """
    column = tables.ticks.c
    query = select(column.task, func.max(column.due_at)).where(column.finished_at.is_not(None))
    query = query.where(column.due_at.between(now_at - RECENT_S, now_at)).group_by(column.task)
    return {row[0]: row[1] for row in connection.execute(query)}


def has_failed(connection: Connection, task: str) -> bool:
    """Whether a task failed when it was last finished."""
    column = tables.ticks.c
    query = select(column.failure).where(column.task == task, column.finished_at.is_not(None))
    return connection.execute(query.order_by(column.due_at.desc()).limit(1)).scalar() is not None


def find_failing(connection: Connection, label: str, now_at: int) -> dict[str, str]:
    """Task of a label -> why it failed when it was last finished; of those that failed the time before as well."""
    column = tables.ticks.c
    query = select(column.task, column.failure).where(column.task.like(f"{label} %"), column.finished_at.is_not(None))
    query = query.where(column.due_at.between(now_at - RECENT_S, now_at)).order_by(column.task, column.due_at.desc())
    last: dict[str, list[str | None]] = {}
    for task, failure in connection.execute(query):
        last.setdefault(task, []).append(failure)
    return {
        task: failures[0]
        for task, failures in last.items()
        if len(failures) > 1 and failures[0] is not None and failures[1] is not None
    }


def release(connection: Connection, task: str, due_at: int, *, worker: str) -> None:
    """Give a claim back undone: it is anybody's at once."""
    column = tables.ticks.c
    connection.execute(
        tables.ticks.delete()
        .where(column.task == task, column.due_at == due_at, column.claimed_by == worker)
        .where(column.finished_at.is_(None))
    )


def forget_old(connection: Connection, label: str, now_at: int) -> int:
    """Forget the ticks of a label that were due long ago, by the clock that goes with it; gives how many."""
    column = tables.ticks.c
    old = tables.ticks.delete().where(column.due_at < now_at - KEPT_S, column.task.like(f"{label} %"))
    return connection.execute(old).rowcount
