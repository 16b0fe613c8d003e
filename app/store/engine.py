"""Engines for the two databases, set up alike: foreign keys hold, writers queue, readers never write."""

import hashlib
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

BUSY_TIMEOUT_S = 5
"""How long SQLite waits for another writer before it says so; a unit of work then goes on waiting, as on PostgreSQL."""
CONNECT_TIMEOUT_S = 10
"""How long PostgreSQL may take to answer, unless the address says otherwise (`?connect_timeout=3`)."""
WRITER_LOCK = 0x5241534144
"""PostgreSQL advisory lock ("RASAD") that makes writers queue, as SQLite's own lock does."""
SQLITE_CACHE_KB = 32_000
SQLITE_LOG_PAGES = 8_000
"""After so many pages (32 MB) the write-ahead log is folded back: each page then once for many commits."""
AUTOCOMMIT = "AUTOCOMMIT"

_log = structlog.get_logger("rasad.store")


def create_engine_for(url: str) -> Engine:
    """An engine for `sqlite:///…` or `postgresql://…` (psycopg 3)."""
    target = make_url(url)
    if target.drivername in ("postgres", "postgresql"):
        target = target.set(drivername="postgresql+psycopg")
    if target.get_backend_name() == "sqlite":
        engine = create_engine(target, connect_args={"timeout": BUSY_TIMEOUT_S, "check_same_thread": False})
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    patience = {} if "connect_timeout" in target.query else {"connect_timeout": CONNECT_TIMEOUT_S}
    return create_engine(target, pool_pre_ping=True, connect_args=patience)


def database_file(url: str) -> Path | None:
    """The file of an embedded database; None for a server."""
    target = make_url(url)
    return Path(target.database or "") if target.get_backend_name() == "sqlite" else None


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A unit of work that writes: committed when the block ends, rolled back when it raises.

    One writer at a time on both databases, so that numbers are assigned and bins merged without races.
    """
    with engine.connect().execution_options(is_writing=True) as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITER_LOCK})")
        yield connection


Transaction = Callable[[], AbstractContextManager[Connection]]
"""Begins one unit of work after another: what a long operation is handed by the owner of the database."""


def transactions(engine: Engine) -> Transaction:
    """Units of work that write, as `writing`."""
    return partial(writing, engine)


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A unit of work that only reads, from one snapshot; a write in it is refused by the database."""
    options: dict[str, Any] = {}
    if engine.dialect.name == "postgresql":
        options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with engine.connect().execution_options(**options) as connection, connection.begin():
        yield connection


@contextmanager
def one_instant(file: Path) -> Iterator[sqlite3.Connection]:
    """An embedded database as it was at one instant, however long it is read and whoever writes meanwhile."""
    address = f"{file.resolve().as_uri()}?mode=ro"
    with closing(sqlite3.connect(address, uri=True, isolation_level=None)) as connection:
        connection.execute("BEGIN")
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        yield connection
        connection.execute("COMMIT")


@contextmanager
def tending(engine: Engine) -> Iterator[Connection]:
    """Outside any unit of work, for what a database refuses to do inside one; each statement stands alone."""
    options: dict[str, Any] = {"isolation_level": AUTOCOMMIT, "is_writing": True}
    with engine.connect().execution_options(**options) as connection:
        yield connection


def _set_up_sqlite(connection: Any, _entry: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # transactions are begun by _begin_sqlite, not guessed by the driver
    for pragma in (
        "journal_mode = WAL",
        "synchronous = NORMAL",
        f"wal_autocheckpoint = {SQLITE_LOG_PAGES}",
        "foreign_keys = ON",
        "secure_delete = ON",  # what is erased is overwritten in the file, and not only forgotten
        "temp_store = FILE",  # spilled only when large, as what a reparse sets aside is; settable in no unit of work
        f"cache_size = -{SQLITE_CACHE_KB}",
    ):
        connection.execute(f"PRAGMA {pragma}")
    connection.create_function("sha256_hex", 1, _sha256_hex, deterministic=True)


def _sha256_hex(text: str) -> str:
    """What the laws of the database compare a card's digest with; PostgreSQL has its own."""
    return hashlib.sha256(text.encode()).hexdigest()


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    is_writing = options.get("is_writing", False)
    connection.exec_driver_sql(f"PRAGMA query_only = {'OFF' if is_writing else 'ON'}")
    if options.get("isolation_level") == AUTOCOMMIT:
        return
    if not is_writing:
        connection.exec_driver_sql("BEGIN")
        return
    while not _has_begun_writing(connection):
        _log.info("waiting for another writer to finish")


def _has_begun_writing(connection: Connection) -> bool:
    """False where another writer was not done within the time-out."""
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    except OperationalError as error:
        if getattr(error.orig, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY:
            return False
        raise
    return True
