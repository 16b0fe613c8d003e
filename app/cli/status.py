"""`rasad status`: how everything stands, on one screen."""

from collections.abc import Iterator
from typing import Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.cli.context import database, fails_clearly, prepared_settings
from app.cli.knocking import address_of, is_up
from app.cli.output import AsJson, print_json
from app.clocks import NoClock
from app.dependencies import atlas_clock, atlas_label, make_clock
from app.operations.gather_facts import Times
from app.operations.show_status import Health, down, show_status
from app.settings import Settings
from app.store.engine import reading
from app.store.failures import StoreFailure
from measurements.campaigns.alerts import duration
from measurements.errors import StoreError
from measurements.units import seconds

EXIT_CODES = {Health.WELL: 0, Health.CRITICAL: 1, Health.DOWN: 1, Health.WARNING: 3}
COLOURS = {Health.WELL: "green", Health.WARNING: "yellow", Health.CRITICAL: "red", Health.DOWN: "red"}
MOST_ROWS = 12
"""So many followed measurements are shown; those that are late come first."""


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command("status")(status)


@fails_clearly
def status(as_json: AsJson = False) -> None:  # noqa: FBT002 - a flag
    """Show how everything stands: memorandum, agreements, dispatches, what is followed, worker, credits, alerts.

    The exit code says how it is: 0 well, 3 something to look at, 1 something critical, no worker although there is
    work, or no database.

    Examples:
        rasad status

        rasad status --json | jq .health

    """
    settings = prepared_settings()
    told = _look(settings)
    told["service"] = {"address": address_of(settings), "is_up": is_up(settings)}
    if as_json:
        print_json(told)
    else:
        _show(told)
    raise SystemExit(EXIT_CODES[told["health"]])


def _look(settings: Settings) -> dict[str, Any]:
    here_at = seconds(make_clock().now())
    try:
        with database(settings) as engine, reading(engine) as connection:
            return show_status(connection, atlas_label(settings), Times(_now_at(settings), here_at))
    except StoreError as error:
        return down(str(error), here_at)
    except StoreFailure as error:
        return down(f"the database failed: {getattr(error, 'orig', error)}", here_at)


def _now_at(settings: Settings) -> int:
    """By the rehearsal's clock where there is one; by the computer's where it is away."""
    try:
        with atlas_clock(settings) as clock:
            return seconds(clock.now())
    except NoClock:
        return seconds(make_clock().now())


def _show(told: dict[str, Any]) -> None:
    console = Console(highlight=False, soft_wrap=False)
    health = Health(told["health"])
    console.print(Text.assemble("Rasad is ", (health.value, f"bold {COLOURS[health]}"), f" at {told['checked_at']}"))
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, words in _lines(told):
        table.add_row(name, Text(words))
    console.print(table)
    for one in told.get("labels", ()):
        if one["followed"]:
            console.print(_followed(one))


def _lines(told: dict[str, Any]) -> Iterator[tuple[str, str]]:
    service = told["service"]
    yield "service", f"{'answers at' if service['is_up'] else 'does not answer at'} {service['address']}"
    if told["health"] == Health.DOWN:
        yield "database", told["reason"]
        return
    memorandum = told["memorandum"]
    yield "memorandum", f"{memorandum['state']}, {memorandum['outlook']}; the term ends on {memorandum['ends_on']}"
    yield "agreements", _counts(told["agreements"])
    yield "dispatches", _counts(told["dispatches"])
    for one in told["labels"]:
        yield f"worker ({one['label']})", _worker(one)
        yield "  followed", f"{len(one['followed'])}, {one['n_late']} of them late"
        yield "  credits", _credits(one["credits"])
    for one in told["alerts"]:
        yield f"{one['severity']}", f"{one['words']} (since {one['began_at']}, {one['label']})"
    if not told["alerts"]:
        yield "alerts", "none"
    if told["n_undelivered"]:
        yield "messages", f"{told['n_undelivered']} could not be delivered yet: rasad alerts list"
    if told["n_reminders"]:
        yield "reminders", f"{told['n_reminders']} wait for the parties: rasad reminders list --due"
    for one in told["next"]:
        yield "next", f"{one['at']} {one['what']}"


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {state}" for state, count in counts.items()) or "none"


def _worker(one: dict[str, Any]) -> str:
    if one["is_alive"]:
        return f"alive, the stream is {'open' if one['is_connected'] else 'not open'}"
    seen = f"; last seen {one['last_seen_at']}" if one["last_seen_at"] else ""
    return f"none is alive{', and there is work' if one['has_work'] else ''}{seen}: rasad worker"


def _credits(credits_: dict[str, int | None]) -> str:
    if credits_["balance"] is None:
        return f"balance unknown; {credits_['reserved']:,} reserved"
    return f"{credits_['balance']:,}; {credits_['reserved']:,} reserved, {credits_['spent_past_day']:,} spent past day"


def _followed(one: dict[str, Any]) -> Table:
    rows = sorted(one["followed"], key=lambda row: (not row["is_late"], row["atlas_id"]))
    title = f"followed, label {one['label']}"
    if len(rows) > MOST_ROWS:
        title += f": {MOST_ROWS} of {len(rows)}; rasad followed lists them all"
    table = Table(
        title=title, title_justify="left", title_style="italic", box=None, header_style="bold", pad_edge=False
    )
    for name in ("atlas id", "type", "target", "age", "received in an hour", "silent", ""):
        table.add_column(name, overflow="fold")
    for row in rows[:MOST_ROWS]:
        hour = "-" if row["n_expected"] is None else f"{row['n_received']} of {row['n_expected']}"
        late = Text("late", style="yellow") if row["is_late"] else Text("")
        cells = (str(row["atlas_id"]), row["type"] or "-", row["target"] or "-", duration(row["age_s"]), hour)
        table.add_row(*map(Text, cells), Text(str(row["n_silent"])), late)
    return table
