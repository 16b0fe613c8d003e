"""`rasad dispatch`, `withdraw` and `target`: have measured what was agreed on, end it, and whom it reaches."""

from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

import typer
from sqlalchemy import Engine

from app.cli.acting import acting, caller_of
from app.cli.context import FAILED, NUMBER, database, errors, fail, fails_clearly, instant, prepared_settings
from app.cli.output import AsJson, Column, print_json, print_table
from app.dependencies import atlas_clock, atlas_label, make_atlas
from app.operations.dispatch_entries import SOON_S
from app.operations.keep_catalogue import catalogue_entry, list_catalogue, opt_out, put_target
from app.operations.send_dispatches import SENT, ask_gate, intend, send
from app.operations.stop_dispatches import cessation_record, stop_withdrawn, withdraw_agreement
from app.store.engine import transactions
from measurements.agreements.catalogue import CatalogueEntry, Consent, Publicness
from measurements.agreements.gate import Decision, decide
from measurements.agreements.parties import Party
from measurements.atlas.gateway import AtlasGateway
from measurements.clock import Clock
from measurements.errors import InvalidFilter, NotPossible
from measurements.units import DAY_S

COLUMNS = (
    Column("name"), Column("publicness"), Column("owner", is_prose=True), Column("allowed_types"),
    Column("max_packets_per_s"), Column("review_at"), Column("opted_out_at"), Column("drifted_at"),
)  # fmt: skip
Number = Annotated[int, typer.Argument(metavar="NUMBER", help="The agreement's number.", **NUMBER)]

target = typer.Typer(no_args_is_help=True, help="The catalogue of targets that may be named on a card.")


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("dispatch")(dispatch)
    app.command("withdraw")(withdraw)
    app.add_typer(target, name="target")


@fails_clearly
def dispatch(
    number: Number,
    entry: Annotated[int, typer.Option(help="Which measurement of the card; the first is 1.", min=1)] = 1,
    from_: Annotated[str | None, typer.Option("--from", help="When it begins; default: in a minute.")] = None,
    to: Annotated[str | None, typer.Option(help="When it ends, exclusive; default: in a day.")] = None,
    probes: Annotated[int | None, typer.Option(help="From how many probes at most; default: as agreed.", min=1)] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only ask the gate.")] = False,  # noqa: FBT002 - a flag
) -> None:
    """Have RIPE Atlas measure what the parties agreed on, if the gate says yes.

    Example: rasad dispatch 3 --entry 1 --from 2026-12-01 --to 2026-12-08
    """
    start_at, stop_at = instant("from", from_), instant("to", to)
    settings = prepared_settings()
    with acting() as act:
        begin_at = act.now_at + SOON_S if start_at is None else start_at
        end_at = begin_at + DAY_S if stop_at is None else stop_at
        place = act, atlas_label(settings), number, entry - 1
        if dry_run:
            _require_permitted(decide(*ask_gate(*place, start_at=begin_at, stop_at=end_at, n_probes=probes)))
            errors.print("it would be permitted", markup=False)
            return
        made, decision = intend(*place, start_at=begin_at, stop_at=end_at, n_probes=probes)
    _require_permitted(decision)
    with database(settings) as engine, atlas_clock(settings) as clock, make_atlas(settings, clock) as atlas:
        _send(engine, atlas, clock, made.dispatch_id)
    errors.print(
        f"dispatch {made.dispatch_id} is sent; rasad agreement explain {number} says how it stands", markup=False
    )


def _send(engine: Engine, atlas: AtlasGateway, clock: Clock, dispatch_id: int) -> None:
    """Send it, unless the worker was quicker."""
    try:
        _require_permitted(send(transactions(engine), atlas, clock, dispatch_id))
    except NotPossible as error:
        if error.reason != SENT:
            raise


def _require_permitted(decision: Decision) -> None:
    if not decision.is_permitted:
        fail(f"refused: {decision.reason.explanation}")


@fails_clearly
def withdraw(number: Number, as_json: AsJson = False) -> None:  # noqa: FBT002 - a flag
    """Take your party's consent back: everything under the agreement is stopped, and read back until it has stopped.

    Nobody has to say why. The same command again goes on stopping what could not be reached.

    Example: rasad withdraw 3
    """
    settings = prepared_settings()
    with database(settings) as engine, atlas_clock(settings) as clock, make_atlas(settings, clock) as atlas:
        work = transactions(engine)
        is_withdrawn = bool(cessation_record(work, number)["withdrawals"])
        if is_withdrawn:
            stopping = stop_withdrawn(work, atlas, clock, number)
        else:
            stopping = withdraw_agreement(work, atlas, clock, number, caller_of(settings, engine, clock))
        record = cessation_record(work, number)
    if as_json:
        print_json(record)
    for atlas_id, why in stopping.failures.items():
        errors.print(f"{atlas_id}: {why}", markup=False)
    if not record["is_complete"]:
        errors.print("not everything is known to have stopped; the same command again goes on", markup=False)
        raise SystemExit(FAILED)
    errors.print(f"agreement {number} is withdrawn, and everything under it has stopped", markup=False)


@target.command("list")
@fails_clearly
def list_targets(as_json: AsJson = False) -> None:  # noqa: FBT002 - a flag
    """List the targets that may be named on a card.

    Example: rasad target list
    """
    with acting() as act:
        entries: list[dict[str, Any]] = [catalogue_entry(one) for one in list_catalogue(act)]
    print_json({"targets": entries}) if as_json else print_table(COLUMNS, entries, "targets")


@target.command("put")
@fails_clearly
def put(
    name: Annotated[str, typer.Argument(metavar="TARGET", help="Its name: k-root, a host name, an address.")],
    owner: Annotated[str, typer.Option(help="Whose it is.")],
    contact: Annotated[str, typer.Option(help="How its owner is reached.")],
    types: Annotated[list[str], typer.Option("--type", help="What it may be measured with: ping, traceroute, dns.")],
    publicness: Annotated[Publicness, typer.Option(help="Whether it is there for anyone.")] = Publicness.BY_CONSENT,
    party: Annotated[Party | None, typer.Option(help="Where a party owns it.")] = None,
    consent: Annotated[str | None, typer.Option(help="Its owner's own consent: the letter or mail.")] = None,
    rate: Annotated[str, typer.Option("--max-packets-per-s", help="From everything together.")] = "1",
    addresses: Annotated[list[str] | None, typer.Option("--address", help="What its name resolves to.")] = None,
    tajik: Annotated[bool, typer.Option("--tajik", help="A Tajik institution's, wherever it is.")] = False,  # noqa: FBT002 - a flag
    review_in: Annotated[int, typer.Option("--review-in", help="In how many days someone looks again.", min=1)] = 180,
) -> None:
    """Add a target to the catalogue, or say otherwise of one.

    Example: rasad target put ns1.nic.tj --owner "ITC" --contact noc@example.tj --type dns --consent "mail of 1 Dec"
    """
    with acting() as act:
        entry = CatalogueEntry(
            name=name, publicness=publicness, owner=owner, owner_party=party, contact=contact,
            consent=None if consent is None else Consent(consent, act.now_at, None),
            allowed_types=frozenset(types), max_packets_per_s=_decimal(rate), is_tajik=tajik,
            pinned_addresses=frozenset(addresses or ()), drifted_at=None, review_at=act.now_at + review_in * DAY_S,
            opted_out_at=None,
        )  # fmt: skip
        put_target(act, entry)
    errors.print(f"{name} is in the catalogue", markup=False)


@target.command("opt-out")
@fails_clearly
def take_out(name: Annotated[str, typer.Argument(metavar="TARGET", help="Its name in the catalogue.")]) -> None:
    """Note that a target's owner does not want it to be measured; the worker stops what runs.

    Example: rasad target opt-out ns1.nic.tj
    """
    with acting() as act:
        opt_out(act, name)
    errors.print(f"{name} is not measured any more", markup=False)


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise InvalidFilter("max_packets_per_s", f"{text!r:.40} is no number") from None
