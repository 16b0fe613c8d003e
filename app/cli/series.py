"""`rasad series`: a metric over time."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

import typer

from app.cli.context import errors, fails_clearly, instant, prepared_settings
from app.cli.filters import Asns, AtlasIds, Country, Family, From, OneLabel, Probes, Target, To
from app.cli.output import Column, Format, print_csv, print_json, print_table
from app.cli.seeing import seeing, tell_withheld
from app.operations.read_series import SeriesAnswer, query_on_the_wire, read_series, row_on_the_wire
from app.operations.sight import withheld_on_the_wire
from measurements.metrics.registry import METRICS
from measurements.results.outcome import Label
from measurements.series.query import Scope, SeriesQuery, series_query
from measurements.series.rows import COLUMNS
from measurements.targets import K_ROOT

TABLE = (
    Column("bin_at"),
    Column("country_code", is_lifted=True),
    Column("address_family", is_lifted=True),
    Column("protocol", is_lifted=True),
    Column("probe_id"),
    Column("asn"),
    Column("instance"),
    Column("value", is_always=True),
    Column("unit", is_lifted=True),
    Column("ci_low"),
    Column("ci_high"),
    Column("n_probes"),
    Column("n_asns", is_spared=True),
    Column("completeness", is_spared=True),
    Column("n_samples", is_spared=True),
    Column("flags", is_prose=True),
)
"""Columns of the table; the other formats have them all."""


@fails_clearly
def series(
    metric: Annotated[str, typer.Argument(help=f"One of {', '.join(METRICS)}.")],
    target: Target = K_ROOT.name,
    result_type: Annotated[
        str | None, typer.Option("--type", help="ping, traceroute or dns, where a metric has several.")
    ] = None,
    address_family: Family = None,
    probe: Probes = None,
    asn: Asns = None,
    country: Country = None,
    atlas_id: AtlasIds = None,
    protocol: Annotated[str | None, typer.Option(help="ICMP, UDP or TCP.")] = None,
    from_: From = None,
    to: To = None,
    bin_: Annotated[str, typer.Option("--bin", help="5m, 15m, 1h, 1d (UTC), 1d@Asia/Dushanbe, …")] = "1h",
    scope: Annotated[Scope, typer.Option(help="For whom one figure speaks.")] = Scope.NATIONAL,
    weight: Annotated[str | None, typer.Option(help="probe or asn: what counts equally.")] = None,
    label: OneLabel = Label.MEASURED,
    as_format: Annotated[Format, typer.Option("--format", help="table has the main columns only.")] = Format.TABLE,
) -> None:
    """Show a metric over time, with its interval, its n and what is missing.

    Where there are too few probes or networks for a figure, the value is left out and `flags` say so.

    Examples:
        rasad series rtt_median_ms --label laboratory --bin 5m

        rasad series instance_share --country TJ --format csv > share.csv

    """
    query = series_query(
        metric=metric,
        target=target,
        type=result_type,
        address_family=address_family,
        probe_ids=probe or (),
        asns=asn or (),
        country_code=country,
        atlas_ids=atlas_id or (),
        protocol=protocol,
        from_at=instant("from", from_),
        to_at=instant("to", to),
        bin=bin_,
        scope=scope,
        weight=weight,
        label=label,
    )
    _answer(query, as_format)


def _answer(query: SeriesQuery, as_format: Format) -> None:
    with seeing(prepared_settings()) as (connection, sight, log):
        answer = read_series(connection, query, sight, now=sight.now_at)
        log.note("series", query_on_the_wire(query), answer.n_held)
    _show(answer, query, as_format)
    tell_withheld(answer.withheld)


def _show(answer: SeriesAnswer, query: SeriesQuery, as_format: Format) -> None:
    rows: Iterable[Mapping[str, Any]] = map(row_on_the_wire, answer.rows)
    if as_format is Format.JSON:
        print_json(
            {
                "query": query_on_the_wire(query),
                "rows": list(rows),
                "notes": list(answer.notes),
                "withheld": withheld_on_the_wire(answer.withheld),
            }
        )
    elif as_format is Format.CSV:
        print_csv(COLUMNS, rows)
    elif answer.rows:
        print_table(TABLE, rows, f"{query.metric.name} · {query.target} · {query.scope} · {query.label}")
    for note in answer.notes if as_format is not Format.JSON else ():
        errors.print(note, style="yellow", markup=False)
