"""The schema's history: equal to the models, and passable both ways."""

from collections.abc import Callable

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect

from app.store.migrate import downgrade, upgrade
from app.store.tables import metadata
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
