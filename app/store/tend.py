"""What a database wants done from time to time."""

from sqlalchemy import Engine


def refresh_statistics(engine: Engine) -> None:
    """Refresh the planner's statistics; on SQLite also fold the write-ahead log back into the file."""
    is_sqlite = engine.dialect.name == "sqlite"
    statements = ("PRAGMA optimize", "PRAGMA wal_checkpoint(TRUNCATE)") if is_sqlite else ("ANALYZE",)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
