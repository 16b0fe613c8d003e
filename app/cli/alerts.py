"""`rasad alerts list` and `test`: what is wrong, and whether whoever is to know would be told."""

from typing import Annotated

import typer

from app.cli.acting import acting
from app.cli.context import FAILED, errors, fail, fails_clearly, prepared_settings
from app.cli.output import AsJson, Column, print_json, print_table
from app.doors import make_notifiers
from app.notifying import NotDelivered, Notifier
from app.operations.list_alerts import alerts_page

MOST = 1_000
COLUMNS = (
    Column("id"), Column("label"), Column("severity"), Column("key"), Column("began_at"), Column("ended_at"),
    Column("n_told", is_spared=True), Column("n_undelivered"), Column("failure", is_prose=True),
    Column("words", is_prose=True, is_spared=True),
)  # fmt: skip

alerts = typer.Typer(no_args_is_help=True, help="What is wrong; the worker looks every five minutes, and tells people.")


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(alerts, name="alerts")


@alerts.command("list")
@fails_clearly
def show(
    is_all: Annotated[bool, typer.Option("--all", help="Also what has ended.")] = False,  # noqa: FBT002 - a flag
    as_json: AsJson = False,  # noqa: FBT002 - a flag
) -> None:
    """List what is wrong, the newest first, and what of it could not be told.

    Example: rasad alerts list --all
    """
    with acting() as act:
        entries = alerts_page(act, only_open=not is_all, limit=MOST).entries
    if as_json:
        print_json({"alerts": entries})
    elif entries:
        print_table(COLUMNS, entries, "alerts")
    else:
        errors.print("nothing is wrong" if not is_all else "nothing was ever wrong")


@alerts.command("test")
@fails_clearly
def try_out(as_json: AsJson = False) -> None:  # noqa: FBT002 - a flag
    """Send a message to everybody who is told of alerts or of reminders, and say who took it.

    Ends with exit code 1 where somebody did not, or nobody is configured (RASAD_ALERT_URLS, RASAD_REMINDER_URLS).

    Example: rasad alerts test
    """
    notifiers = make_notifiers(prepared_settings())
    said = [
        {"setting": f"RASAD_{name.upper().removesuffix('S')}_URLS", "place": place, "failure": failure}
        for name, notifier in notifiers._asdict().items()
        for place, failure in enumerate(_try_all(notifier), 1)
    ]
    if as_json:
        print_json({"receivers": said})
    for one in said:
        errors.print(f"{one['setting']}, address {one['place']}: {one['failure'] or 'delivered'}", markup=False)
    if not said:
        fail("nobody is told of anything: set RASAD_ALERT_URLS")
    if any(one["failure"] for one in said):
        raise SystemExit(FAILED)


def _try_all(notifier: Notifier) -> list[str | None]:
    return [_try(notifier, one.digest) for one in notifier.receivers]


def _try(notifier: Notifier, digest: str) -> str | None:
    """Why it was not delivered; None where it was."""
    try:
        notifier.send(digest, "Rasad: a test", "This is a test: nothing is wrong. Somebody ran `rasad alerts test`.")
    except NotDelivered as failure:
        return str(failure)
    return None
