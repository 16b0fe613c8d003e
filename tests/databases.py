"""A fresh database for a test, on SQLite and on PostgreSQL, made by running all migrations.

The migrations run once per backend and process; every test gets a copy of the outcome, or of what a function that
fills a database (`Fill`) made of it, once too. `RASAD_TEST_POSTGRESQL_URL`
names a server of one's own (any database of it, a user that may create databases); else one is started.
"""

import itertools
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Protocol

import psycopg
import pytest
from sqlalchemy import Engine, make_url

from tests.postgresql import ServerDidNotStartError, running_server

BACKENDS = ("sqlite", "postgresql")
_numbers = itertools.count(1)


def _upgrade(url: str) -> None:
    from app.store.migrate import upgrade  # noqa: PLC0415 - the domain's tests run without the service

    upgrade(url)


Fill = Callable[[str], None]
"""Fills the migrated database at an address. A function of a module: it is its own name among the templates."""


class MakeDatabase(Protocol):
    """Gives the address of a new database: at the newest migration and filled by `holding`, or with nothing in it."""

    def __call__(self, *, is_migrated: bool = True, holding: Fill | None = None) -> str:
        """Make one; it is removed when the test ends."""
        ...


class _Cluster:
    """A PostgreSQL server in which databases are made from templates."""

    def __init__(self, server_url: str) -> None:
        self._server = make_url(server_url).set(drivername="postgresql+psycopg")
        self._prefix = f"rasad_{os.getpid()}"
        self._templates: dict[Fill | None, str] = {}

    def create(self, template: str = "template0") -> str:
        name = f"{self._prefix}_{next(_numbers)}"
        self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" ENCODING \'UTF8\'')
        return name

    def template(self, holding: Fill | None = None) -> str:
        if holding not in self._templates:
            name = self.create(self.template() if holding else "template0")
            (holding or _upgrade)(self.url(name))
            self._templates[holding] = name
        return self._templates[holding]

    def drop(self, name: str) -> None:
        self._execute(f'DROP DATABASE "{name}" WITH (FORCE)')

    def drop_templates(self) -> None:
        for name in self._templates.values():
            self.drop(name)

    def url(self, name: str) -> str:
        return self._server.set(database=name).render_as_string(hide_password=False)

    def _execute(self, statement: str) -> None:
        address = self._server.set(drivername="postgresql").render_as_string(hide_password=False)
        with closing(psycopg.connect(address, autocommit=True)) as connection:
            connection.execute(statement.encode())


@pytest.fixture(scope="session")
def postgresql_cluster() -> Iterator[_Cluster]:
    """The session's PostgreSQL server; without one these tests are skipped, except in CI, where they fail."""
    if own := os.environ.get("RASAD_TEST_POSTGRESQL_URL"):
        cluster = _Cluster(own)
        yield cluster
        cluster.drop_templates()
        return
    try:
        with running_server() as server:
            yield _Cluster(server.url("postgres"))
    except ServerDidNotStartError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"PostgreSQL does not start here: {error}")


class SqliteTemplates:
    """SQLite files to be copied, each made when first asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._paths: dict[Fill | None, Path] = {}

    def template(self, holding: Fill | None = None) -> Path:
        """A file at the newest migration, and filled."""
        if holding not in self._paths:
            migrated = self.template() if holding else None
            path = self._folder / f"template-{len(self._paths)}.db"
            if migrated:
                shutil.copyfile(migrated, path)
            (holding or _upgrade)(f"sqlite:///{path}")
            with closing(sqlite3.connect(path)) as connection:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self._paths[holding] = path
        return self._paths[holding]


@pytest.fixture(scope="session")
def sqlite_templates(tmp_path_factory: pytest.TempPathFactory) -> SqliteTemplates:
    """The session's SQLite files to be copied."""
    return SqliteTemplates(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def sqlite_template(sqlite_templates: SqliteTemplates) -> Path:
    """A SQLite file at the newest migration, to be copied."""
    return sqlite_templates.template()


@pytest.fixture
def make_sqlite_database(sqlite_templates: SqliteTemplates, tmp_path: Path) -> MakeDatabase:
    """Makes SQLite files in the test's own folder."""

    def make(*, is_migrated: bool = True, holding: Fill | None = None) -> str:
        path = tmp_path / f"{next(_numbers)}.db"
        if is_migrated:
            shutil.copyfile(sqlite_templates.template(holding), path)
        return f"sqlite:///{path}"

    return make


@pytest.fixture
def make_postgresql_database(postgresql_cluster: _Cluster) -> Iterator[MakeDatabase]:
    """Makes databases in the session's PostgreSQL server."""
    made: list[str] = []

    def make(*, is_migrated: bool = True, holding: Fill | None = None) -> str:
        template = postgresql_cluster.template(holding) if is_migrated else "template0"
        made.append(postgresql_cluster.create(template))
        return postgresql_cluster.url(made[-1])

    yield make
    for name in made:
        postgresql_cluster.drop(name)


@pytest.fixture(params=BACKENDS)
def make_database(request: pytest.FixtureRequest) -> MakeDatabase:
    """Makes databases; the test runs once with SQLite and once with PostgreSQL."""
    make: MakeDatabase = request.getfixturevalue(f"make_{request.param}_database")
    return make


@pytest.fixture
def database_url(make_database: MakeDatabase) -> str:
    """The address of one fresh, migrated database; the test runs once per backend."""
    return make_database()


@pytest.fixture
def open_engine() -> Iterator[Callable[[str], Engine]]:
    """Opens engines by address and closes them at the end."""
    from app.store.engine import create_engine_for  # noqa: PLC0415 - as in _upgrade

    engines: list[Engine] = []

    def open_one(url: str) -> Engine:
        engines.append(create_engine_for(url))
        return engines[-1]

    yield open_one
    for engine in engines:
        engine.dispose()


@pytest.fixture
def engine(database_url: str, open_engine: Callable[[str], Engine]) -> Engine:
    """An engine on a fresh, migrated database; the test runs once per backend."""
    return open_engine(database_url)
