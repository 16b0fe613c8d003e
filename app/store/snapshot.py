"""Tells whether anything was written since: equal marks mean equal content, so that answers may be kept."""

from itertools import count

from sqlalchemy import Connection

_numbers = count(1)


def snapshot_mark(connection: Connection) -> str:
    """A mark of what this unit of work sees. Marks of one process may be compared, others not.

    PostgreSQL names the transactions that a snapshot sees; readers take no part in them. SQLite counts, for
    each connection, what others have committed and what it has written itself, so there the mark names it too.
    """
    if connection.dialect.name == "postgresql":
        return str(connection.exec_driver_sql("SELECT pg_current_snapshot()::text").scalar_one())
    number = connection.info.setdefault("number", next(_numbers))
    connection.exec_driver_sql("SELECT 1 FROM sqlite_schema LIMIT 1").all()  # begin the snapshot, which SQLite delays
    version = connection.exec_driver_sql("PRAGMA data_version").scalar_one()
    written = getattr(connection.connection.driver_connection, "total_changes", 0)
    return f"{number}.{version}.{written}"
