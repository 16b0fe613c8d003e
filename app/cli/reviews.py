"""`rasad review` and `terms`: what the parties looked at together, and which terms of the platforms were accepted."""

import hashlib
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from app.cli.acting import acting
from app.cli.context import errors, fails_clearly
from app.cli.output import AsJson, Column, print_json, print_list, print_table
from app.operations import keep_reviews
from app.operations.accept_terms import accept_terms, acceptance_page
from app.operations.plan_entries import every
from measurements.agreements.parties import Party
from measurements.agreements.plan import NON_BINDING
from measurements.agreements.platform_terms import Service
from measurements.agreements.reviews import Cadence, FollowUp, Material, Review
from measurements.errors import InvalidFilter, UnreadableFile

REVIEWS = (
    Column("review_id"), Column("held_on"), Column("parties"), Column("people", is_spared=True),
    Column("decisions", is_prose=True),
)  # fmt: skip
ACCEPTANCES = (
    Column("service"), Column("version"), Column("accepted_at"), Column("name", is_prose=True), Column("party"),
    Column("address"), Column("sha256", is_spared=True),
)  # fmt: skip

NO_REVIEWS = "no review yet: rasad review add --on DAY --party ripe_ncc notes one"
NO_TERMS = "no terms were accepted yet: rasad terms accept ripe_atlas --version VERSION --address ADDRESS accepts some"
review = typer.Typer(no_args_is_help=True, help="What the parties looked at together, and what comes next.")
terms = typer.Typer(no_args_is_help=True, help="Which terms of the RIPE NCC's services were accepted.")


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(review, name="review")
    app.add_typer(terms, name="terms")


@review.command("add")
@fails_clearly
def add(
    held: Annotated[str, typer.Option("--on", metavar="DAY", help="When it was held, in Dushanbe.")],
    parties: Annotated[list[Party], typer.Option("--party", help="Who took part; may be given more than once.")],
    people: Annotated[list[str] | None, typer.Option("--person", help="Who was there, by name.")] = None,
    shown: Annotated[list[Path] | None, typer.Option(help="A file that was shown; its SHA-256 is kept.")] = None,
    decisions: Annotated[list[str] | None, typer.Option("--decision", help="What was decided.")] = None,
    follow_ups: Annotated[
        list[str] | None,
        typer.Option("--follow-up", help="What comes next: TEXT, or PARTY: TEXT, or PARTY by DAY: TEXT."),
    ] = None,
) -> None:
    """Note a review that the parties held. It is told once.

    Example: rasad review add --on 2027-03-02 --party ripe_ncc --party tojiktelecom --shown briefing.pdf
    --decision "Measure K-root for another quarter" --follow-up "ripe_ncc by 2027-04-01: send the figures"
    """
    told = Review(
        0, _day("on", held), frozenset(parties), tuple(people or ()), tuple(map(_material, shown or ())),
        tuple(decisions or ()), tuple(map(_follow_up, follow_ups or ())),
    )  # fmt: skip
    with acting() as act:
        made = keep_reviews.record_review(act, told)
        following = keep_reviews.next_review(act.connection)
    errors.print(f"review {made.review_id} is noted; the next one is due by {following['next_on']}", markup=False)


@review.command("list")
@fails_clearly
def list_reviews(as_json: AsJson = False) -> None:  # noqa: FBT002 - a flag
    """List the reviews that were held, and by which day the next one is due.

    Example: rasad review list
    """
    with acting() as act:
        entries = list(every(keep_reviews.review_page, act))
        following = keep_reviews.next_review(act.connection)
    if as_json:
        print_json({"reviews": entries, **following, "is_binding": False, "standing": NON_BINDING})
        return
    print_table(REVIEWS, entries, "reviews", if_none=NO_REVIEWS)
    typer.echo(f"Reviews are {following['cadence'].words}; the next one is due by {following['next_on'] or '-'}.")
    typer.echo(NON_BINDING)


@review.command("cadence")
@fails_clearly
def cadence(how_often: Annotated[Cadence, typer.Argument(help="How often the parties mean to meet.")]) -> None:
    """Say how often the parties mean to meet; quarterly unless they say otherwise.

    Example: rasad review cadence half_yearly
    """
    with acting() as act:
        keep_reviews.set_cadence(act, how_often)
        following = keep_reviews.next_review(act.connection)
    errors.print(f"reviews are {how_often.words}; the next one is due by {following['next_on'] or '-'}", markup=False)


@terms.command("accept")
@fails_clearly
def accept(
    service: Annotated[Service, typer.Argument(help="Whose terms.")],
    version: Annotated[str, typer.Option(help="Their number or date, as they call themselves.")],
    address: Annotated[str, typer.Option(help="Where you read them.")],
    text: Annotated[Path | None, typer.Option(help="A file with what you read; its SHA-256 is kept.")] = None,
) -> None:
    """Note that you accept a version of a service's terms. RASAD_KEY holds your key: it has to be somebody.

    Without those of RIPE Atlas nothing is measured there; a rehearsal needs none.

    Example: rasad terms accept ripe_atlas --version "3.3, 27 March 2019" --address https://atlas.ripe.net/legal/
    """
    digest = None if text is None else _sha256(text)
    with acting() as act:
        made = accept_terms(act, service, version=version, address=address, sha256=digest)
    errors.print(f"the terms of {service.full_name}, {made.version}, are accepted", markup=False)


@terms.command("list")
@fails_clearly
def list_acceptances(as_json: AsJson = False) -> None:  # noqa: FBT002 - a flag
    """List which terms were accepted, by whom and when.

    Example: rasad terms list
    """
    with acting() as act:
        entries = list(every(acceptance_page, act))
    print_list("acceptances", ACCEPTANCES, entries, as_json=as_json, if_none=NO_TERMS, title="accepted terms")


def _material(path: Path) -> Material:
    return Material(path.name, _sha256(path))


def _sha256(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise UnreadableFile(f"{path}: {error.strerror}") from error


def _follow_up(text: str) -> FollowUp:
    """What, and before a colon who and by when; a text that names no party is all of it what."""
    who, colon, what = text.partition(": ")
    name, by, due = who.partition(" by ")
    if not colon or name not in set(Party):
        return FollowUp(text, None, None)
    return FollowUp(what, Party(name), _day("follow_up", due) if by else None)


def _day(field: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidFilter(field, f"{text!r:.80} is no day like 2026-12-31") from None
