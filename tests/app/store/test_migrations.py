"""The schema's history: equal to the models, and passable both ways."""

from collections.abc import Callable
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, event, inspect

from app.store.engine import reading
from app.store.migrate import downgrade, reading_current, upgrade
from app.store.tables import metadata
from measurements.errors import StoreError
from tests.databases import MakeDatabase


def test_models_and_migrations_do_not_differ(engine: Engine) -> None:
    """What the migrations build is what the code expects, types included."""
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})

        assert compare_metadata(context, metadata) == []


def test_every_migration_goes_down_and_up(make_database: MakeDatabase, open_engine: Callable[[str], Engine]) -> None:
    """Down to nothing, and up again."""
    url = make_database()

    assert downgrade(url, "base").current is None
    assert inspect(open_engine(url)).get_table_names() == ["alembic_version"]
    assert upgrade(url).is_current


def test_a_current_database_is_told_by_one_statement(engine: Engine) -> None:
    """Every request asks, so it may cost next to nothing: a fraction of a millisecond."""
    statements: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *told: statements.append(told[2]))
    with reading(engine):
        n_before = len(statements)
    with reading_current(engine):
        pass

    assert len(statements) - 2 * n_before == 1
    assert statements[-1] == "SELECT version_num FROM alembic_version"


def test_a_database_that_is_behind_is_not_read(database_url: str, open_engine: Callable[[str], Engine]) -> None:
    """The block that would read it is never entered."""
    downgrade(database_url, "base")

    with pytest.raises(StoreError, match="rasad db upgrade"), reading_current(open_engine(database_url)):
        pytest.fail("it was read")


def test_a_database_in_a_folder_that_is_not_there_is_refused_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"no folder .*/nowhere"):
        upgrade(f"sqlite:///{tmp_path}/nowhere/rasad.db")
