"""`rasad quarantine`: records that are kept but could not be used."""

from collections.abc import Sequence
from functools import partial
from itertools import islice
from pathlib import PurePath
from typing import Annotated, Any

import typer

from app.cli.context import NUMBER, database, errors, fails_clearly, prepared_settings
from app.cli.ingest import reparse_answer
from app.cli.output import (
    TABLE_ROWS,
    AsJson,
    AsListFormat,
    AtMost,
    Column,
    ListFormat,
    print_csv,
    print_json,
    print_ndjson,
    print_table,
)
from app.cli.seeing import seeing, tell_withheld
from app.dependencies import make_clock
from app.operations.list_quarantine import WALK, walk_quarantine
from app.operations.prepare_records import Preparer
from app.operations.quarantine_entries import quarantine_on_the_wire
from app.operations.reparse_records import retry_quarantine
from app.operations.show_quarantine import show_quarantine
from app.store.engine import writing
from app.store.find_quarantine import QuarantineCount, count_quarantined
from measurements.results.outcome import Label
from measurements.results.quarantine import QuarantineReason

TABLE = (
    Column("id"),
    Column("reason"),
    Column("detail", is_prose=True),
    Column("atlas_id", is_spared=True),
    Column("probe_id", is_spared=True),
    Column("label", is_lifted=True),
    Column("source"),
)
COLUMNS = (
    "id", "reason", "explanation", "detail", "atlas_id", "probe_id", "measured_at", "type", "label", "data_class",
    "agreement_id", "retrieved_at", "size_bytes", "text", "is_text_cut", "sources",
)  # fmt: skip
app = typer.Typer(help="See the records that could not be used, and try them again.", no_args_is_help=True)


@app.command("list")
@fails_clearly
def list_records(
    reason: Annotated[QuarantineReason | None, typer.Option(help="Only for this reason.")] = None,
    label: Annotated[Label | None, typer.Option(help="Only of this label.")] = None,
    limit: AtMost = None,
    as_format: AsListFormat = ListFormat.TABLE,
) -> None:
    """List quarantined records, the last one first.

    Examples:
        rasad quarantine list --reason truncated

        rasad quarantine list --format ndjson > quarantine.ndjson

    """
    most = limit or (TABLE_ROWS if as_format is ListFormat.TABLE else None)
    with seeing(prepared_settings()) as (connection, sight, log):
        note = partial(log.note, "quarantine", {"label": label, "reason": reason})
        size = WALK if most is None else most + 1
        entries = walk_quarantine(connection, sight, note, label=label, reason=reason, size=size)
        rows = map(quarantine_on_the_wire, islice(entries, most))
        if as_format is ListFormat.NDJSON:
            print_ndjson(rows)
        elif as_format is ListFormat.CSV:
            print_csv(COLUMNS, rows)
        else:
            _show(list(rows), is_more=next(entries, None) is not None)
        _show_counts(count_quarantined(connection))
        tell_withheld(sight.withheld(label))


def _show(rows: Sequence[dict[str, Any]], *, is_more: bool) -> None:
    if rows:
        print_table(TABLE, ({**row, "source": _source(row)} for row in rows), "quarantine")
    if is_more:
        errors.print(f"only the last {len(rows)} are shown; --limit shows more, --format csv or ndjson all of them")


def _show_counts(counts: Sequence[QuarantineCount]) -> None:
    """By reason, in words, whatever was asked for."""
    if not counts:
        errors.print("nothing is in quarantine")
    for count in counts:
        errors.print(
            f"{count.n_records} × {count.reason} ({count.label}): {QuarantineReason(count.reason).explanation}",
            markup=False,
        )


@app.command("show")
@fails_clearly
def show_record(
    record_id: Annotated[int, typer.Argument(help="The number in `rasad quarantine list`.", **NUMBER)],
) -> None:
    """Show one record: its text, why it could not be used, and how it came.

    Example: rasad quarantine show 1207
    """
    with seeing(prepared_settings()) as (connection, sight, log):
        entry = show_quarantine(connection, record_id, sight)
        log.note(f"quarantine/{record_id}", {}, int(not entry.held.is_public))
    print_json(quarantine_on_the_wire(entry, is_whole=True))


@app.command("retry")
@fails_clearly
def retry_records(as_json: AsJson = False) -> None:  # noqa: FBT002 - a flag
    """Read all quarantined records again; those that can be read now become results.

    Example: rasad quarantine retry
    """
    settings = prepared_settings()
    with database(settings) as engine, writing(engine) as connection:
        report = retry_quarantine(connection, clock=make_clock(), preparer=Preparer(settings.workers))
    if as_json:
        print_json(reparse_answer(report))
        return
    n_taken_in = report.by_status["quarantined>kept"]
    errors.print(f"read {report.read:,} quarantined records again: {n_taken_in:,} became results")


def _source(row: dict[str, Any]) -> str:
    """Where a record came from first: the name of its file without the folders."""
    return PurePath(row["sources"][0]["name"]).name if row["sources"] else ""
