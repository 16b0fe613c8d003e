"""Whether a database is for practice only."""

from sqlalchemy import Connection, insert, select

from app.store import tables


def begin_practice(connection: Connection, now: int) -> None:
    """Make it one, for good. The database aborts that where somebody was added already."""
    connection.execute(insert(tables.practice).values(id=1, begun_at=now))


def practice_begun_at(connection: Connection) -> int | None:
    """Since when it is one, seconds since the epoch; None for a database in which real parties agree."""
    return connection.execute(select(tables.practice.c.begun_at)).scalar()
