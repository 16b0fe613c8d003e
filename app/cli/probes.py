"""`rasad probes`: which are known, which would be chosen and why, and which are not to be."""

from typing import Annotated, Any

import typer

from app.cli.acting import acting
from app.cli.context import FAILED, NUMBER, database, errors, fails_clearly, prepared_settings
from app.cli.output import (
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
from app.dependencies import atlas_clock, atlas_label, atlas_origin
from app.doors import make_atlas
from app.operations.choose_probes import choice_entry, propose_probes
from app.operations.keep_probes import exclude_probe, include_probe, list_excluded, probe_page
from app.operations.refresh_probes import refresh_probes
from app.store.engine import transactions
from measurements.agreements.listings import asn_of
from measurements.agreements.registry import COUNTRY, NEIGHBOURS
from measurements.campaigns.choice import MOST_PACKETS_PER_DAY, Wanted
from measurements.errors import InvalidFilter
from measurements.filters import asked_country
from measurements.results.outcome import Label

PAGE = 1000
LIST = (
    Column("probe_id"), Column("country_code"), Column("asn_v4"), Column("asn_v6"), Column("is_anchor"),
    Column("status"), Column("is_excluded", is_lifted=True), Column("reason", is_prose=True), Column("observed_at"),
    Column("last_connected_at", is_spared=True), Column("status_since_at", is_spared=True),
    Column("label", is_lifted=True), Column("tags", is_prose=True, is_spared=True),
)  # fmt: skip
CHOSEN = (
    Column("probe_id"), Column("asn"), Column("organisation"), Column("country_code"), Column("is_anchor"),
    Column("status", is_spared=True), Column("reason"), Column("explanation", is_prose=True, is_spared=True),
    Column("detail", is_prose=True), Column("observed_at", is_spared=True),
)  # fmt: skip
EXCLUDED = (Column("probe_id"), Column("reason", is_prose=True), Column("said_at"), Column("label", is_lifted=True))
Probe = Annotated[int, typer.Argument(metavar="PROBE", help="The platform's number of it.", **NUMBER)]
OfLabel = Annotated[Label | None, typer.Option("--label", help="Default: of the Atlas that the settings name.")]
Countries = Annotated[list[str] | None, typer.Option("--country", help="Two letters; may be repeated.")]

app = typer.Typer(help="See probes, have some chosen, and leave some out.", no_args_is_help=True)


@app.command("list")
@fails_clearly
def list_(
    country: Annotated[str | None, typer.Option(help="Only probes in this country, two letters.")] = None,
    label: OfLabel = None,
    limit: AtMost = None,
    as_format: AsListFormat = ListFormat.TABLE,
) -> None:
    """List the probes that are known, and what the platform last said of each.

    Example: rasad probes list --country TJ
    """
    of_label, rows, place = _label(label), list[dict[str, Any]](), None
    with acting() as act:
        while True:
            page = probe_page(act, of_label, country_code=country, after=place, limit=PAGE)
            rows.extend(page.entries)
            place = page.next_after
            if place is None or (limit is not None and len(rows) >= limit):
                break
    shown = rows[:limit]
    if as_format is ListFormat.NDJSON:
        print_ndjson(shown)
    elif as_format is ListFormat.CSV:
        print_csv([column.name for column in LIST], shown)
    elif shown:
        print_table(LIST, shown, "probes")
    else:
        errors.print("none is known; rasad probes refresh --country TJ asks the platform")


@app.command("choose")
@fails_clearly
def choose(
    country: Countries = None,
    asn: Annotated[
        list[str] | None, typer.Option(help="Of the operator of a network such as AS24722; repeated.")
    ] = None,
    n: Annotated[int | None, typer.Option(help="How many; default: all that can be used.", min=1)] = None,
    per_network: Annotated[int | None, typer.Option(help="At most so many of one operator.", min=1)] = None,
    family: Annotated[int, typer.Option(help="4 or 6.")] = 4,
    neighbours: Annotated[bool, typer.Option("--neighbours", help="In Tajikistan's neighbours.")] = False,  # noqa: FBT002 - a flag
    anchors: Annotated[bool, typer.Option("--anchors", help="Only anchors.")] = False,  # noqa: FBT002 - a flag
    packets: Annotated[int, typer.Option("--packets-per-day", help="What would be asked of each.", min=0)] = 0,
    most: Annotated[int, typer.Option(help="What all of ours may ask of one.", min=0)] = MOST_PACKETS_PER_DAY,
    purpose: Annotated[str | None, typer.Option(help="What they are for: who was chosen for it before stays.")] = None,
    label: OfLabel = None,
    explain: Annotated[bool, typer.Option("--explain", help="Also those that are left out, and why.")] = False,  # noqa: FBT002 - a flag
    as_json: AsJson = False,  # noqa: FBT002 - a flag
) -> None:
    """Show which probes would be chosen now, and why. Nothing is measured, and nothing is noted.

    Examples:
        rasad probes choose --country TJ --n 20 --family 6 --explain

        rasad probes choose --neighbours --anchors --per-network 1

    """
    wanted = Wanted(
        address_family=family, n_probes=n, country_codes=(*(country or ()), *(NEIGHBOURS if neighbours else ())),
        asns=tuple(map(_asn, asn or ())), is_anchor=True if anchors else None, per_network=per_network,
        packets_per_day=packets, most_packets_per_day=most,
    )  # fmt: skip
    with acting() as act:
        answer = choice_entry(propose_probes(act, wanted, label=_label(label), purpose=purpose), wanted, _label(label))
    if as_json:
        print_json(answer)
        return
    if answer["chosen"]:
        print_table(CHOSEN, answer["chosen"], "chosen")
    if explain and answer["left_out"]:
        print_table(CHOSEN, answer["left_out"], "left out")
    errors.print(f"{answer['n_probes']} probes of {answer['n_networks']} operators, {len(answer['left_out'])} left out")
    if purpose is not None:
        errors.print(f"beside what was chosen before: {len(answer['added'])} new, {len(answer['removed'])} gone")


@app.command("exclude")
@fails_clearly
def exclude(
    probe: Probe,
    reason: Annotated[str, typer.Option(help="Why, in one line.")],
    label: OfLabel = None,
) -> None:
    """Say that a probe is not to be chosen, until it is included again.

    Example: rasad probes exclude 1001234 --reason "answers for 192.0.2.0/24, which nobody announces"
    """
    with acting() as act:
        exclude_probe(act, _label(label), probe, reason)
    errors.print(f"probe {probe} is not chosen from now on", markup=False)


@app.command("include")
@fails_clearly
def include(probe: Probe, label: OfLabel = None) -> None:
    """Say that a probe may be chosen again.

    Example: rasad probes include 1001234
    """
    with acting() as act:
        include_probe(act, _label(label), probe)
    errors.print(f"probe {probe} may be chosen again", markup=False)


@app.command("excluded")
@fails_clearly
def excluded(label: OfLabel = None, as_json: AsJson = False) -> None:  # noqa: FBT002 - a flag
    """List the probes that are not to be chosen, and why.

    Example: rasad probes excluded
    """
    with acting() as act:
        rows = list_excluded(act, _label(label))
    if as_json:
        print_json({"exclusions": rows})
    elif rows:
        print_table(EXCLUDED, rows, "not to be chosen")
    else:
        errors.print("none is excluded")


@app.command("refresh")
@fails_clearly
def refresh(country: Countries = None, as_json: AsJson = False) -> None:  # noqa: FBT002 - a flag
    """Ask the platform now where the probes of a country are, as the worker does daily where some are chosen.

    Example: rasad probes refresh --country TJ --country KG
    """
    settings, found = prepared_settings(), dict[str, int]()
    codes = sorted(set(map(asked_country, country or [COUNTRY])))
    with database(settings) as engine, atlas_clock(settings) as clock, make_atlas(settings, clock) as atlas:
        for code in codes:
            probes, _ = refresh_probes(
                transactions(engine), atlas, clock, label=atlas_label(settings), origin=atlas_origin(settings),
                country_code=code,
            )  # fmt: skip
            found[code] = len(probes)
    if as_json:
        print_json({"n_probes": found})
    for code, n_found in found.items():
        errors.print(f"{code}: {n_found} probes", markup=False)
    if not any(found.values()):
        raise SystemExit(FAILED)


def _label(given: Label | None) -> Label:
    return atlas_label(prepared_settings()) if given is None else given


def _asn(name: str) -> int:
    try:
        return asn_of(name)
    except ValueError as error:
        raise InvalidFilter("asn", str(error)) from None
