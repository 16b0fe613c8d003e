"""`rasad admin`, `rasad people` and `rasad keys`: who works with Rasad, and with which keys."""

from typing import Annotated, Any

import typer

from app.cli.acting import MACHINE, acting
from app.cli.context import NUMBER, errors, fails_clearly
from app.cli.output import AsJson, Column, print_json, print_list, print_table
from app.operations.acting import Acting, require_role
from app.operations.add_person import add_person, create_administrator
from app.operations.issue_key import IssuedKey, issue_key, key_on_the_wire, revoke_key
from app.operations.list_people import people_page, person_entry
from app.store.people import find_person
from measurements.agreements.parties import Party
from measurements.agreements.people import Act, Role, Scope, usable_scopes
from measurements.errors import NotFound
from measurements.units import DAY_S

ALL = 100_000
"""More people than will ever be."""
NO_PEOPLE = "nobody is known yet: rasad admin create --name NAME --contact ADDRESS adds who runs the service"
NO_KEYS = "no key yet: rasad keys issue NUMBER --name NAME issues one"
PEOPLE = (Column("id"), Column("name", is_prose=True), Column("contact", is_prose=True), Column("party"),
          Column("role"), Column("n_keys"))  # fmt: skip
KEYS = (
    Column("id"), Column("person"), Column("name", is_prose=True), Column("prefix"), Column("scopes"),
    Column("expires_at"), Column("last_used_at"), Column("revoked_at"),
)  # fmt: skip
Days = Annotated[int, typer.Option("--days", help="In how many days the key expires.", min=1, max=366)]
Contact = Annotated[str, typer.Option(help="How to reach the person.")]

admin = typer.Typer(no_args_is_help=True, help="Whoever runs the service.")
people = typer.Typer(no_args_is_help=True, help="The people who work with Rasad.")
keys = typer.Typer(no_args_is_help=True, help="Keys of people: shown once, kept as digests, revoked at once.")


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    for name, group in (("admin", admin), ("people", people), ("keys", keys)):
        app.add_typer(group, name=name)


@admin.command("create")
@fails_clearly
def create(
    name: Annotated[str, typer.Option(help="The administrator's name.")],
    contact: Contact,
    days: Days = 180,
    another: Annotated[bool, typer.Option("--another", help="Although there is one already.")] = False,  # noqa: FBT002 - a flag
    as_json: AsJson = False,  # noqa: FBT002 - a flag
) -> None:
    """Create whoever runs the service, and print their key: this once.

    There is one administrator unless --another says so, or RASAD_KEY holds an administrator's key.

    Example: rasad admin create --name "Firuz Nazarov" --contact firuz@example.net
    """
    with acting() as act:
        is_another = another or act.caller is not MACHINE
        made = create_administrator(
            act, name=name, contact=contact, expires_at=act.now_at + days * DAY_S, is_another=is_another
        )
    if as_json:
        print_json({"person": person_entry(made.person), "key": _with_key(made.issued)})
    else:
        errors.print(f"person {made.person.person_id} runs the service; the key is shown this once:", markup=False)
        typer.echo(made.issued.key)


@people.command("list")
@fails_clearly
def list_people(as_json: AsJson = False) -> None:  # noqa: FBT002 - a flag
    """List the people.

    Example: rasad people list
    """
    entries = _seen()
    if as_json:
        print_json({"people": entries})
    else:
        print_table(PEOPLE, [{**entry, "n_keys": len(entry["keys"])} for entry in entries], "people", if_none=NO_PEOPLE)


@people.command("add")
@fails_clearly
def add(
    name: Annotated[str, typer.Option(help="The person's name.")],
    contact: Contact,
    role: Annotated[Role, typer.Option(help="What the person is here for.")],
    party: Annotated[Party | None, typer.Option(help="Whose person; none for an observer.")] = None,
    as_json: AsJson = False,  # noqa: FBT002 - a flag
) -> None:
    """Add a person. Of a party that somebody represents, that somebody does it: RASAD_KEY holds the key.

    Example: rasad people add --name "Zarina Rahimova" --contact zarina@example.net --role analyst
    """
    with acting() as act:
        person = add_person(act, name=name, contact=contact, party=party, role=role)
    if as_json:
        print_json(person_entry(person))
    else:
        errors.print(f"person {person.person_id} is added: {person.role}", markup=False)


@keys.command("issue")
@fails_clearly
def issue(
    person_id: Annotated[int, typer.Argument(metavar="NUMBER", help="Whose key: a person's number.", **NUMBER)],
    name: Annotated[str, typer.Option(help="By which its owner tells it from others.")],
    scopes: Annotated[
        list[Scope] | None, typer.Option("--scope", help="What it is good for; default: all that the role may.")
    ] = None,
    days: Days = 180,
    as_json: AsJson = False,  # noqa: FBT002 - a flag
) -> None:
    """Issue a key, and print it: this once.

    Example: rasad keys issue 2 --name laptop --scope read --days 30
    """
    with acting() as act:
        wanted = frozenset(scopes or _all_scopes(act, person_id))
        issued = issue_key(act, person_id=person_id, name=name, scopes=wanted, expires_at=act.now_at + days * DAY_S)
    if as_json:
        print_json(_with_key(issued))
    else:
        errors.print(f"key {issued.held.key_id} of person {person_id}; it is shown this once:", markup=False)
        typer.echo(issued.key)


@keys.command("list")
@fails_clearly
def list_keys(as_json: AsJson = False) -> None:  # noqa: FBT002 - a flag
    """List what is known of the keys: not the keys.

    Example: rasad keys list
    """
    entries = [{"person": entry["id"], **key} for entry in _seen() for key in entry["keys"]]
    print_list("keys", KEYS, entries, as_json=as_json, if_none=NO_KEYS)


@keys.command("revoke")
@fails_clearly
def revoke(
    key_id: Annotated[int, typer.Argument(metavar="NUMBER", help="The key's number.", **NUMBER)],
    as_json: AsJson = False,  # noqa: FBT002 - a flag
) -> None:
    """Revoke a key: it opens nothing from now on.

    Example: rasad keys revoke 3
    """
    with acting() as act:
        held = revoke_key(act, key_id)
    if as_json:
        print_json(key_on_the_wire(held))
    else:
        errors.print(f"key {key_id} is revoked", markup=False)


def _seen() -> list[dict[str, Any]]:
    with acting() as act:
        require_role(act.caller, Act.SEE_PEOPLE)
        return people_page(act.connection, act.caller, limit=ALL).entries


def _all_scopes(act: Acting, person_id: int) -> frozenset[Scope]:
    person = find_person(act.connection, person_id)
    if person is None:
        raise NotFound(f"there is no person {person_id}")
    return usable_scopes(person.role)


def _with_key(issued: IssuedKey) -> dict[str, Any]:
    return {**key_on_the_wire(issued.held), "key": issued.key}
