"""`rasad ingest-measurements` and `rasad ingest-probes`: what the platform says of both ends."""

from typing import Annotated

import typer

from app.cli.context import FAILED, database, errors, fails_clearly, instant, prepared_settings
from app.cli.output import AsJson, print_json
from app.dependencies import make_clock
from app.files import find_recordings
from app.operations import ingest_measurements as measurements
from app.operations import ingest_probes as probes
from app.operations.ingest_objects import ObjectsReport
from app.store.engine import transactions
from measurements.results.outcome import Label

REASONS_NAMED = 5
Files = Annotated[list[str], typer.Argument(help="Files, folders (walked), or - for standard input.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("ingest-measurements")(ingest_measurements)
    app.command("ingest-probes")(ingest_probes)


@fails_clearly
def ingest_measurements(
    paths: Files,
    label: Annotated[Label, typer.Option(help="What the results of these measurements are.")] = Label.MEASURED,
    as_json: AsJson = False,  # noqa: FBT002 - a flag
) -> None:
    """Take in measurement objects of the platform: how often results are due, and of which probes.

    Without them, what is expected is unknown, and `reach` counts only probes that delivered something.

    Example: rasad ingest-measurements 1001.json 5001.json
    """
    with database(prepared_settings()) as engine:
        report = measurements.ingest_measurements(
            transactions(engine), find_recordings(paths), label=label, clock=make_clock()
        )
    _print_report(report, "measurements", as_json=as_json)


@fails_clearly
def ingest_probes(
    paths: Files,
    label: Annotated[Label, typer.Option(help="What the results of these probes are.")] = Label.MEASURED,
    observed: Annotated[
        str | None, typer.Option(help="When the platform said so, for objects without a day: 2026-11-23 or an instant.")
    ] = None,
    as_json: AsJson = False,  # noqa: FBT002 - a flag
) -> None:
    """Take in probe objects of the platform: for which network and country a probe speaks, and since when.

    A result speaks for the network its probe was in at that instant, so keep dated copies coming.

    Example: rasad ingest-probes 20261123.json.bz2
    """
    observed_at = instant("observed", observed)
    with database(prepared_settings()) as engine:
        report = probes.ingest_probes(
            transactions(engine), find_recordings(paths), label=label, clock=make_clock(), observed_at=observed_at
        )
    _print_report(report, "probes", as_json=as_json)


def _print_report(report: ObjectsReport, what: str, *, as_json: bool) -> None:
    n_refused = report.refused.total()
    if as_json:
        print_json(
            {
                "read": report.read,
                "new": report.new,
                "changed": report.changed,
                "unchanged": report.unchanged,
                "refused": n_refused,
                "by_reason": dict(report.refused),
                "failed": report.failed,
            }
        )
    else:
        errors.print(
            f"read {report.read:,} {what}: {report.new:,} new, {report.changed:,} changed, "
            f"{report.unchanged:,} unchanged, {n_refused:,} refused"
        )
        for reason, n in report.refused.most_common(REASONS_NAMED):
            errors.print(f"  refused {n:,}: {reason}", markup=False)
        if len(report.refused) > REASONS_NAMED:
            errors.print(f"  and for {len(report.refused) - REASONS_NAMED} more reasons; --json names all")
        for name, reason in report.failed.items():
            errors.print(f"  failed {name}: {reason}", markup=False)
    if report.failed or (report.read and n_refused == report.read):
        raise SystemExit(FAILED)
