"""`rasad db`: the schema of the database."""

import typer

from app.cli.context import errors, fails_clearly, make_data_dir, prepared_settings
from app.store.migrate import upgrade

app = typer.Typer(help="Create the database, or bring it up to date.", no_args_is_help=True)


@app.callback()
def database() -> None:
    """Create the database, or bring it up to date."""


@app.command("upgrade")
@fails_clearly
def upgrade_database() -> None:
    """Run all migrations that this database has not seen yet. Safe to repeat.

    Examples:
        rasad db upgrade

        RASAD_DATABASE_URL=postgresql://localhost/rasad rasad db upgrade

    """
    settings = prepared_settings()
    make_data_dir(settings)
    found = upgrade(settings.database_url)
    errors.print(f"the database is at revision {found.current}")
