"""`rasad results`: what came back, one entry per result."""

from collections.abc import Iterator
from dataclasses import asdict
from itertools import islice
from typing import Annotated, Any

import typer
from sqlalchemy import Connection

from app.cli.context import errors, fails_clearly, instant, prepared_settings
from app.cli.filters import AnyTarget, AtlasIds, Family, From, OneLabel, Probes, To
from app.cli.output import TABLE_ROWS, AsListFormat, AtMost, Column, ListFormat, print_csv, print_ndjson, print_table
from app.cli.seeing import Seeing, seeing, tell_withheld
from app.operations.label_notes import about_label, about_other_labels
from app.operations.list_results import list_results, result_filters
from app.operations.result_entries import entry_on_the_wire
from app.store.find_results import Cursor, ResultFilters
from measurements.results.outcome import Label

PAGE = 1000
COLUMNS = (
    "id", "atlas_id", "probe_id", "measured_at", "type", "target", "destination", "address_family", "protocol",
    "outcome", "error", "n_sent", "n_received", "n_duplicates", "n_send_errors", "rtt_min_ms", "rtt_mean_ms",
    "rtt_median_ms", "rtt_max_ms", "is_destination_reached", "hop_count", "last_rtt_ms", "hops", "is_by_probe_resolver",
    "answers",
    "flags", "label", "data_class", "agreement_id", "stored_at", "retrieved_at", "sources",
)  # fmt: skip
TABLE = (
    Column("id", is_spared=True),
    Column("measured_at"),
    Column("type", is_lifted=True),
    Column("atlas_id", is_spared=True),
    Column("probe_id"),
    Column("target", is_lifted=True),
    Column("address_family", is_lifted=True),
    Column("outcome"),
    Column("says", is_prose=True, is_always=True),
    Column("flags", is_prose=True),
)


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("results")(results)


@fails_clearly
def results(
    target: AnyTarget = None,
    type_: Annotated[list[str] | None, typer.Option("--type", help="ping, traceroute or dns; may be repeated.")] = None,
    atlas_id: AtlasIds = None,
    probe: Probes = None,
    address_family: Family = None,
    outcome: Annotated[list[str] | None, typer.Option(help="reply, no_reply, send_error, …; may be repeated.")] = None,
    from_: From = None,
    to: To = None,
    label: OneLabel = Label.MEASURED,
    limit: AtMost = None,
    as_format: AsListFormat = ListFormat.TABLE,
) -> None:
    """Show results, the newest first.

    Examples:
        rasad results --target k-root --label laboratory --outcome no_reply

        rasad results --type dns --from 2026-11-23 --format ndjson > dns.ndjson

    """
    settings = prepared_settings()
    filters = result_filters(
        label=label,
        atlas_ids=atlas_id or (),
        probe_ids=probe or (),
        types=type_ or (),
        target=target,
        address_family=address_family,
        outcomes=outcome or (),
        from_at=instant("from", from_),
        to_at=instant("to", to),
    )
    most = limit or (TABLE_ROWS if as_format is ListFormat.TABLE else None)
    with seeing(settings) as seen:
        entries = islice(_entries(seen, filters, min(most or PAGE, PAGE)), most)
        if as_format is ListFormat.NDJSON:
            print_ndjson(entries)
        elif as_format is ListFormat.CSV:
            print_csv(COLUMNS, entries)
        else:
            rows = [{**entry, "says": _says(entry)} for entry in entries]
            _show(rows, filters, most or 0, seen.connection)
        tell_withheld(seen.sight.withheld(filters.label))


def _show(rows: list[dict[str, Any]], filters: ResultFilters, most: int, connection: Connection) -> None:
    if not rows:
        nothing = about_other_labels(connection, filters.label, filters.target)
        print_table(TABLE, (), if_none=f"{nothing} rasad ingest PATH takes results in.")
        return
    print_table(TABLE, rows, f"results · {filters.label}")
    if len(rows) == most:
        errors.print(f"only the newest {most} are shown; --limit shows more, --format csv or ndjson all of them")
    if filters.label is not Label.MEASURED:
        errors.print(about_label(filters.label), style="yellow")


def _entries(seen: Seeing, filters: ResultFilters, size: int) -> Iterator[dict[str, Any]]:
    """Page by page; what is read of single probes is noted before it is shown."""
    place: Cursor | None = None
    while True:
        page = list_results(seen.connection, filters, seen.sight, after=place, limit=size)
        seen.log.note("results", asdict(filters), page.n_held)
        yield from map(entry_on_the_wire, page.entries)
        place = page.next_cursor
        if place is None:
            return


def _says(entry: dict[str, Any]) -> str:
    """What a result says, in a few words."""
    if entry["error"]:
        return str(entry["error"])
    if "n_sent" in entry:
        median = entry["rtt_median_ms"]
        rtt = "" if median is None else f", median {median:.1f} ms"
        return f"{entry['n_received']} of {entry['n_sent']} packets{rtt}"
    if "hop_count" in entry:
        return f"{entry['hop_count']} hops" if entry["is_destination_reached"] else "destination not reached"
    return "; ".join(map(_says_answer, entry.get("answers", ())))


def _says_answer(answer: dict[str, Any]) -> str:
    if answer["outcome"] != "answer":
        return str(answer["error"] or answer["outcome"])
    parts = (
        answer["rcode"],
        answer["text"] or answer["nsid"],
        f"{answer['response_time_ms']:.1f} ms" if answer["response_time_ms"] is not None else None,
    )
    return " ".join(str(part) for part in parts if part)
