"""Moves many rows at once, in the way each database is fastest at."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Table

Row = tuple[Any, ...]


def insert_rows(connection: Connection, table: Table, columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Insert rows that are known to be new: COPY on PostgreSQL, one prepared statement on SQLite."""
    _insert_all(connection, table.name, columns, rows)


def insert_missing(connection: Connection, table: Table, columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Insert the rows whose primary key is not there yet."""
    if rows:
        mark = "%s" if connection.dialect.name == "postgresql" else "?"
        statement = _insert(table.name, columns, mark) + " ON CONFLICT DO NOTHING"
        connection.exec_driver_sql(statement, list(rows))


def replace_rows(connection: Connection, table: Table, columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Insert rows, or replace the ones with the same primary key."""
    if not rows:
        return
    keys = [column.name for column in table.primary_key]
    changes = ", ".join(f"{name} = excluded.{name}" for name in columns if name not in keys)
    clause = f" ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {changes}"
    if connection.dialect.name == "postgresql":
        staged = _stage(connection, f"staged_{table.name}", table.name, columns, rows)
        names = ", ".join(columns)
        statement = f"INSERT INTO {table.name} ({names}) SELECT {names} FROM {staged}{clause}"
        connection.exec_driver_sql(statement)
    else:
        connection.exec_driver_sql(_insert(table.name, columns, "?") + clause, list(rows))


def stage_rows(connection: Connection, name: str, like: str, columns: Sequence[str], rows: Sequence[Row]) -> str:
    """Put rows into a temporary table with some columns of another one; gives its name.

    Looking many keys up by joining such a table is the one way that is fast on both databases. PostgreSQL has to be
    told how few rows there are: it would read the whole of the other table, the slower the more is held.
    """
    _stage(connection, name, like, columns, rows)
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"ANALYZE {name}")
    return name


def next_id(connection: Connection, table: Table) -> int:
    """The number after the highest in use; safe because writers queue."""
    return int(connection.exec_driver_sql(f"SELECT coalesce(max(id), 0) + 1 FROM {table.name}").scalar_one())


def _stage(connection: Connection, name: str, like: str, columns: Sequence[str], rows: Sequence[Row]) -> str:
    names = ", ".join(columns)
    is_postgresql = connection.dialect.name == "postgresql"
    connection.exec_driver_sql(f"CREATE TEMPORARY TABLE IF NOT EXISTS {name} AS SELECT {names} FROM {like} WHERE 1 = 0")
    connection.exec_driver_sql(f"TRUNCATE {name}" if is_postgresql else f"DELETE FROM {name}")
    _insert_all(connection, name, columns, rows)
    return name


def _insert(table: str, columns: Sequence[str], mark: str) -> str:
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join([mark] * len(columns))})"


def _insert_all(connection: Connection, table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
    if not rows:
        return
    if connection.dialect.name == "postgresql":
        _copy(connection, table, columns, rows)
    else:
        connection.exec_driver_sql(_insert(table, columns, "?"), list(rows))


def _copy(connection: Connection, table: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
    driver: Any = connection.connection.driver_connection  # psycopg's own: SQLAlchemy does not know COPY
    with driver.cursor() as cursor, cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
