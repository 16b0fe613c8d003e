"""`rasad follow`, `unfollow`, `followed`, `collect`, `backfill`: results from RIPE Atlas, kept complete."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any, NamedTuple

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn
from sqlalchemy import Engine

from app.cli.context import INTERRUPTED, NUMBER, database, errors, fail, fails_clearly, instant, prepared_settings
from app.cli.interrupting import interruptible
from app.cli.output import AsJson, Column, Format, print_csv, print_json, print_table
from app.dependencies import atlas_clock, atlas_label, atlas_origin, make_atlas, make_fetcher
from app.operations.backfill import BackfillProgress, backfill
from app.operations.collect_measurement import poll, recheck
from app.operations.fetch_window import Fetched, Fetcher
from app.operations.follow_measurement import follow_measurement
from app.operations.list_followed import followed_entries, followed_on_the_wire
from app.operations.refresh_measurement import refresh_measurement
from app.operations.refresh_probes import refresh_probes
from app.settings import Settings
from app.store import followed as store
from app.store.engine import reading, transactions
from app.store.failures import StoreFailure
from app.store.find_vantage import find_probes_ever_in
from measurements.atlas.gateway import AtlasGateway
from measurements.clock import Clock
from measurements.errors import InvalidFilter, NotFound, RasadError
from measurements.results.outcome import Label
from measurements.targets import find_target, known_targets
from measurements.units import iso

COLUMNS = (
    Column("atlas_id"), Column("type"), Column("target"), Column("status"), Column("newest_at"), Column("age_s"),
    Column("is_stale"), Column("n_heard"), Column("n_participants"), Column("n_silent"),
    Column("polled_until_at", is_spared=True), Column("settled_at", is_spared=True),
    Column("failure", is_prose=True),
)  # fmt: skip
NEVER_CONNECTED = "Never Connected"
AtlasIds = Annotated[list[int], typer.Argument(help="Numbers of measurements on RIPE Atlas.", **NUMBER)]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("follow")(follow)
    app.command("unfollow")(unfollow)
    app.command("followed")(followed)
    app.command("collect")(collect)
    app.command("backfill")(run_backfill)


class Door(NamedTuple):
    """What a command needs to ask the platform and keep the answer."""

    settings: Settings
    engine: Engine
    clock: Clock
    atlas: AtlasGateway
    label: Label

    def fetcher(self, workers: int) -> Fetcher:
        """Fetches windows of results."""
        return make_fetcher(self.settings, transactions(self.engine), self.clock, self.atlas, workers=workers)


@contextmanager
def _door() -> Iterator[Door]:
    settings = prepared_settings()
    with (
        database(settings) as engine,
        atlas_clock(settings) as clock,
        make_atlas(settings, clock) as atlas,
    ):
        yield Door(settings, engine, clock, atlas, atlas_label(settings))


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
) -> None:
    """Follow measurements: the worker keeps their results complete from now on.

    Until the agreement gate exists, whatever could bring data from Tajikistan is followed on a rehearsal only.

    Examples:
        rasad follow 1001 10301 --probe 6042 --since 2026-11-01

        RASAD_ATLAS_IS_REHEARSAL=1 RASAD_ATLAS_URL=http://127.0.0.1:8090 rasad follow 1001

    """
    since_at = instant("since", since)
    with _door() as door:
        for atlas_id in atlas_ids:
            following = follow_measurement(
                transactions(door.engine), door.atlas, door.clock, atlas_id=atlas_id, label=door.label,
                origin=atlas_origin(door.settings), since_at=since_at, probe_ids=probes or None,
            )  # fmt: skip
            found = following.measurement
            what = f"{found.type} to {found.target or 'the resolvers of the probes'}, {found.status_name}"
            news = "followed" if following.is_new else "followed already and left as it is (rasad unfollow ends that)"
            errors.print(f"{atlas_id}: {what}; {news}, since {iso(following.since_at)}", markup=False)


@fails_clearly
def unfollow(atlas_ids: AtlasIds) -> None:
    """Follow measurements no longer. What was collected stays.

    Example: rasad unfollow 1001
    """
    settings = prepared_settings()
    with database(settings) as engine, transactions(engine)() as connection:
        for atlas_id in atlas_ids:
            if not store.unfollow(connection, atlas_id, atlas_label(settings)):
                raise NotFound(f"measurement {atlas_id} is not followed")


@fails_clearly
def followed(
    output: Annotated[Format, typer.Option("--format", help="How it is shown.")] = Format.TABLE,
) -> None:
    """List what is followed: how far collecting is, how old the newest result is, and who is silent.

    Example: rasad followed --format json
    """
    settings = prepared_settings()
    with database(settings) as engine, atlas_clock(settings) as clock, reading(engine) as connection:
        entries = followed_entries(connection, atlas_label(settings), int(clock.now().timestamp()))
    rows = [followed_on_the_wire(entry) for entry in entries]
    if output is Format.JSON:
        print_json({"followed": rows})
    elif output is Format.CSV:
        print_csv([column.name for column in COLUMNS], rows)
    else:
        print_table(COLUMNS, rows, f"followed, label {atlas_label(settings)}")


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
    with _door() as door, _bar() as shown:
        with reading(door.engine) as connection:
            listed = store.list_followed(connection, door.label, only_unsettled=True)
        if unknown := set(atlas_ids or ()) - {one.atlas_id for one in listed}:
            raise NotFound(f"measurement {min(unknown)} is not followed, or settled: rasad followed lists them")
        wanted = [one for one in listed if not atlas_ids or one.atlas_id in atlas_ids]
        task = shown.add_task("", total=len(wanted), news="")
        fetcher = door.fetcher(1)  # what is new is little; more processes would only take memory
        for one in wanted:
            try:
                refresh_measurement(fetcher.transaction, door.atlas, door.clock, one, fetcher.origin)
                for fetched in (poll(fetcher, one), recheck(fetcher, one)):
                    total.add(fetched)
            except (RasadError, StoreFailure) as error:
                failed[one.atlas_id] = str(error)
            shown.update(task, advance=1, news=f"{total.kept:,} new results")
    _report(total, failed, as_json=as_json)


@fails_clearly
def run_backfill(
    builtin: Annotated[str | None, typer.Option(help="Built-ins of a known target: k-root.")] = None,
    atlas_ids: Annotated[
        list[int] | None, typer.Option("--measurement", help="Or these measurements.", **NUMBER)
    ] = None,
    country: Annotated[str | None, typer.Option(help="The probes of a country: TJ.")] = None,
    probes: Annotated[list[int] | None, typer.Option("--probe", help="Or these probes.", **NUMBER)] = None,
    from_: Annotated[str | None, typer.Option("--from", help="2026-11-01 or an instant.")] = None,
    to: Annotated[str | None, typer.Option(help="Exclusive; default: now.")] = None,
    again: Annotated[bool, typer.Option("--again", help="Also what was fetched before.")] = False,  # noqa: FBT002 - a flag
    as_json: AsJson = False,  # noqa: FBT002 - a flag
) -> None:
    """Read the past of public measurements from RIPE Atlas: free, no key needed, one question at a time.

    It can be interrupted: the same command goes on where it was. Until the agreement gate exists, Tajik probes are
    read from a rehearsal only.

    Example: rasad backfill --builtin k-root --country TJ --from 2026-11-01 --to 2026-11-08
    """
    if (builtin is None) == (not atlas_ids):
        raise InvalidFilter("builtin", "give either --builtin or --measurement")
    if (country is None) == (not probes):
        raise InvalidFilter("country", "give either --country or --probe")
    if from_ is None:
        raise InvalidFilter("from", "from when on? For example 2026-11-01")
    ids = _built_ins(builtin) if builtin is not None else sorted(set(atlas_ids or ()))
    from_at, to_at = instant("from", from_) or 0, instant("to", to)
    fetched = Fetched()
    with _door() as door, _bar() as shown, interruptible() as check:
        now_at = int(door.clock.now().timestamp())
        until_at = now_at if to_at is None else min(to_at, now_at)
        if until_at <= from_at:
            raise InvalidFilter("to", "is not after --from, or --from is in the future")
        probe_ids = _probes(door, country.upper() if country else None, probes or [])
        task = shown.add_task("", total=None, news=f"{len(probe_ids)} probes")

        def show(progress: BackfillProgress) -> None:
            day = f"measurement {progress.atlas_id}, {fetched.kept:,} new results"
            shown.update(task, completed=progress.n_done, total=progress.n_total, news=day)
            check()

        try:
            backfill(
                door.fetcher(door.settings.workers), atlas_ids=ids, probe_ids=probe_ids, from_at=from_at,
                to_at=until_at, is_again=again, on_progress=show, fetched=fetched,
            )  # fmt: skip
        except KeyboardInterrupt:
            fail(f"interrupted; {fetched.kept:,} new results are in. The same command goes on", INTERRUPTED)
    _report(fetched, {}, as_json=as_json)


def _built_ins(name: str) -> list[int]:
    target = find_target(name.strip())
    if target is None:
        known = ", ".join(target.name for target in known_targets())
        raise InvalidFilter("builtin", f"{name!r:.80} is not known; {known} is")
    return sorted(one.atlas_id for one in target.built_ins)


def _probes(door: Door, country: str | None, probe_ids: list[int]) -> list[int]:
    """The probes asked for, after the platform was asked where they are; of a country also those that were there."""
    known, _ = refresh_probes(
        transactions(door.engine), door.atlas, door.clock, label=door.label, origin=atlas_origin(door.settings),
        probe_ids=probe_ids, country_code=country,
    )  # fmt: skip
    if not known:
        raise NotFound(f"the platform knows no probe {'in ' + country if country else 'of these'}")
    with reading(door.engine) as connection:
        once = find_probes_ever_in(connection, country, door.label) if country else []
    return sorted({*once, *(probe.probe_id for probe in known if probe.status != NEVER_CONNECTED)})


def _bar() -> Progress:
    return Progress(
        SpinnerColumn(), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[news]}"), TimeRemainingColumn(),
        console=errors, transient=True, disable=not errors.is_terminal,
    )  # fmt: skip


def _report(fetched: Fetched, failed: dict[int, str], *, as_json: bool) -> None:
    answer: dict[str, Any] = {
        "n_requests": fetched.n_requests, "n_halved": fetched.n_halved, "read": fetched.read, "kept": fetched.kept,
        "duplicate": fetched.duplicate, "quarantined": fetched.quarantined, "unsupported": fetched.unsupported,
        "by_reason": dict(sorted(fetched.by_reason.items())), "failed": failed,
    }  # fmt: skip
    if as_json:
        print_json({**answer, "failed": {str(atlas_id): why for atlas_id, why in failed.items()}})
    else:
        errors.print(
            f"asked {fetched.n_requests:,} times, read {fetched.read:,} results: {fetched.kept:,} new, "
            f"{fetched.duplicate:,} held already, {fetched.quarantined:,} quarantined"
        )
        for atlas_id, why in failed.items():
            errors.print(f"  failed {atlas_id}: {why}", markup=False)
    if failed:
        raise SystemExit(1)
