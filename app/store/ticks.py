"""Whose turn it is: a tick is one due instant of one task, claimed by one worker under a lease.

The unique key makes two workers with the same tick impossible; the lease lets another one take over from a worker
that died. Instants are seconds since the epoch, UTC.
"""

from sqlalchemy import Connection, func, or_, select

from app.store import tables
from app.store.bulk import insert_missing

COLUMNS = ("task", "due_at", "claimed_by", "lease_until_at")
KEPT_S = 7 * 86_400
"""Ticks are forgotten after a week."""


def claim(connection: Connection, task: str, due_at: int, *, worker: str, now_at: int, lease_s: int) -> bool:
    """Claim a tick: True for the one worker whose turn it is now.

    Also the tick of a worker whose lease ran out. One that somebody holds, or has finished, is not claimed; nor is
    one while an earlier tick of the same task is still being worked on.
    """
    column = tables.ticks.c
    is_running = (
        tables.ticks.select()
        .where(column.task == task, column.finished_at.is_(None), column.lease_until_at > now_at)
        .limit(1)
    )
    if connection.execute(is_running).first() is not None:
        return False
    insert_missing(connection, tables.ticks, COLUMNS, [(task, due_at, "", now_at)])
    claimed = connection.execute(
        tables.ticks.update()
        .where(column.task == task, column.due_at == due_at, column.finished_at.is_(None))
        .where(or_(column.claimed_by == "", column.lease_until_at <= now_at))
        .values(claimed_by=worker, lease_until_at=now_at + lease_s)
    )
    return claimed.rowcount == 1


def renew(connection: Connection, task: str, due_at: int, *, worker: str, until_at: int) -> bool:
    """Hold a claim for longer; False where another worker has taken over."""
    column = tables.ticks.c
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


def last_finished(connection: Connection) -> dict[str, int]:
    """Task -> the latest due instant that was finished by anybody."""
    column = tables.ticks.c
    query = select(column.task, func.max(column.due_at)).where(column.finished_at.is_not(None)).group_by(column.task)
    return {row[0]: row[1] for row in connection.execute(query)}


def forget_old(connection: Connection, now_at: int) -> int:
    """Forget the ticks that were due long ago; gives how many."""
    return connection.execute(tables.ticks.delete().where(tables.ticks.c.due_at < now_at - KEPT_S)).rowcount
