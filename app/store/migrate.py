"""The schema's history: bring a database up to date, and tell whether it is."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import NamedTuple

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from app.store.engine import create_engine_for, reading, writing
from app.store.tables import metadata
from measurements.errors import StoreError

MIGRATIONS = Path(__file__).parents[2] / "migrations"


class Revisions(NamedTuple):
    """Where a database stands, and where this version of the code needs it."""

    current: str | None
    head: str | None

    @property
    def is_current(self) -> bool:
        """Whether every migration has been run."""
        return self.current == self.head


def upgrade(url: str, revision: str = "head") -> Revisions:
    """Run the migrations up to `revision`, all of them or none. Creates an embedded database that does not exist."""
    return _migrate(url, revision, command.upgrade)


def downgrade(url: str, revision: str) -> Revisions:
    """Undo the migrations down to `revision` (`base` empties the schema)."""
    return _migrate(url, revision, command.downgrade)


def revisions(connection: Connection) -> Revisions:
    """The revision of a connected database beside the newest one."""
    return Revisions(current=MigrationContext.configure(connection).get_current_revision(), head=_head())


def require_current(engine: Engine) -> None:
    """Raise StoreError, saying what to do, unless the database is at the newest revision. Creates nothing."""
    _require_file(engine)
    try:
        with engine.connect() as connection:
            found = revisions(connection)
    except SQLAlchemyError as error:
        msg = f"The database cannot be reached: {getattr(error, 'orig', None) or error}"
        raise StoreError(msg) from error
    _require_newest(found)


@contextmanager
def reading_current(engine: Engine) -> Iterator[Connection]:
    """As `reading`, from a database at the newest revision only, else StoreError. Creates nothing.

    Costs one small SELECT, so that every request can afford it. Where that fails, `require_current` says why.
    """
    _require_file(engine)
    with reading(engine) as connection:
        current = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
        _require_newest(Revisions(current, _head()))
        yield connection


@cache
def _head() -> str | None:
    """The newest revision. The migrations of a running process do not change."""
    return ScriptDirectory(str(MIGRATIONS)).get_current_head()


def _require_file(engine: Engine) -> None:
    """Connecting to an embedded database that does not exist would create it."""
    if engine.dialect.name == "sqlite" and not Path(engine.url.database or "").is_file():
        raise StoreError(f"There is no database yet at {engine.url.database}: run `rasad db upgrade`.")


def _require_newest(found: Revisions) -> None:
    if found.is_current:
        return
    _refuse_unknown(found)
    stands = f"at revision {found.current}" if found.current else "empty"
    raise StoreError(f"The database is {stands}, this version needs {found.head}: run `rasad db upgrade`.")


def _refuse_unknown(found: Revisions) -> None:
    if found.current and found.current not in _known_revisions():
        raise StoreError(
            f"The database is at revision {found.current}, which this version of Rasad does not know: "
            "a newer one has used it. Use that one."
        )


def _known_revisions() -> set[str]:
    return {script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()}


def _migrate(url: str, revision: str, step: Callable[[Config, str], None]) -> Revisions:
    engine = create_engine_for(url)
    if engine.dialect.name == "sqlite" and not (folder := Path(engine.url.database or "").absolute().parent).is_dir():
        raise StoreError(f"There is no folder {folder} for the database: make it, or name another.")
    try:
        with writing(engine) as connection:
            _refuse_unknown(revisions(connection))
            config = Config()
            config.set_main_option("script_location", str(MIGRATIONS))
            config.attributes.update(connection=connection, target_metadata=metadata)
            step(config, revision)
            return revisions(connection)
    finally:
        engine.dispose()
