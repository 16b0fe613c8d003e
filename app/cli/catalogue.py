"""`rasad targets`, `measurements`, `metrics` and `sites`: what can be asked for, and what is known about it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any

import typer

from app.cli.context import database, errors, fails_clearly, prepared_settings
from app.cli.filters import AnyTarget, OneLabel
from app.cli.output import Column, Format, print_csv, print_json, print_table
from app.cli.seeing import seeing
from app.operations.label_notes import about_label
from app.operations.list_measurements import MeasurementPage, list_measurements, measurement_on_the_wire
from app.operations.list_metrics import list_metrics
from app.operations.list_sites import list_sites
from app.operations.list_targets import TargetPage, list_targets, target_on_the_wire
from app.store.engine import reading
from measurements.results.outcome import Label

PAGE = 1000
TARGETS = (
    Column("target", is_prose=True),
    Column("label"),
    Column("type"),
    Column("address_family"),
    Column("first_bin_at"),
    Column("last_bin_at"),
    Column("addresses", is_spared=True),
)
MEASUREMENTS = (
    Column("atlas_id"),
    Column("type"),
    Column("target", is_prose=True),
    Column("address_family"),
    Column("interval_s"),
    Column("spread_s", is_spared=True),
    Column("start_at"),
    Column("stop_at", is_spared=True),
    Column("is_oneoff", is_spared=True),
    Column("participant_count"),
    Column("label", is_lifted=True),
    Column("data_class", is_spared=True),
    Column("agreement_id", is_spared=True),
    Column("retrieved_at", is_spared=True),
    Column("source", is_spared=True),
)
METRICS = (
    Column("metric"),
    Column("question", is_prose=True),
    Column("unit"),
    Column("types", is_prose=True),
    Column("statistic", is_spared=True),
    Column("statistic_across", is_spared=True),
    Column("weight", is_spared=True),
    Column("n_samples_needed", is_spared=True),
    Column("definition", is_spared=True),
)
SITES = (
    Column("site"),
    Column("country_code"),
    Column("town", is_prose=True),
    Column("reach"),
    Column("is_operational"),
)
As = Annotated[Format, typer.Option("--format", help="table, csv or json.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    for command in (targets, measurements, metrics, sites):
        app.command(command.__name__)(command)


@fails_clearly
def targets(as_format: As = Format.TABLE) -> None:
    """Show what is known by name, and what results are held about.

    Example: rasad targets
    """
    with database(prepared_settings()) as engine, reading(engine) as connection:

        def page_behind(place: str | None) -> tuple[Iterable[Any], str | None]:
            page: TargetPage = list_targets(connection, after=place, limit=PAGE)
            return page.entries, page.next_after

        entries = [target_on_the_wire(entry) for entry in _walk(page_behind)]
    if as_format is Format.JSON:
        print_json({"targets": entries})
    else:
        _show(TARGETS, [row for entry in entries for row in _holdings(entry)], as_format)


@fails_clearly
def measurements(target: AnyTarget = None, label: OneLabel = Label.MEASURED, as_format: As = Format.TABLE) -> None:
    """Show the measurements whose objects were taken in; of others nothing is expected.

    Example: rasad measurements --target k-root --label laboratory
    """
    with seeing(prepared_settings()) as (connection, sight, _):

        def page_behind(place: int | None) -> tuple[Iterable[Any], int | None]:
            page: MeasurementPage = list_measurements(connection, label=label, target=target, after=place, limit=PAGE)
            return page.rows, page.next_after

        rows = [measurement_on_the_wire(row, sight) for row in _walk(page_behind)]
    if as_format is Format.JSON:
        print_json({"measurements": rows})
    else:
        none = f"none is held as {label}; rasad ingest-measurements FILE takes in what the platform says of them"
        _show(MEASUREMENTS, rows, as_format, "measurements", none)
    if label is not Label.MEASURED and as_format is Format.TABLE:
        errors.print(about_label(label), style="yellow")


@fails_clearly
def metrics(as_format: As = Format.TABLE) -> None:
    """Show the metrics that a series can be asked for: question, unit, and how each is worked out.

    Examples:
        rasad metrics

        rasad metrics --format json

    """
    catalogue = list_metrics()
    if as_format is Format.JSON:
        print_json(catalogue)
    else:
        columns = METRICS if as_format is Format.CSV else METRICS[:-1]  # a definition is a page of its own
        _show(columns, catalogue["metrics"], as_format)


@fails_clearly
def sites(
    country: Annotated[
        str | None, typer.Option("--country", "--country-code", help="Only in this country, two letters.")
    ] = None,
    as_format: As = Format.TABLE,
) -> None:
    """Show where the servers of K-root stand: the table by which the instances that answer are named.

    Example: rasad sites --country TJ
    """
    table = list_sites(country)
    if as_format is Format.JSON:
        print_json(table)
        return
    title = f"sites of {table['target']} · {table['as_of_on']} · {table['source']}"
    _show(SITES, table["sites"], as_format, title, f"no site stands in {country}; rasad sites shows all of them")


def _walk(page_behind: "Callable[[Any], tuple[Iterable[Any], Any]]") -> Iterator[Any]:
    """The entries of all pages, given how to read the one behind a place; None is the beginning and the end."""
    entries, place = page_behind(None)
    yield from entries
    while place is not None:
        entries, place = page_behind(place)
        yield from entries


def _holdings(target: dict[str, Any]) -> list[dict[str, Any]]:
    name = {"target": target["target"], "addresses": target["addresses"]}
    return [{**name, **holding} for holding in target["holdings"]] or [name]


def _show(
    columns: tuple[Column, ...], rows: Sequence[Mapping[str, Any]], as_format: Format, title: str = "", none: str = ""
) -> None:
    if as_format is Format.CSV:
        print_csv([column.name for column in columns], rows)
    else:
        print_table(columns, rows, title, if_none=none)
