"""`rasad ingest` and `rasad reparse`: recordings in, and everything again from the raw records."""

from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn

from app.cli.context import FAILED, INTERRUPTED, database, errors, fail, fails_clearly, prepared_settings
from app.cli.interrupting import interruptible
from app.cli.output import AsJson, print_json
from app.dependencies import make_clock
from app.files import find_recordings
from app.garbage import collect_seldom
from app.operations.ingest_results import IngestReport, ingest_results
from app.operations.ingest_results import Progress as IngestProgress
from app.operations.prepare_records import Preparer
from app.operations.reparse_records import ReparseReport, reparse_records
from app.store.count_holdings import count_records
from app.store.engine import transactions, writing
from measurements.results.outcome import Label
from measurements.results.quarantine import QuarantineReason

_OWN_PROBES = {Label.LABORATORY.value: "our laboratory's probes", Label.REHEARSED.value: "the rehearsal's probes"}


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("ingest")(ingest)
    app.command("reparse")(reparse)


@fails_clearly
def ingest(
    paths: Annotated[list[str], typer.Argument(help="Files, folders (walked), or - for standard input.")],
    label: Annotated[
        Label,
        typer.Option(help="What the results are. Our laboratory's and the rehearsal's are labelled so in any case."),
    ] = Label.MEASURED,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes that read records; default: one per core.")
    ] = None,
    as_json: AsJson = False,  # noqa: FBT002 - a flag
) -> None:
    """Take in recorded RIPE Atlas results: JSON arrays, one object per line, gz, bz2 or zst, mixed types.

    A file without any result (an index, a note) is skipped and named. What cannot be read goes to quarantine
    with its reason. Repeating an ingest changes nothing; one that was cut off is finished by running it again.

    Examples:
        rasad ingest traceroute-2026-11-20T0300.bz2

        rasad ingest recordings/ --json

        zcat today.gz | rasad ingest -

    """
    settings, recordings = prepared_settings(), find_recordings(paths)
    with database(settings) as engine, _progress() as shown, interruptible() as check:
        task = shown.add_task("", total=sum(recording.size_bytes for recording in recordings) or None, rate="")

        def show(progress: IngestProgress) -> None:
            check()
            rate = f"{progress.n_read:,} results, {_rate(progress.n_read, shown.tasks[0].elapsed)}"
            shown.update(task, completed=progress.done_bytes, rate=rate)

        report = IngestReport()
        collect_seldom()
        try:
            ingest_results(
                transactions(engine),
                recordings,
                label=label,
                clock=make_clock(),
                preparer=Preparer(workers or settings.workers),
                on_progress=show,
                report=report,
            )
        except KeyboardInterrupt:
            fail(f"interrupted; {report.read:,} records are in. The same command again finishes it", INTERRUPTED)
    _print_json_report(report) if as_json else _print_report(report, label)
    if any(note.status == "failed" for note in report.notes):
        raise SystemExit(FAILED)


@fails_clearly
def reparse(
    as_json: AsJson = False,  # noqa: FBT002 - a flag
) -> None:
    """Rebuild all results, samples and bins from the raw records, and say what changed.

    For after an upgrade that reads results better. It is done as a whole or not at all; queries go on meanwhile,
    other writers wait.

    Example: rasad reparse --json
    """
    settings = prepared_settings()
    with database(settings) as engine, writing(engine) as connection, _progress() as shown:
        task = shown.add_task("", total=count_records(connection), rate="")

        def show(n_read: int) -> None:
            shown.update(task, completed=n_read, rate=f"{n_read:,} records, {_rate(n_read, shown.tasks[0].elapsed)}")

        report = reparse_records(connection, clock=make_clock(), preparer=Preparer(settings.workers), on_progress=show)
    answer = reparse_answer(report)
    if as_json:
        print_json(answer)
    else:
        for name, value in answer.items():
            errors.print(f"{name:>20}  {value}")


def reparse_answer(report: ReparseReport) -> dict[str, Any]:
    """A reparse as it is printed: what was read, and what came out different."""
    changes = report.changes._asdict() if report.changes else {}
    return {
        "read": report.read,
        "by_status": dict(report.by_status),
        **changes,
        "seconds": round(report.seconds, 3),
    }


def _progress() -> Progress:
    return Progress(
        SpinnerColumn(),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        console=errors,
        transient=True,
        disable=not errors.is_terminal,
    )


def _rate(n: int, elapsed_s: float | None) -> str:
    return f"{n / elapsed_s:,.0f}/s" if elapsed_s else ""


def _print_json_report(report: IngestReport) -> None:
    named = [note._asdict() for note in report.notes]
    print_json(
        {
            "read": report.read,
            "kept": report.kept,
            "duplicate": report.duplicate,
            "quarantined": report.quarantined,
            "unsupported": report.unsupported,
            "by_type": dict(sorted(report.by_type.items())),
            "by_reason": dict(sorted(report.by_reason.items())),
            "files": {
                "read": report.n_files,
                "skipped": sum(note.status == "skipped" for note in report.notes),
                "failed": sum(note.status == "failed" for note in report.notes),
                "named": named,
            },
            "seconds": round(report.seconds, 3),
        }
    )


def _print_report(report: IngestReport, asked: Label) -> None:
    errors.print(
        f"read {report.read:,} results from {report.n_files} {'file' if report.n_files == 1 else 'files'} "
        f"in {report.seconds:.1f} s: {report.kept:,} kept, {report.duplicate:,} duplicate, "
        f"{report.quarantined:,} quarantined, {report.unsupported:,} of unsupported types"
    )
    for label, n in report.by_label.items():
        if label != asked:
            verb = "is" if n == 1 else "are"
            errors.print(f"  {n:,} {verb} of {_OWN_PROBES[label]} and labelled {label}, never {asked}")
    for reason, n in report.by_reason.most_common():
        errors.print(f"  quarantined {n:,}: {QuarantineReason(reason).explanation}")
    for note in report.notes:
        errors.print(f"  {note.status} {escape(note.name)}: {escape(note.reason)}")
    if report.quarantined:
        errors.print("  to see them: rasad quarantine list")
