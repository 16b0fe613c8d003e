"""`rasad reminders list` and `acknowledge`: what the parties are reminded of, and who acknowledged it."""

from typing import Annotated

import typer

from app.cli.acting import acting
from app.cli.context import NUMBER, errors, fails_clearly
from app.cli.output import AsJson, Column, print_list
from app.operations.remind import acknowledge_reminder, reminders_page
from measurements.units import iso

ALL = 100_000
NONE = "nothing to be reminded of; rasad memorandum show tells what is awaited, and the worker looks daily"
COLUMNS = (
    Column("id"), Column("party"), Column("due_on"), Column("topic"), Column("subject", is_prose=True), Column("at"),
    Column("acknowledged_at"), Column("explanation", is_prose=True, is_spared=True),
)  # fmt: skip

reminders = typer.Typer(no_args_is_help=True, help="What the parties are reminded of; the worker looks daily.")


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(reminders, name="reminders")


@reminders.command("list")
@fails_clearly
def show(
    due: Annotated[bool, typer.Option("--due", help="Only what nobody has acknowledged.")] = False,  # noqa: FBT002 - a flag
    as_json: AsJson = False,  # noqa: FBT002 - a flag
) -> None:
    """List what the parties were reminded of, each party by itself.

    Example: rasad reminders list --due
    """
    with acting() as act:
        entries = reminders_page(act, only_open=due, limit=ALL).entries
    print_list("reminders", COLUMNS, entries, as_json=as_json, if_none=NONE)


@reminders.command("acknowledge")
@fails_clearly
def acknowledge(
    number: Annotated[int, typer.Argument(metavar="NUMBER", help="The reminder's number.", **NUMBER)],
) -> None:
    """Say for your party that a reminder was seen.

    Example: rasad reminders acknowledge 4
    """
    with acting() as act:
        seen = acknowledge_reminder(act, number)
    at = "" if seen.acknowledged_at is None else f" since {iso(seen.acknowledged_at)}"
    errors.print(f"reminder {number} is acknowledged for {seen.party.full_name}{at}", markup=False)
