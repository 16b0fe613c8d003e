"""What commands that ask RIPE Atlas have in common: its door, a bar for those who wait, and what came of asking."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn
from sqlalchemy import Engine

from app.cli.context import FAILED, database, errors, prepared_settings
from app.cli.output import print_json
from app.dependencies import atlas_clock, atlas_label
from app.doors import make_atlas, make_fetcher
from app.operations.fetch_window import Fetched, Fetcher
from app.settings import Settings
from app.store.engine import transactions
from measurements.atlas.failures import AtlasFailure
from measurements.atlas.gateway import AtlasGateway
from measurements.clock import Clock
from measurements.results.outcome import Label


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
def atlas_door() -> Iterator[Door]:
    """Open it while the block runs; whoever waits for the platform is told why."""
    settings = prepared_settings()
    with (
        database(settings) as engine,
        atlas_clock(settings) as clock,
        make_atlas(settings, clock, _say_waiting) as atlas,
    ):
        yield Door(settings, engine, clock, atlas, atlas_label(settings))


def _say_waiting(failure: AtlasFailure, wait_s: float) -> None:
    errors.print(f"waiting: {failure}; asked again in {wait_s:.0f} s", markup=False)


def bar() -> Progress:
    """A bar on a terminal, and nothing elsewhere."""
    return Progress(
        SpinnerColumn(), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[news]}"), TimeRemainingColumn(),
        console=errors, transient=True, disable=not errors.is_terminal,
    )  # fmt: skip


def report(fetched: Fetched, failed: Mapping[int, str], *, as_json: bool) -> None:
    """Say what came of asking, and leave with 1 where something failed."""
    answer: dict[str, Any] = {
        "n_requests": fetched.n_requests, "n_halved": fetched.n_halved, "read": fetched.read, "kept": fetched.kept,
        "duplicate": fetched.duplicate, "quarantined": fetched.quarantined, "unsupported": fetched.unsupported,
        "by_reason": dict(sorted(fetched.by_reason.items())), "failed": in_text(failed),
    }  # fmt: skip
    if as_json:
        print_json(answer)
    else:
        errors.print(
            f"asked {fetched.n_requests:,} times, read {fetched.read:,} results: {fetched.kept:,} new, "
            f"{fetched.duplicate:,} held already, {fetched.quarantined:,} quarantined"
        )
    leave_where_failed(failed)


def leave_where_failed(failed: Mapping[int, str]) -> None:
    """Say of which measurements it failed, and why, and leave with 1; go on where it failed of none."""
    for atlas_id, why in failed.items():
        errors.print(f"  failed {atlas_id}: {why}", markup=False)
    if failed:
        raise SystemExit(FAILED)


def in_text(failed: Mapping[int, str]) -> dict[str, str]:
    """The same with keys that JSON knows."""
    return {str(atlas_id): why for atlas_id, why in failed.items()}
