"""What a database wants done from time to time."""

from sqlalchemy import Connection, Engine

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


def forget_erased(engine: Engine) -> bool:
    """See that what was erased is in no log of SQLite's and takes no room on PostgreSQL; False where that has to wait.

    SQLite overwrites what it deletes, and the log that still has it is cut off, unless somebody reads just now.
    PostgreSQL may use the room again, which overwrites it some day; VACUUM FULL, backups and archives of its log are
    matters of whoever runs the database.
    """
    with tending(engine) as connection:
        if engine.dialect.name == "sqlite":
            is_busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()[0]
            return not is_busy
        connection.exec_driver_sql("VACUUM raw_records, deliveries, results, samples, bins, series")
    return True


def clock_of(connection: Connection) -> float | None:
    """What time it is where the database is, seconds since the epoch; None for one that is on this computer."""
    if connection.dialect.name == "sqlite":
        return None
    return float(connection.exec_driver_sql("SELECT extract(epoch FROM clock_timestamp())").scalar_one())


_STATEMENTS = {
    # with the limit, SQLite looks at a part of each index only: some milliseconds, whatever the size
    "sqlite": ("PRAGMA analysis_limit = 1000", "ANALYZE", "PRAGMA wal_checkpoint(TRUNCATE)"),
    "postgresql": ("ANALYZE",),
}
