"""`rasad request`: ask what you want to know, see what would come of it, and how it stands."""

from typing import Annotated, Any

import typer

from app.cli.acting import acting
from app.cli.context import NUMBER, database, errors, fails_clearly, instant, prepared_settings
from app.cli.output import AsJson, Column, print_json, print_table
from app.dependencies import atlas_clock, atlas_label
from app.doors import make_atlas
from app.operations import change_request, make_request
from app.operations.acting import Acting
from app.operations.request_entries import one_request, request_entry, request_page, template_entries
from app.operations.stop_dispatches import decide_again
from app.operations.try_request import try_request
from app.store.engine import transactions
from measurements.campaigns.limits import PlatformLimits
from measurements.requests.request import ONCE, Question, read_question
from measurements.results.outcome import Label
from measurements.units import iso

COLUMNS = (
    Column("request_id"), Column("state"), Column("title", is_prose=True), Column("start_at"), Column("stop_at"),
    Column("name", is_spared=True), Column("n_runs"), Column("n_under_way", is_spared=True),
)  # fmt: skip
RUNS = (
    Column("type"), Column("target"), Column("address_family"), Column("state"), Column("agreement_id"),
    Column("dispatch_id", is_spared=True), Column("atlas_id"), Column("explanation", is_prose=True),
)  # fmt: skip
TRIED = (
    Column("type"), Column("target"), Column("address_family"), Column("agreement_id"), Column("is_permitted"),
    Column("interval_s"), Column("explanation", is_prose=True),
)  # fmt: skip
TEMPLATES = (Column("template"), Column("title", is_prose=True), Column("needs"), Column("explains", is_prose=True))
Number = Annotated[int, typer.Argument(metavar="NUMBER", help="The request's number.", **NUMBER)]
Places = Annotated[
    list[str] | None,
    typer.Option("--place", help="tajikistan (the default), neighbours, KG or AS24722; may be given more than once."),
]
Probes = Annotated[int | None, typer.Option(help="From how many probes at most; default: as agreed.")]
Every = Annotated[str | None, typer.Option(help="Seconds between rounds, or once; default: as often as agreed.")]
From = Annotated[str | None, typer.Option("--from", help="When it begins; default: in a minute.")]
To = Annotated[str | None, typer.Option(help="When it ends, exclusive; default: after a day, or as the template says.")]
PAGE = 1_000

request = typer.Typer(no_args_is_help=True, help="Ask what you want to know.")


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(request, name="request")


@request.command("ask")
@fails_clearly
def ask(
    targets: Annotated[
        list[str] | None, typer.Argument(metavar="[TARGET]...", help="Names of the catalogue, or addresses.")
    ] = None,
    template: Annotated[str | None, typer.Option(help="A question from `rasad request templates`.")] = None,
    types: Annotated[
        list[str] | None, typer.Option("--type", help="ping (the default), traceroute or dns; may be repeated.")
    ] = None,
    query: Annotated[str | None, typer.Option(help="Of dns: the name that is asked for, such as tj.")] = None,
    family: Annotated[list[int] | None, typer.Option(help="4 or 6; both unless given.")] = None,
    places: Places = None,
    probes: Probes = None,
    every: Every = None,
    from_: From = None,
    to: To = None,
    agreement: Annotated[int | None, typer.Option(help="Under this agreement only.", **NUMBER)] = None,
    dry_run: Annotated[  # noqa: FBT002 - a flag
        bool, typer.Option("--dry-run", help="Only say what would come of it, and what it costs.")
    ] = False,
    as_json: AsJson = False,  # noqa: FBT002 - a flag
) -> None:
    """Ask for something to be measured. What no agreement covers yet waits for consent.

    Example: rasad request ask --template k-root-inside --dry-run

    Example: rasad request ask k-root --type ping --place neighbours --probes 5 --every 3600 --to 2026-12-08
    """
    said = {
        "template": template,
        "targets": targets or None,
        "measurements": _measurements(types, query),
        "address_families": family or None,
        "places": places or None,
        "n_probes": probes,
        "every_s": _every(every),
        "agreement_id": agreement,
        **_times(from_, to),
    }
    question, settings = _question(said), prepared_settings()
    place = atlas_label(settings), question, settings.limits
    with acting() as act:
        told = try_request(act, *place) if dry_run else _made(act, *place)
    _show_tried(told, as_json=as_json) if dry_run else _show(told, as_json=as_json)


@request.command("templates")
@fails_clearly
def templates(as_json: AsJson = False) -> None:  # noqa: FBT002 - a flag
    """List the questions that can be asked by name.

    Example: rasad request templates
    """
    entries = template_entries()
    print_json({"templates": entries}) if as_json else print_table(TEMPLATES, entries, "questions")


@request.command("show")
@fails_clearly
def show(number: Number, as_json: AsJson = False) -> None:  # noqa: FBT002 - a flag
    """Show how a request stands, and why something of it did not happen.

    Example: rasad request show 7
    """
    with acting() as act:
        entry = one_request(act, number)
    _show(entry, as_json=as_json)


@request.command("list")
@fails_clearly
def list_(as_json: AsJson = False) -> None:  # noqa: FBT002 - a flag
    """List what was asked for: your own requests, or everybody's where you may see them.

    Example: rasad request list
    """
    entries = list[dict[str, Any]]()
    with acting() as act:
        page = request_page(act, limit=PAGE)
        entries += page.entries
        while page.next_after is not None:
            page = request_page(act, after=page.next_after, limit=PAGE)
            entries += page.entries
    print_json({"requests": entries}) if as_json else print_table(COLUMNS, entries, "requests")


@request.command("cancel")
@fails_clearly
def cancel(number: Number, as_json: AsJson = False) -> None:  # noqa: FBT002 - a flag
    """End a request: what was not sent never is, and what runs is stopped, and read back until it has stopped.

    Example: rasad request cancel 7
    """
    settings = prepared_settings()
    with acting() as act:
        entry = request_entry(act, change_request.cancel_request(act, number))
    if entry["n_under_way"]:
        with database(settings) as engine, atlas_clock(settings) as clock, make_atlas(settings, clock) as atlas:
            stopping = decide_again(transactions(engine), atlas, clock, atlas_label(settings), settings.limits)
        for atlas_id, why in stopping.failures.items():
            errors.print(f"{atlas_id}: {why}; the worker goes on trying to stop it", markup=False)
        with acting() as act:
            entry = one_request(act, number)
    _show(entry, as_json=as_json)


@request.command("extend")
@fails_clearly
def extend(
    number: Number,
    to: Annotated[str, typer.Option(help="The later end, exclusive.")],
    as_json: AsJson = False,  # noqa: FBT002 - a flag
) -> None:
    """Have a request go on to a later end, as far as an agreement covers that; else it says which votes that takes.

    Example: rasad request extend 7 --to 2026-12-15
    """
    stop_at, limits = instant("to", to) or 0, prepared_settings().limits
    with acting() as act:
        entry = request_entry(act, change_request.extend_request(act, number, stop_at, limits))
    _show(entry, as_json=as_json)


@request.command("clone")
@fails_clearly
def clone(
    number: Number,
    places: Places = None,
    probes: Probes = None,
    every: Every = None,
    from_: From = None,
    to: To = None,
    as_json: AsJson = False,  # noqa: FBT002 - a flag
) -> None:
    """Ask for the same again, for as long, from now on, but for what is said otherwise.

    Example: rasad request clone 7 --place AS24722
    """
    said = {"places": places or None, "n_probes": probes, "every_s": _every(every), **_times(from_, to)}
    question, settings = _question(said), prepared_settings()
    label, limits = atlas_label(settings), settings.limits
    with acting() as act:
        entry = request_entry(act, make_request.clone_request(act, label, number, question, limits))
    _show(entry, as_json=as_json)


def _made(act: Acting, label: Label, question: Question, limits: PlatformLimits) -> dict[str, Any]:
    return request_entry(act, make_request.make_request(act, label, question, limits=limits))


def _question(said: dict[str, Any]) -> Question:
    return read_question({name: value for name, value in said.items() if value is not None})


def _measurements(types: list[str] | None, query: str | None) -> list[dict[str, Any]] | None:
    if query is not None and types is None:
        types = ["dns"]
    asked = {} if query is None else {"query_argument": query}
    return None if types is None else [{"type": one, "parameters": asked if one == "dns" else {}} for one in types]


def _every(text: str | None) -> int | str | None:
    return int(text) if text is not None and text != ONCE and text.isdecimal() else text


def _times(from_: str | None, to: str | None) -> dict[str, str | None]:
    start_at, stop_at = instant("from", from_), instant("to", to)
    return {
        "start_at": None if start_at is None else iso(start_at),
        "stop_at": None if stop_at is None else iso(stop_at),
    }


def _show(entry: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(entry)
        return
    typer.echo(f"Request {entry['request_id']}: {entry['title']} ({entry['state'].replace('_', ' ')})")
    print_table(RUNS, entry["runs"])
    for run in entry["runs"]:
        for one in run["missing"]:
            typer.echo(f"missing for {run['type']} to {run['target']}: {one['says']}")
    _show_cost(entry["cost"])


def _show_tried(tried: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(tried)
        return
    typer.echo("It would be permitted." if tried["is_permitted"] else "Not all of it would be permitted.")
    print_table(TRIED, tried["measurements"])
    for one in tried["measurements"]:
        what = f"{one['type']} to {one['target']}, IPv{one['address_family']}"
        for lack in one["missing"]:
            typer.echo(f"{what}: missing in agreement {one['agreement_id']}: {lack['says']}")
        for reuse in one["reuse"]:
            typer.echo(f"{what}: measurement {reuse['atlas_id']} answers it for free. {reuse['explanation']}")
    _show_cost(tried["cost"])
    typer.echo("--json shows what RIPE Atlas would be asked for, word for word.")


def _show_cost(cost: dict[str, Any]) -> None:
    known = "" if cost["n_probes_expected"] is None else f" ({cost['n_probes_expected']} are known there)"
    typer.echo(
        f"At most {cost['credits']:,} credits in total, {cost['credits_per_day']:,} and {cost['n_results_per_day']:,} "
        f"results a day, {cost['packets_per_s']:.3f} packets/s toward a target, from {cost['n_probes']} probes{known}."
    )
