"""The databases that tests are handed: migrated, empty, apart from each other, and on both backends."""

from collections.abc import Callable

import pytest
from sqlalchemy import Engine, inspect, text

from app.store.engine import reading, writing
from app.store.migrate import require_current
from tests.databases import MakeDatabase


def test_a_fresh_database_is_at_the_newest_migration(engine: Engine) -> None:
    """A test starts where `rasad db upgrade` ends."""
    require_current(engine)

    assert "alembic_version" in inspect(engine).get_table_names()


def test_two_databases_share_nothing(make_database: MakeDatabase, open_engine: Callable[[str], Engine]) -> None:
    """What one test writes, another never sees."""
    first, second = open_engine(make_database()), open_engine(make_database())
    with writing(first) as connection:
        connection.execute(text("CREATE TABLE only_here (id INTEGER)"))

    assert inspect(first).has_table("only_here")
    assert not inspect(second).has_table("only_here")


def test_an_unmigrated_database_has_no_table(make_database: MakeDatabase, open_engine: Callable[[str], Engine]) -> None:
    """Tests of the migrations themselves start from nothing."""
    assert inspect(open_engine(make_database(is_migrated=False))).get_table_names() == []


def test_the_backend_is_the_one_named(engine: Engine, request: pytest.FixtureRequest) -> None:
    """The suite says which database a test ran on, and says the truth."""
    with reading(engine) as connection:
        assert connection.execute(text("SELECT 1")).scalar_one() == 1

    assert engine.dialect.name in request.node.name
