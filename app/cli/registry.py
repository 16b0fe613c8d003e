"""`rasad ingest-registry`, `rasad registry refresh` and `rasad registry show`: what is Tajik, by whose word."""

from collections.abc import Iterable
from typing import Annotated, Any

import typer

from app.cli.context import FAILED, database, errors, fails_clearly, instant, prepared_settings
from app.cli.filters import OneLabel
from app.cli.objects import Files
from app.cli.output import AsJson, Column, Format, print_csv, print_json, print_table
from app.dependencies import atlas_clock, atlas_label, make_clock, ripestat_origin
from app.doors import make_ripestat
from app.files import find_recordings
from app.operations.ingest_registry import RegistryReport, ingest_registry
from app.operations.refresh_registry import refresh_registry
from app.operations.show_registry import show_registry
from app.store.engine import reading, transactions
from measurements.results.outcome import Label
from measurements.ripestat.told import Said

FACTS = (
    Column("kind"),
    Column("value"),
    Column("origin_asn"),
    Column("listed_by"),
    Column("since_at"),
    Column("observed_at"),
)
IN_WORDS = {True: "Tajik", False: "not Tajik", None: "not known whether it is Tajik"}

app = typer.Typer(help="What registries say is Tajik: ask RIPEstat, and look something up.", no_args_is_help=True)


def register(main: typer.Typer) -> None:
    """Add the commands of this module."""
    main.add_typer(app, name="registry")
    main.command("ingest-registry")(ingest)


@fails_clearly
def ingest(
    paths: Files,
    country: Annotated[
        str | None, typer.Option(help="Of which country files are that do not say so: TJ, or they are refused.")
    ] = None,
    observed: Annotated[
        str | None, typer.Option(help="As of when files are true that do not say so: 2026-02-01 or an instant.")
    ] = None,
    label: Annotated[Label, typer.Option(help="For which kind of measurements they decide.")] = Label.MEASURED,
    as_json: AsJson = False,  # noqa: FBT002 - a flag
) -> None:
    """Take in what registries list as Tajik: saved answers of RIPEstat, and lists that others have republished.

    Known are RIPEstat's country-resource-list (say --country TJ: the answer does not) and announced-prefixes, the
    former as a list with its source, and aggregated.json of rir-ip (say --observed: the file does not). All else is
    refused.

    Example: rasad ingest-registry country-resource-list.json --country TJ
    """
    said = Said(country, instant("observed", observed))
    with database(prepared_settings()) as engine:
        report = ingest_registry(
            transactions(engine), find_recordings(paths), label=label, clock=make_clock(), said=said
        )
    _print_report(report, as_json=as_json)


@app.command("refresh")
@fails_clearly
def refresh(as_json: AsJson = False) -> None:  # noqa: FBT002 - a flag
    """Ask RIPEstat now what is registered in Tajikistan and what its networks announce, as the worker does daily.

    All of it is kept or none. It is one question for the country and one for each of its networks, one at a time.

    Example: rasad registry refresh
    """
    settings = prepared_settings()
    with (
        database(settings) as engine,
        atlas_clock(settings) as clock,
        make_ripestat(settings, clock) as ripestat,
        errors.status(f"asking {settings.ripestat_url}"),
    ):
        refreshed = refresh_registry(
            transactions(engine), ripestat, clock, label=atlas_label(settings), origin=ripestat_origin(settings)
        )
    figures = refreshed.figures()
    if as_json:
        print_json({**figures, "warnings": list(refreshed.warnings)})
        return
    errors.print(
        f"{figures['n_prefixes']:,} prefixes and {figures['n_networks']:,} networks are registered in Tajikistan; "
        f"the networks announce {figures['n_originated']:,} prefixes"
    )
    errors.print(
        f"{sum(refreshed.written):,} listings: {figures['new']:,} new, {figures['changed']:,} changed, "
        f"{figures['unchanged']:,} unchanged"
    )
    _print_warnings(refreshed.warnings)


@app.command("show")
@fails_clearly
def show(
    asked: Annotated[str, typer.Argument(help="An address, a prefix, a network such as AS24722, or a name.")],
    label: OneLabel = Label.MEASURED,
    as_format: Annotated[Format, typer.Option("--format", help="table, csv or json.")] = Format.TABLE,
) -> None:
    """Is this Tajik? By which fact, since when it has been listed, and when that was last seen.

    What is not known counts as Tajik: it is measured with the parties' agreement only.

    Examples:
        rasad registry show 85.9.128.1

        rasad registry show AS24722 --format json

    """
    settings = prepared_settings()
    with database(settings) as engine, atlas_clock(settings) as clock, reading(engine) as connection:
        answer = show_registry(connection, asked, int(clock.now().timestamp()), label)
    if as_format is Format.JSON:
        print_json(answer)
    elif as_format is Format.CSV:
        print_csv([column.name for column in FACTS], answer["facts"])
    else:
        _print_answer(answer)


def _print_answer(answer: dict[str, Any]) -> None:
    organisation = f" ({answer['organisation']})" if answer["organisation"] else ""
    print(f"{answer['asked']}{organisation}: {IN_WORDS[answer['is_tajik']]}; {answer['why']}")
    if answer["facts"]:
        print_table(FACTS, answer["facts"])
    registry = answer["registry"]
    if registry["is_complete"]:
        errors.print(f"as of {registry['observed_at']}, by what is held as {answer['label']}")
    else:
        errors.print("what is held is no whole registry; rasad registry refresh asks RIPEstat", style="yellow")


def _print_report(report: RegistryReport, *, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "read": report.read,
                "new": report.new,
                "changed": report.changed,
                "unchanged": report.unchanged,
                "partial": report.partial,
                "by_kind": dict(report.by_kind),
                "refused": report.refused,
                "warnings": list(report.warnings),
            }
        )
    else:
        errors.print(
            f"read {report.read:,} listings: {report.new:,} new, {report.changed:,} changed, "
            f"{report.unchanged:,} unchanged"
        )
        if report.partial:
            errors.print(f"  {report.partial:,} of them lack something, and are kept and not used", style="yellow")
        for name, reason in report.refused.items():
            errors.print(f"  refused {name}: {reason}", markup=False)
        _print_warnings(report.warnings)
    if report.refused:
        raise SystemExit(FAILED)


def _print_warnings(warnings: Iterable[str]) -> None:
    for warning in warnings:
        errors.print(f"  RIPEstat says: {warning}", markup=False)
