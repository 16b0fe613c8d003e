"""What a database wants done from time to time."""

from sqlalchemy import Engine

from app.store.engine import tending


def refresh_statistics(engine: Engine) -> None:
    """Refresh the planner's statistics; on SQLite also fold the write-ahead log back into the file."""
    with tending(engine) as connection:
        for statement in _STATEMENTS[engine.dialect.name]:
            connection.exec_driver_sql(statement)


def make_durable(engine: Engine) -> None:
    """See that what is committed would survive a power cut: SQLite's log is else written out when it suits."""
    if engine.dialect.name == "sqlite":
        with tending(engine) as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)")


_STATEMENTS = {
    # with the limit, SQLite looks at a part of each index only: some milliseconds, whatever the size
    "sqlite": ("PRAGMA analysis_limit = 1000", "ANALYZE", "PRAGMA wal_checkpoint(TRUNCATE)"),
    "postgresql": ("ANALYZE",),
}
