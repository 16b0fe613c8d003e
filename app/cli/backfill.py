"""`rasad backfill`: the past of public measurements, read from RIPE Atlas."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from app.cli.context import INTERRUPTED, NUMBER, fail, fails_clearly, instant
from app.cli.door import Door, atlas_door, bar, report
from app.cli.interrupting import interruptible
from app.cli.output import AsJson
from app.dependencies import atlas_origin
from app.operations.backfill import BackfillProgress, backfill
from app.operations.fetch_window import Fetched
from app.operations.refresh_probes import refresh_probes
from app.store.engine import reading, transactions
from app.store.find_vantage import find_probes_ever_in
from measurements.atlas.failures import AtlasFailure
from measurements.errors import InvalidFilter, NotFound
from measurements.targets import find_target, known_targets

NEVER_CONNECTED = "Never Connected"


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

    It can be interrupted: the same command goes on where it was. Tajik probes are read where the three parties have
    said that public results may be (`rasad memorandum amend --allow-reading --text TEXT`), and from a rehearsal.

    Examples:
        rasad backfill --builtin k-root --country TJ --from 2026-11-01

        rasad backfill --measurement 1001 --probe 6042 --from 2026-11-01 --json

    """
    if (builtin is None) == (not atlas_ids):
        raise InvalidFilter("builtin", "give either --builtin or --measurement")
    if (country is None) == (not probes):
        raise InvalidFilter("country", "give either --country or --probe")
    if from_ is None:
        raise InvalidFilter("from", "from when on? For example 2026-11-01")
    ids = _built_ins(builtin) if builtin is not None else sorted(set(atlas_ids or ()))
    from_at, to_at, fetched = instant("from", from_) or 0, instant("to", to), Fetched()
    with atlas_door() as door, bar() as shown, interruptible() as check:
        now_at = int(door.clock.now().timestamp())
        until_at = now_at if to_at is None else min(to_at, now_at)
        if until_at <= from_at:
            raise InvalidFilter("to", "is not after --from, or --from is in the future")
        probe_ids = _probes(door, country.upper() if country else None, probes or [])
        task = shown.add_task("", total=None, news=f"{len(probe_ids)} probes")

        def show(progress: BackfillProgress) -> None:
            check()
            day = f"measurement {progress.atlas_id}, {fetched.kept:,} new results"
            shown.update(task, completed=progress.n_done, total=progress.n_total, news=day)

        with _saying_what_is_in(fetched):
            backfill(
                door.fetcher(door.settings.workers), atlas_ids=ids, probe_ids=probe_ids, from_at=from_at,
                to_at=until_at, is_again=again, on_progress=show, fetched=fetched,
            )  # fmt: skip
    report(fetched, {}, as_json=as_json)


@contextmanager
def _saying_what_is_in(fetched: Fetched) -> Iterator[None]:
    """Where it ends before its end: what came by then, and whether the same command would go on."""
    try:
        yield
    except KeyboardInterrupt:
        fail(f"interrupted; {fetched.kept:,} new results are in. The same command goes on", INTERRUPTED)
    except AtlasFailure as failure:
        if not failure.is_retryable and not fetched.read:
            raise
        goes_on = ". The same command goes on" if failure.is_retryable else ""
        fail(f"{failure}; {fetched.kept:,} new results are in{goes_on}")


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
