"""Copies of whole databases: SQLite's by its online backup, PostgreSQL's by its own tools, each from one snapshot."""

import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import NamedTuple

from sqlalchemy import Connection, Engine, func, literal, make_url, select
from sqlalchemy.exc import SQLAlchemyError

from app.store.audit import find_tip
from app.store.engine import Transaction, create_engine_for, database_file, one_instant, reading, transactions
from app.store.migrate import revisions
from app.store.tables import metadata
from app.store.tend import forget_erased
from measurements.errors import StoreError

PAGES = 4_096
"""Copied at a time: 16 MB."""
STEP_S = 10
SEEDED = {"terms": 1}
"""Rows that the migrations themselves put in: the memorandum's term."""
POSTGRESQL = "postgresql"


class Contents(NamedTuple):
    """What a database holds: enough to tell whether a copy is it."""

    revision: str | None
    counts: dict[str, int]
    """Table -> rows."""
    n_entries: int
    head: str
    """Of the audit trail."""


def backend_of(url: str) -> str:
    """`sqlite` or `postgresql`."""
    return make_url(url).get_backend_name()


def contents_of(connection: Connection) -> Contents:
    """What a database at any revision holds: the tables that this version knows and the database has."""
    held = revisions(connection).current
    there = set(connection.dialect.get_table_names(connection))
    tables = [table for table in metadata.sorted_tables if table.name in there]
    counted = {str(one.name): connection.execute(select(func.count()).select_from(one)) for one in tables}
    counts = {name: found.scalar_one() for name, found in counted.items()}
    tip = find_tip(connection) if "audit_entries" in there else None
    return Contents(held, counts, tip.n_entries if tip else 0, tip.head if tip else "")


def holds_anything(url: str) -> bool:
    """Whether a database is there and has a row in any table of ours."""
    file = database_file(url)
    if file is not None and not file.exists():
        return False
    with _opened(url) as engine, reading(engine) as connection:
        there = set(connection.dialect.get_table_names(connection))
        return any(
            connection.execute(select(literal(1)).select_from(table).offset(SEEDED.get(table.name, 0)).limit(1)).first()
            for table in metadata.sorted_tables
            if table.name in there
        )


def copy_out(url: str, target: Path, on_step: Callable[[], None] = lambda: None) -> Contents:
    """Copy a database into a file, while others read and write; gives what the copy holds."""
    file = database_file(url)
    if file is None:
        return _dump(url, target, on_step)
    with one_instant(file) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy, pages=PAGES, progress=lambda *_: on_step(), sleep=0)
        copy.execute("PRAGMA journal_mode = DELETE")
    return contents_of_file(target)


def contents_of_file(file: Path) -> Contents:
    """What a copy of an embedded database holds; nothing is left beside it."""
    with _opened(f"sqlite:///{file}") as engine, reading(engine) as connection:
        found = contents_of(connection)
    settle(file)
    return found


def settle(file: Path) -> None:
    """Fold the log of a copy that nobody else uses back into it, so that one file is all of it."""
    with closing(sqlite3.connect(file)) as copy:
        copy.execute("PRAGMA journal_mode = DELETE")


def copy_in(source: Path, url: str) -> None:
    """Put a copy in the place of a database, in one transaction: a process that dies leaves the old one."""
    file = database_file(url)
    if file is None:
        _restore(source, url)
        return
    with closing(sqlite3.connect(source)) as copy, closing(sqlite3.connect(file)) as target:
        try:
            target.execute("PRAGMA journal_mode = WAL")  # the whole copy is one commit of the log
            copy.backup(target, pages=-1)
            target.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.Error as error:
            raise StoreError(f"the database was left as it is: {error}; stop whatever uses it") from error


@contextmanager
def read_at(url: str) -> Iterator[Connection]:
    """A unit of work that only reads, in a database that nobody has opened."""
    with _opened(url) as engine, reading(engine) as connection:
        yield connection


@contextmanager
def work_at(url: str) -> Iterator[Transaction]:
    """Units of work in a database that nobody has opened; at the end, no log of it has what they erased."""
    with _opened(url) as engine:
        yield transactions(engine)
        forget_erased(engine)


@contextmanager
def _opened(url: str) -> Iterator[Engine]:
    engine = create_engine_for(url)
    try:
        yield engine
    except SQLAlchemyError as error:
        raise StoreError(f"the database cannot be read: {getattr(error, 'orig', None) or error}") from error
    finally:
        engine.dispose()


def _dump(url: str, target: Path, on_step: Callable[[], None]) -> Contents:
    with _opened(url) as engine, reading(engine) as connection:
        found = contents_of(connection)
        snapshot = connection.exec_driver_sql("SELECT pg_export_snapshot()").scalar_one()
        tool = _tool("pg_dump", connection)
        told = ["--format=plain", "--no-owner", "--no-privileges", "--schema=public", f"--snapshot={snapshot}"]
        with _address(url) as address:
            _run([tool, *told, f"--file={target}", address], on_step)
    return found


def _restore(source: Path, url: str) -> None:
    with _opened(url) as engine, reading(engine) as connection:
        tool = _tool("psql", connection)
    with _address(url) as address:
        told = ["--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", f"--dbname={address}"]
        replaced = ["--command=SET client_min_messages = warning", "--command=DROP SCHEMA IF EXISTS public CASCADE"]
        _run([tool, *told, *replaced, f"--file={source}"], lambda: None)


def _tool(name: str, connection: Connection) -> str:
    """One of the server's own version, which is beside it or on the path."""
    version = str(connection.exec_driver_sql("SHOW server_version").scalar_one()).partition(".")[0]
    beside = ""
    if connection.exec_driver_sql("SELECT pg_has_role(current_user, 'pg_read_all_settings', 'MEMBER')").scalar():
        query = "SELECT setting FROM pg_config WHERE name = 'BINDIR'"
        beside = str(connection.exec_driver_sql(query).scalar() or "")
    for place in (None, beside):
        found = shutil.which(name, path=place)
        if found and int(_version_of(found)) >= int(version):
            return found
    raise StoreError(f"{name} of PostgreSQL {version} or newer is neither on the path nor beside the server")


def _version_of(tool: str) -> str:
    said = subprocess.run([tool, "--version"], check=False, capture_output=True, text=True).stdout  # noqa: S603 - found on the path
    words = [word for word in said.split() if word[:1].isdigit()]
    return words[0].partition(".")[0] if words else "0"


@contextmanager
def _address(url: str) -> Iterator[str]:
    """The address as the tools take it, with the password in a file: a command line is anybody's to read."""
    target = make_url(url).set(drivername=POSTGRESQL)
    with TemporaryDirectory(prefix="rasad-") as folder:
        if target.password is not None:
            file = Path(folder) / "passfile"
            file.touch(mode=0o600)
            escaped = target.password.replace("\\", "\\\\").replace(":", "\\:")
            file.write_text(f"*:*:*:*:{escaped}\n")
            target = target.set(password=None).update_query_dict({"passfile": str(file)})
        yield target.render_as_string(hide_password=False)


def _run(command: list[str], on_step: Callable[[], None]) -> None:
    with (
        TemporaryFile() as said,
        subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=said) as process,  # noqa: S603 - a tool of PostgreSQL
    ):
        try:
            while (status := _ended(process)) is None:
                on_step()
        finally:
            process.kill()  # one that has ended does not mind
        if status != 0:
            said.seek(0)
            words = said.read().decode(errors="replace").strip()[-500:]
            raise StoreError(f"{Path(command[0]).name} failed: {words}")


def _ended(process: "subprocess.Popen[bytes]") -> int | None:
    """Its status; None where it still works after some seconds."""
    try:
        return process.wait(STEP_S)
    except subprocess.TimeoutExpired:
        return None
