"""`rasad memorandum`: its clock, as people tell it."""

from datetime import date
from typing import Annotated

import typer

from app.cli.acting import acting
from app.cli.context import NUMBER, errors, fails_clearly
from app.cli.output import AsJson, print_json
from app.instants import read_instant
from app.operations import keep_memorandum
from app.operations.show_memorandum import STATES, show_memorandum
from measurements.agreements.parties import Party
from measurements.agreements.term import Standing
from measurements.errors import InvalidFilter

memorandum = typer.Typer(no_args_is_help=True, help="When the memorandum is in force, and until when.")


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(memorandum, name="memorandum")


@memorandum.command("show")
@fails_clearly
def show(as_json: AsJson = False) -> None:  # noqa: FBT002 - a flag
    """Show how the memorandum stands, and what its representatives have to do next.

    Example: rasad memorandum show
    """
    with acting() as act:
        told = show_memorandum(act)
    if as_json:
        print_json(told)
        return
    typer.echo(told["words"])
    missing = ", ".join(Party(party).full_name for party in told["missing_signatures"])
    if missing:
        typer.echo(f"The dates of these signatures are not known: {missing}.")
    typer.echo(told["outlook_words"])


@memorandum.command("sign")
@fails_clearly
def sign(
    party: Annotated[Party, typer.Argument(help="Who signed.")],
    on: Annotated[str, typer.Argument(metavar="DAY", help="When, as 2026-03-02; there is no way back.")],
) -> None:
    """Note the day on which a party signed the memorandum.

    Example: rasad memorandum sign ripe_ncc 2026-03-02
    """
    with acting() as act:
        _say(keep_memorandum.record_signature(act, party, _day("on", on)))


@memorandum.command("notice")
@fails_clearly
def notice(
    party: Annotated[Party, typer.Argument(help="Who gave notice.")],
    sent: Annotated[str, typer.Option("--sent", help="When it was sent: an instant with its zone.")],
    recipients: Annotated[list[Party], typer.Option("--to", help="To whom; may be given more than once.")],
    channel: Annotated[str, typer.Option(help="How: a letter, a mail.")] = "letter",
) -> None:
    """Note a party's written notice that it wishes no extension.

    Example: rasad memorandum notice tojiktelecom --sent 2027-09-12T10:00+05:00 --to ripe_ncc
    """
    sent_at = read_instant("sent", sent)
    with acting() as act:
        number, timing = keep_memorandum.record_notice(act, party, sent_at, frozenset(recipients), channel)
    missing = frozenset(Party) - {party} - frozenset(recipients)
    errors.print(f"notice {number} is {timing.value.replace('_', ' ')}", markup=False)
    if missing:
        names = ", ".join(sorted(one.full_name for one in missing))
        errors.print(f"it did not go to: {names}. One notice is enough all the same", markup=False)


@memorandum.command("rule")
@fails_clearly
def rule(
    number: Annotated[int, typer.Argument(metavar="NUMBER", help="The notice's number.", **NUMBER)],
    in_time: Annotated[bool, typer.Option("--in-time/--late", help="What is ruled.")],
    reason: Annotated[str, typer.Option(help="Why.")],
) -> None:
    """Rule on a notice that was sent when the last day was over in one party's zone, and not in another's.

    Example: rasad memorandum rule 1 --late --reason "Letter 4 of the parties"
    """
    with acting() as act:
        _say(keep_memorandum.rule_on_notice(act, number, is_in_time=in_time, reason=reason))


@memorandum.command("confirm")
@fails_clearly
def confirm() -> None:
    """Confirm for your party that nobody gave notice for the current term: then it is extended by a year.

    Example: rasad memorandum confirm
    """
    with acting() as act:
        _say(keep_memorandum.confirm_no_notice(act))


@memorandum.command("amend")
@fails_clearly
def amend(
    text: Annotated[str, typer.Option(help="What it says.")],
    ends_on: Annotated[str | None, typer.Option("--ends-on", help="The day on which the memorandum ends then.")] = None,
    reading: Annotated[
        bool | None,
        typer.Option("--allow-reading/--forbid-reading", help="Whether public results from Tajikistan may be read."),
    ] = None,
) -> None:
    """Propose an amendment; it holds once all three parties approve of it.

    Example: rasad memorandum amend --text "Extended to mid-2028" --ends-on 2028-06-30
    """
    day = None if ends_on is None else _day("ends-on", ends_on)
    with acting() as act:
        number = keep_memorandum.propose_amendment(act, text=text, ends_on=day, is_reading_allowed=reading)
    errors.print(f"amendment {number} is proposed; each party says: rasad memorandum approve {number}", markup=False)


@memorandum.command("approve")
@fails_clearly
def approve(
    number: Annotated[int, typer.Argument(metavar="NUMBER", help="The amendment's number.", **NUMBER)],
) -> None:
    """Approve of an amendment for your party.

    Example: rasad memorandum approve 1
    """
    with acting() as act:
        approvals = keep_memorandum.approve_amendment(act, number)
    names = ", ".join(sorted(one.full_name for one in approvals))
    errors.print(f"approved by {names}{'; it holds' if len(approvals) == len(Party) else ''}", markup=False)


def _say(found: Standing) -> None:
    errors.print(f"the memorandum {STATES[found.state]}; its term ends on {found.term.ends_on}", markup=False)


def _day(field: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidFilter(field, f"{text!r:.80} is no day like 2026-12-31") from None
