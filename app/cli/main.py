"""Assembles the commands of `rasad`."""

from importlib.metadata import version
from typing import Annotated

import typer

from app.cli import (
    agreements,
    audit,
    backfill,
    catalogue,
    collecting,
    database,
    designations,
    dispatching,
    glossary,
    ingest,
    memorandum,
    objects,
    people,
    plan,
    quarantine,
    registry,
    rehearsal,
    reminders,
    results,
    retention,
    reviews,
    series,
    serve,
    targets,
    treasury,
    up,
)

app = typer.Typer(
    name="rasad",
    help="Measure only what was agreed to be measured: recordings in, series out.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # a bug shows as Python shows it, without the values at hand
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _say_version(is_asked: bool) -> None:  # noqa: FBT001 - typer's signature of a callback
    if is_asked:
        typer.echo(f"rasad {version('rasad')}")
        raise typer.Exit


@app.callback()
def rasad(
    _: Annotated[  # noqa: FBT002 - a flag
        bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Say which version this is.")
    ] = False,
) -> None:
    """Measure only what was agreed to be measured: recordings in, series out."""


app.add_typer(audit.app, name="audit")
app.add_typer(database.app, name="db")
app.add_typer(quarantine.app, name="quarantine")
app.add_typer(rehearsal.app, name="rehearsal")
app.add_typer(retention.app, name="retention")
ingest.register(app)
app.command("series")(series.series)
results.register(app)
catalogue.register(app)
objects.register(app)
registry.register(app)
collecting.register(app)
people.register(app)
designations.register(app)
agreements.register(app)
memorandum.register(app)
dispatching.register(app)
treasury.register(app)
plan.register(app)
reviews.register(app)
app.command("glossary")(glossary.glossary)
targets.register(app)
reminders.register(app)
app.command("backfill")(backfill.run_backfill)
app.command("serve")(serve.serve)
app.command("worker")(serve.worker)
app.command("run")(serve.run)
app.command("up")(up.up)
