"""`rasad designate`, `designations` and `end-designation`: who represents the parties."""

from typing import Annotated

import typer

from app.cli.acting import acting
from app.cli.context import NUMBER, errors, fails_clearly, instant
from app.cli.output import AsJson, Column, print_json, print_list
from app.operations.acting import require_role
from app.operations.designate import designate as note_designation
from app.operations.designate import designation_on_the_wire
from app.operations.designate import end_designation as note_end
from app.operations.list_people import designations_page
from app.store.people import find_person
from measurements.agreements.parties import Duty
from measurements.agreements.people import Act
from measurements.units import iso

ALL = 100_000
NONE = "nobody is designated yet: rasad designate NUMBER --duty coordination --act LETTER notes who is"
COLUMNS = (
    Column("id"), Column("party"), Column("person_id"), Column("name", is_prose=True), Column("duties"),
    Column("act", is_prose=True), Column("from_at"), Column("until_at"), Column("is_holding"),
)  # fmt: skip


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("designate")(designate)
    app.command("designations")(designations)
    app.command("end-designation")(end_designation)


@fails_clearly
def designate(
    person_id: Annotated[int, typer.Argument(metavar="NUMBER", help="Who: a person's number.", **NUMBER)],
    duties: Annotated[list[Duty], typer.Option("--duty", help="For what; may be given more than once.")],
    act: Annotated[str, typer.Option(help="The act or letter by which the party did it.")],
    from_: Annotated[str | None, typer.Option("--from", help="From when on; default: now.")] = None,
    until: Annotated[str | None, typer.Option(help="Exclusive; default: until somebody ends it.")] = None,
    as_json: AsJson = False,  # noqa: FBT002 - a flag
) -> None:
    """Note that a party designated somebody of its own: from then on that person speaks for it.

    The first of a party is noted by whoever runs the service; those after it by one who represents the party.

    Example: rasad designate 2 --duty coordination --act "Letter 12 of 24 November 2026"
    """
    from_at, until_at = instant("from", from_), instant("until", until)
    with acting() as unit:
        noted = note_designation(
            unit, person_id=person_id, duties=frozenset(duties), act=act, from_at=from_at, until_at=until_at
        )
        entry = designation_on_the_wire(noted, find_person(unit.connection, person_id), unit.now_at)
    if as_json:
        print_json(entry)
    else:
        told = f"designation {noted.designation_id}: person {person_id} for {noted.party.full_name}"
        errors.print(f"{told}, from {iso(noted.from_at)} on", markup=False)


@fails_clearly
def designations(as_json: AsJson = False) -> None:  # noqa: FBT002 - a flag
    """List who represents the parties, and who once did.

    Example: rasad designations
    """
    with acting() as unit:
        require_role(unit.caller, Act.SEE_DESIGNATIONS)
        entries = designations_page(unit.connection, unit.now_at, limit=ALL).entries
    print_list("designations", COLUMNS, entries, as_json=as_json, if_none=NONE)


@fails_clearly
def end_designation(
    designation_id: Annotated[int, typer.Argument(metavar="NUMBER", help="The designation's number.", **NUMBER)],
    until: Annotated[str | None, typer.Option(help="From when on it holds no longer; default: now.")] = None,
    as_json: AsJson = False,  # noqa: FBT002 - a flag
) -> None:
    """End a designation. Votes that were cast stay valid; an end is brought forward at most, never put off.

    Example: rasad end-designation 1
    """
    until_at = instant("until", until)
    with acting() as unit:
        ended = note_end(unit, designation_id, until_at=until_at, etags=None)
        entry = designation_on_the_wire(ended, find_person(unit.connection, ended.person_id), unit.now_at)
    if as_json:
        print_json(entry)
    else:
        errors.print(f"designation {designation_id} ends at {entry['until_at']}", markup=False)
