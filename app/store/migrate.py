"""The schema's history: bring a database up to date, and tell whether it is."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from app.store.engine import create_engine_for, writing
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
    head = ScriptDirectory(str(MIGRATIONS)).get_current_head()
    return Revisions(current=MigrationContext.configure(connection).get_current_revision(), head=head)


def require_current(engine: Engine) -> None:
    """Raise StoreError, saying what to do, unless the database is at the newest revision. Creates nothing."""
    if engine.dialect.name == "sqlite" and not Path(engine.url.database or "").is_file():
        raise StoreError(f"There is no database yet at {engine.url.database}: run `rasad db upgrade`.")
    try:
        with engine.connect() as connection:
            found = revisions(connection)
    except SQLAlchemyError as error:
        msg = f"The database cannot be reached: {getattr(error, 'orig', None) or error}"
        raise StoreError(msg) from error
    _refuse_unknown(found)
    if not found.is_current:
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
