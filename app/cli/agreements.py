"""`rasad agreement`: from a card through consultation and votes to a measurement, and back out of it."""

from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from app.cli.acting import acting
from app.cli.context import NUMBER, errors, fails_clearly, instant, prepared_settings
from app.cli.output import AsJson, Column, print_json, print_list
from app.dependencies import atlas_label
from app.operations import agree
from app.operations.agreement_entries import agreement_entries, agreement_entry
from app.operations.dispatch_entries import decision_entries
from measurements.agreements.agreement import Cause, Choice, Consultation
from measurements.agreements.card import Card, digest, read_card
from measurements.agreements.parties import Party
from measurements.campaigns.dispatching import DispatchState
from measurements.errors import UnreadableFile

COLUMNS = (
    Column("agreement_id"), Column("state"), Column("title", is_prose=True), Column("version"), Column("starts_at"),
    Column("ends_at"), Column("n_votes"), Column("digest", is_spared=True),
)  # fmt: skip
Number = Annotated[int, typer.Argument(metavar="NUMBER", help="The agreement's number.", **NUMBER)]
CardFile = Annotated[Path, typer.Argument(metavar="CARD", help="A file with a measurement card, JSON.")]

NONE = "no agreement yet: rasad agreement open card.json begins one"
agreement = typer.Typer(no_args_is_help=True, help="What the parties agree to have measured.")


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(agreement, name="agreement")


@agreement.command("check")
@fails_clearly
def check(card: CardFile) -> None:
    """Read a measurement card, and print the digest that the parties would vote on.

    Example: rasad agreement check card.json
    """
    typer.echo(digest(_card(card)))


@agreement.command("open")
@fails_clearly
def open_(card: CardFile) -> None:
    """Begin an agreement with a draft of its card.

    Example: rasad agreement open card.json
    """
    draft = _card(card)
    with acting() as act:
        number = agree.open_agreement(act, draft)
    errors.print(f"agreement {number} is drafted; the digest of its card is {digest(draft)}", markup=False)


@agreement.command("draft")
@fails_clearly
def draft(number: Number, card: CardFile) -> None:
    """Put another card in the place of the draft, or after what was consulted about.

    Example: rasad agreement draft 3 card.json
    """
    drafted = _card(card)
    with acting() as act:
        version = agree.draft_card(act, number, drafted)
    errors.print(f"version {version} of agreement {number}: {digest(drafted)}", markup=False)


@agreement.command("list")
@fails_clearly
def list_(as_json: AsJson = False) -> None:  # noqa: FBT002 - a flag
    """List the agreements, and how each stands.

    Example: rasad agreement list
    """
    with acting() as act:
        entries = agreement_entries(act)
    print_list("agreements", COLUMNS, entries, as_json=as_json, if_none=NONE)


@agreement.command("show")
@fails_clearly
def show(number: Number) -> None:
    """Show an agreement: its versions, who voted how, and what may be done to it now.

    Example: rasad agreement show 3
    """
    with acting() as act:
        print_json(agreement_entry(act, number))


@agreement.command("explain")
@fails_clearly
def explain(number: Number, as_json: AsJson = False) -> None:  # noqa: FBT002 - a flag
    """Say in plain words why each measurement of an agreement may go on, or be dispatched, now, or may not.

    Example: rasad agreement explain 3
    """
    settings = prepared_settings()
    with acting() as act:
        decided = decision_entries(act, number, atlas_label(settings), settings.limits)
        entry = agreement_entry(act, number)
    if as_json:
        print_json(decided)
        return
    memorandum = decided["memorandum"]
    typer.echo(f"The memorandum is {_words(memorandum['state'])}, to {memorandum['ends_on']}.")
    typer.echo(f"Agreement {number} is {_words(entry['state'])}.")
    if served := decided["activity"]:
        dropped = ", which was dropped" if served["is_dropped"] else ""
        typer.echo(f"It serves activity {served['activity_id']}, {served['title']}{dropped}. {served['standing']}")
    for one in decided["dispatches"]:
        _explain(f"Dispatch {one['dispatch_id']}", one)
        typer.echo(f"    {one['standing']}")
        if one["state"] is DispatchState.UNDECIDED:
            typer.echo(f"    rasad dispatch-settle {one['dispatch_id']} --adopt ATLAS_ID, or --give-up")
    for one in decided["entries"]:
        _explain(f"Another dispatch of entry {one['entry']}", one)


@agreement.command("consult")
@fails_clearly
def consult(
    number: Number,
    parties: Annotated[list[Party], typer.Option("--party", help="Who took part; may be given more than once.")],
    shown: Annotated[str, typer.Option(help="What was shown.")],
    comments: Annotated[str, typer.Option(help="What was said.")] = "",
    held: Annotated[str | None, typer.Option("--at", help="When; default: now.")] = None,
) -> None:
    """Note that the newest version was discussed with parties: all three, before it is submitted.

    Example: rasad agreement consult 3 --party ripe_ncc --party tojiktelecom --shown "card, version 1"
    """
    held_at = instant("at", held)
    with acting() as act:
        talks = Consultation(act.now_at if held_at is None else held_at, frozenset(parties), shown, comments)
        version = agree.record_consultation(act, number, talks)
    errors.print(f"noted for version {version} of agreement {number}", markup=False)


@agreement.command("submit")
@fails_clearly
def submit(number: Number) -> None:
    """Put the newest version before the parties, and print the digest that they vote on.

    Example: rasad agreement submit 3
    """
    with acting() as act:
        typer.echo(agree.submit_version(act, number))


@agreement.command("vote")
@fails_clearly
def vote(
    number: Number,
    choice: Annotated[Choice, typer.Argument(help="What your party says. It need not say why.")],
    of: Annotated[str, typer.Option("--digest", help="What you were shown: the digest of the card.")],
    public: Annotated[  # noqa: FBT002 - a flag
        bool,
        typer.Option("--public/--not-public", help="Whether everybody may see it on RIPE Atlas: there is no way back."),
    ] = False,
) -> None:
    """Cast your party's vote on a digest. RASAD_KEY holds the key of a representative.

    Example: rasad agreement vote 3 approve --digest 66305d47… --public
    """
    with acting() as act:
        cast = agree.cast_vote(act, number, of, choice, approves_publicity=public)
    errors.print(f"{cast.party.full_name}: {choice}", markup=False)


@agreement.command("suspend")
@fails_clearly
def suspend(number: Number, cause: Annotated[Cause, typer.Option(help="Why.")]) -> None:
    """Have nothing measured under an agreement until it is resumed; the worker stops what runs.

    Example: rasad agreement suspend 3 --cause dispute
    """
    with acting() as act:
        agree.suspend_agreement(act, number, cause)
    errors.print(f"agreement {number} is suspended", markup=False)


@agreement.command("resume")
@fails_clearly
def resume(number: Number) -> None:
    """Go on with an agreement that was suspended.

    Example: rasad agreement resume 3
    """
    with acting() as act:
        agree.resume_agreement(act, number)
    errors.print(f"agreement {number} goes on", markup=False)


@agreement.command("narrow")
@fails_clearly
def narrow(number: Number, card: CardFile) -> None:
    """Have less measured than was agreed on, without another vote, where the card says that a party may.

    Example: rasad agreement narrow 3 narrower.json
    """
    narrower = _card(card)
    with acting() as act:
        agree.narrow_agreement(act, number, narrower)
    errors.print(f"agreement {number} is narrowed", markup=False)


def _explain(what: str, one: dict[str, Any]) -> None:
    about = f"{what}, {one['type']} to {one['target'] or 'the resolvers of the probes'}"
    typer.echo(f"{about}: {'permitted' if one['is_permitted'] else 'refused'}. {one['explanation']}")
    for also in one["objections"][1:]:
        typer.echo(f"    {also['explanation']}")
    for caution in one["cautions"]:
        typer.echo(f"    Note: {caution['explanation']}")


def _card(path: Path) -> Card:
    try:
        document: Any = orjson.loads(path.read_bytes())
    except OSError as error:
        raise UnreadableFile(f"{path}: {error.strerror}") from error
    except orjson.JSONDecodeError as error:
        raise UnreadableFile(f"{path} is not JSON: {error}") from error
    return read_card(document)


def _words(state: str) -> str:
    return state.replace("_", " ")
