"""Assembles the commands of `rasad`."""

import typer

from app.cli import database, ingest, objects, quarantine, results, series, serve, up

app = typer.Typer(
    name="rasad",
    help="Measure only what was agreed to be measured: recordings in, series out.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # a bug shows as Python shows it, without the values at hand
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(database.app, name="db")
app.add_typer(quarantine.app, name="quarantine")
ingest.register(app)
app.command("series")(series.series)
results.register(app)
objects.register(app)
app.command("serve")(serve.serve)
app.command("worker")(serve.worker)
app.command("up")(up.up)


def main() -> None:
    """Run the command line."""
    app()
