"""A database that cannot be reached for a while."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
from sqlalchemy import make_url


@contextmanager
def taken_away(url: str) -> Iterator[None]:
    """The database cannot be reached for a while."""
    away = file_away if url.startswith("sqlite") else connections_away
    with away(url):
        yield


@contextmanager
def file_away(url: str) -> Iterator[None]:
    """The file of a SQLite database is somewhere else."""
    here = Path(str(make_url(url).database))
    there = here.rename(here.with_suffix(".away"))
    yield
    there.rename(here)


@contextmanager
def connections_away(url: str) -> Iterator[None]:
    """A PostgreSQL database ends every connection, and takes no other."""
    server = make_url(url).set(drivername="postgresql", database="postgres").render_as_string(hide_password=False)
    name = make_url(url).database
    with closing(psycopg.connect(server, autocommit=True)) as connection:
        connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false'.encode())
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
        yield
        connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true'.encode())


@contextmanager
def folder_away(url: str) -> Iterator[None]:
    """The folder of a SQLite database is somewhere else, so that no empty file is made in its place."""
    here = Path(str(make_url(url).database)).parent
    there = here.rename(here.with_suffix(".away"))
    yield
    there.rename(here)
