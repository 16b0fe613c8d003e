"""`rasad target`: the catalogue of targets, what their owners said, and where their names lead."""

from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

import typer

from app.cli.acting import acting
from app.cli.context import errors, fails_clearly, instant
from app.cli.output import AsJson, Column, print_list
from app.operations import keep_catalogue
from app.operations.acting import Acting
from app.operations.catalogue_entries import catalogue_entry, waiting_entry
from app.operations.loosen_targets import confirm_loosening, find_waiting
from measurements.agreements.catalogue import CatalogueEntry, Consent, Publicness
from measurements.agreements.parties import Party
from measurements.agreements.protection import Loosening
from measurements.errors import InvalidFilter
from measurements.units import DAY_S, iso

COLUMNS = (
    Column("name"), Column("publicness"), Column("owner", is_prose=True), Column("allowed_types"),
    Column("max_packets_per_s"), Column("review_at"), Column("is_review_due"), Column("opted_out_at"),
    Column("drifted_at"), Column("pinned_addresses", is_spared=True), Column("seen_addresses", is_spared=True),
)  # fmt: skip
Name = Annotated[str, typer.Argument(metavar="TARGET", help="Its name in the catalogue.")]
Reference = Annotated[str, typer.Option(help="The letter or mail.")]

NONE = "the catalogue is empty: rasad target put NAME --owner NAME --contact ADDRESS --type ping enters a target"
target = typer.Typer(no_args_is_help=True, help="The catalogue of targets that may be named on a card.")


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(target, name="target")


@target.command("list")
@fails_clearly
def list_targets(as_json: AsJson = False) -> None:  # noqa: FBT002 - a flag
    """List the targets that may be named on a card, what is due, and which lead elsewhere than was pinned.

    Example: rasad target list
    """
    with acting() as act:
        held = keep_catalogue.list_catalogue(act)
        waiting = find_waiting(act, held)
        entries: list[dict[str, Any]] = [
            {**catalogue_entry(one, act.now_at), "waiting": waiting_entry(waiting.get(one.name))} for one in held
        ]
    for one in waiting.values():
        _tell_of(one)
    print_list("targets", COLUMNS, entries, as_json=as_json, if_none=NONE)


@target.command("put")
@fails_clearly
def put(
    name: Annotated[
        str, typer.Argument(metavar="TARGET", help="Its name: k-root, a host name, an address; a network: as24722.")
    ],
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
    """Add a target to the catalogue, or say otherwise of one; what its owner said stays.

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
        held = keep_catalogue.put_target(act, entry)
        waits = _waiting(act, held)
    errors.print(f"{name} is in the catalogue", markup=False)
    _tell_of(waits)
    if held.drifted_at is not None:
        errors.print(f"its name leads elsewhere since {iso(held.drifted_at)}; a party confirms where to", markup=False)


@target.command("confirm")
@fails_clearly
def confirm(
    name: Name,
    addresses: Annotated[list[str], typer.Option("--address", help="Where it leads: every address that was seen.")],
) -> None:
    """Confirm for your party that a target's name is right to lead where it was last seen to; that is pinned then.

    Example: rasad target confirm ns1.nic.tj --address 192.0.2.7
    """
    with acting() as act:
        keep_catalogue.confirm_addresses(act, name, frozenset(addresses))
    errors.print(f"{name} leads to {', '.join(sorted(addresses))}, as your party confirms", markup=False)


@target.command("consent")
@fails_clearly
def consent(
    name: Name,
    reference: Reference,
    from_: Annotated[str | None, typer.Option("--from", help="From when on; default: now.")] = None,
    until: Annotated[str | None, typer.Option(help="Exclusive; default: until it is taken back.")] = None,
) -> None:
    """Note that a target's owner, or a network's operator, consents.

    Example: rasad target consent as24722 --reference "letter 8 of Babilon-T" --until 2027-12-01
    """
    from_at, until_at = instant("from", from_), instant("until", until)
    with acting() as act:
        given = Consent(reference, act.now_at if from_at is None else from_at, until_at)
        waits = _waiting(act, keep_catalogue.record_consent(act, name, given))
    errors.print(f"the owner of {name} consents from {iso(given.from_at)} on", markup=False)
    _tell_of(waits)


@target.command("withdraw-consent")
@fails_clearly
def withdraw_consent(name: Name) -> None:
    """Note that a target's owner took its consent back; the worker stops what runs within minutes.

    Example: rasad target withdraw-consent ns1.nic.tj
    """
    with acting() as act:
        keep_catalogue.withdraw_consent(act, name)
    errors.print(f"{name} is not measured any more", markup=False)


@target.command("notice")
@fails_clearly
def notice(name: Name, reference: Reference) -> None:
    """Note that the owner of a public service was told that it is measured.

    Example: rasad target notice phloem.uoregon.edu --reference "mail of 1 December"
    """
    with acting() as act:
        keep_catalogue.note_notice(act, name, reference)
    errors.print(f"the owner of {name} was told", markup=False)


@target.command("opt-out")
@fails_clearly
def take_out(name: Name) -> None:
    """Note that a target's owner does not want it to be measured; the worker stops what runs within minutes.

    Example: rasad target opt-out ns1.nic.tj
    """
    with acting() as act:
        keep_catalogue.opt_out(act, name)
    errors.print(f"{name} is not measured any more", markup=False)


@target.command("opt-in")
@fails_clearly
def opt_in(
    name: Name,
    reference: Reference,
    from_: Annotated[str | None, typer.Option("--from", help="From when on; default: now.")] = None,
    until: Annotated[str | None, typer.Option(help="Exclusive; default: until it is taken back.")] = None,
) -> None:
    """Note that a target's owner that opted out consents again; the opt-out holds again when that is over.

    Example: rasad target opt-in ns1.nic.tj --reference "letter 12" --until 2027-12-01
    """
    from_at, until_at = instant("from", from_), instant("until", until)
    with acting() as act:
        given = Consent(reference, act.now_at if from_at is None else from_at, until_at)
        waits = _waiting(act, keep_catalogue.consent_again(act, name, given))
    errors.print(f"the owner of {name} consents again from {iso(given.from_at)} on", markup=False)
    _tell_of(waits)


@target.command("approve")
@fails_clearly
def approve(
    name: Name, number: Annotated[int, typer.Argument(metavar="NUMBER", help="Of what waits: rasad target list.")]
) -> None:
    """Confirm for your party what somebody else proposed to say of a target; from now on it is said.

    Example: rasad target approve ns1.nic.tj 3
    """
    with acting() as act:
        confirm_loosening(act, name, number)
    errors.print(f"what was proposed of {name} is said now, as your party confirms", markup=False)


def _waiting(act: Acting, held: CatalogueEntry) -> Loosening | None:
    return find_waiting(act, [held]).get(held.name)


def _tell_of(waits: Loosening | None) -> None:
    if waits is not None:
        said = f"{', '.join(waits.fields)} of {waits.before.name} as proposed"
        errors.print(
            f"not yet: {said}; who speaks for another party confirms it: "
            f"rasad target approve {waits.before.name} {waits.number}",
            markup=False,
        )


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise InvalidFilter("max_packets_per_s", f"{text!r:.40} is no number") from None
