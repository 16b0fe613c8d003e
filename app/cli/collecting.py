"""`rasad follow`, `unfollow`, `followed`, `collect`: results from RIPE Atlas, kept complete."""

from collections.abc import Collection
from typing import Annotated, Any

import typer
from sqlalchemy import Engine

from app.cli.context import INTERRUPTED, NUMBER, database, errors, fail, fails_clearly, instant, prepared_settings
from app.cli.door import Door, atlas_door, bar, in_text, leave_where_failed, report
from app.cli.interrupting import interruptible
from app.cli.output import AsJson, Column, Format, print_csv, print_json, print_table
from app.cli.seeing import looking, tell_withheld
from app.dependencies import atlas_clock, atlas_label, atlas_origin
from app.operations.collect_measurement import poll, recheck
from app.operations.fetch_window import Fetched
from app.operations.follow_measurement import Following, follow_measurement
from app.operations.list_followed import followed_entries, followed_on_the_wire
from app.operations.refresh_measurement import refresh_measurement
from app.settings import Settings
from app.store import followed as store
from app.store.engine import reading, transactions
from app.store.failures import StoreFailure
from measurements.clock import Clock
from measurements.errors import NotFound, RasadError
from measurements.results.outcome import Label
from measurements.units import iso

COLUMNS = (
    Column("atlas_id"), Column("type"), Column("target"), Column("status"), Column("newest_at"), Column("age_s"),
    Column("is_stale"), Column("n_heard"), Column("n_participants"), Column("n_silent"),
    Column("polled_until_at", is_spared=True), Column("settled_at", is_spared=True),
    Column("failure", is_prose=True),
)  # fmt: skip
NOTHING = "nothing is followed yet: rasad follow NUMBER begins"
NOTHING_NEW = "nothing to collect: all that is followed is settled, or nothing is yet (rasad follow NUMBER begins)"
AtlasIds = Annotated[list[int], typer.Argument(help="Numbers of measurements on RIPE Atlas.", **NUMBER)]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("follow")(follow)
    app.command("unfollow")(unfollow)
    app.command("followed")(followed)
    app.command("collect")(collect)


@fails_clearly
def follow(
    atlas_ids: AtlasIds,
    since: Annotated[
        str | None,
        typer.Option(help="From when on: a day or an instant; default: now, or the start of a user-defined one."),
    ] = None,
    probes: Annotated[
        list[int] | None, typer.Option("--probe", help="Only these probes; default: all participants.", **NUMBER)
    ] = None,
    as_json: AsJson = False,  # noqa: FBT002 - a flag
) -> None:
    """Follow measurements: the worker keeps their results complete from now on.

    What was dispatched under an agreement is followed by itself. Of what others measure, nothing is followed that
    comes from Tajikistan or concerns its institutions, unless the three parties have said that it may be read.

    Examples:
        rasad follow 1001 10301 --probe 6042 --since 2026-11-01

        rasad follow 1001 --json

    """
    since_at = instant("since", since)
    failed: dict[int, str] = {}
    with atlas_door() as door:
        for atlas_id in atlas_ids:
            try:
                following = follow_measurement(
                    transactions(door.engine), door.atlas, door.clock, atlas_id=atlas_id, label=door.label,
                    origin=atlas_origin(door.settings), since_at=since_at, probe_ids=probes or None,
                )  # fmt: skip
            except RasadError as error:
                failed[atlas_id] = str(error)
            else:
                _say_followed(atlas_id, following)
        if as_json:
            rows = _rows(door.settings, door.engine, door.clock, door.label, atlas_ids)
            print_json({"followed": rows, "failed": in_text(failed)})
    leave_where_failed(failed)


def _say_followed(atlas_id: int, following: Following) -> None:
    found = following.measurement
    what = f"{found.type} to {found.target or 'the resolvers of the probes'}, {found.status_name}"
    news = "followed" if following.is_new else "followed already and left as it is (rasad unfollow ends that)"
    errors.print(f"{atlas_id}: {what}; {news}, since {iso(following.since_at)}", markup=False)


@fails_clearly
def unfollow(
    atlas_ids: AtlasIds,
    as_json: AsJson = False,  # noqa: FBT002 - a flag
) -> None:
    """Follow measurements no longer: all of these, or none where one is not followed. What was collected stays.

    Example: rasad unfollow 1001
    """
    settings = prepared_settings()
    with database(settings) as engine, transactions(engine)() as connection:
        for atlas_id in atlas_ids:
            if not store.unfollow(connection, atlas_id, atlas_label(settings)):
                raise NotFound(f"measurement {atlas_id} is not followed; nothing was changed")
    if as_json:
        print_json({"unfollowed": atlas_ids})
    for atlas_id in atlas_ids:
        errors.print(f"{atlas_id}: followed no longer; what was collected stays")


@fails_clearly
def followed(
    output: Annotated[Format, typer.Option("--format", help="How it is shown.")] = Format.TABLE,
) -> None:
    """List what is followed: how far collecting is, how old the newest result is, and who is silent.

    Example: rasad followed --format json
    """
    settings = prepared_settings()
    with database(settings) as engine, atlas_clock(settings) as clock:
        rows = _rows(settings, engine, clock, atlas_label(settings))
    if output is Format.JSON:
        print_json({"followed": rows})
    elif output is Format.CSV:
        print_csv([column.name for column in COLUMNS], rows)
    else:
        print_table(COLUMNS, rows, f"followed, label {atlas_label(settings)}", if_none=NOTHING)


def _rows(
    settings: Settings, engine: Engine, clock: Clock, label: Label, only: Collection[int] | None = None
) -> list[dict[str, Any]]:
    """What is followed, or these of it, as it is shown."""
    with looking(settings, engine, clock) as (connection, sight, log):
        found = followed_entries(connection, label, sight.now_at, sight)
        log.note("followed", {"label": label, "atlas_id": only and sorted(only)}, found.n_held)
    tell_withheld(found.withheld)
    return [followed_on_the_wire(entry) for entry in found.entries if only is None or entry.followed.atlas_id in only]


@fails_clearly
def collect(
    atlas_ids: Annotated[
        list[int] | None, typer.Argument(help="Which of those followed; default: all.", **NUMBER)
    ] = None,
    as_json: AsJson = False,  # noqa: FBT002 - a flag
) -> None:
    """Collect now what is new of everything followed, without waiting for the worker. Safe beside it.

    Example: rasad collect --json
    """
    total = Fetched()
    failed: dict[int, str] = {}
    with atlas_door() as door:
        wanted = _wanted(door, atlas_ids or ())
        try:
            _collect(door, wanted, total, failed)
        except KeyboardInterrupt:
            fail(f"interrupted; at least {total.kept:,} new results are in", INTERRUPTED)
    if wanted or as_json:
        report(total, failed, as_json=as_json)
    else:
        errors.print(NOTHING_NEW)


def _wanted(door: Door, atlas_ids: Collection[int]) -> list[store.Followed]:
    with reading(door.engine) as connection:
        listed = store.list_followed(connection, door.label, only_unsettled=True)
    if unknown := set(atlas_ids) - {one.atlas_id for one in listed}:
        raise NotFound(f"measurement {min(unknown)} is not followed, or settled: rasad followed lists them")
    return [one for one in listed if not atlas_ids or one.atlas_id in atlas_ids]


def _collect(door: Door, wanted: Collection[store.Followed], total: Fetched, failed: dict[int, str]) -> None:
    """Refresh, poll and re-check each; what fails keeps none of the others from it."""
    fetcher = door.fetcher(1)  # what is new is little; more processes would only take memory
    with bar() as shown, interruptible() as check:
        task = shown.add_task("", total=len(wanted), news="")
        for one in wanted:
            try:
                refresh_measurement(fetcher.transaction, door.atlas, door.clock, one, fetcher.origin)
                for ask in (poll, recheck):
                    total.add(ask(fetcher, one))
            except (RasadError, StoreFailure) as error:
                failed[one.atlas_id] = str(error)
            shown.update(task, advance=1, news=f"{total.kept:,} new results")
            check()
