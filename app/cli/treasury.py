"""`rasad credits`: whose credits are spent, what is left, and whether it is what RIPE Atlas has charged."""

from typing import Annotated

import typer

from app.cli.acting import acting
from app.cli.context import FAILED, NUMBER, database, errors, fails_clearly, prepared_settings
from app.cli.output import AsJson, Column, print_json, print_table
from app.dependencies import atlas_clock, atlas_label
from app.doors import make_atlas
from app.operations.credit_entries import account_entries, entry_page
from app.operations.keep_treasury import allot as give
from app.operations.plan_entries import every
from app.operations.reconcile_credits import entry_of
from app.operations.reconcile_credits import reconcile as compare
from app.store.engine import transactions

ACCOUNTS = (
    Column("account_id"), Column("label"), Column("agreement_id"), Column("payer"), Column("campaign", is_prose=True),
    Column("allotted"), Column("held"), Column("settled"), Column("available", is_always=True),
)  # fmt: skip
ENTRIES = (
    Column("entry_id"), Column("account_id"), Column("entered_at"), Column("kind"), Column("credits"),
    Column("available"), Column("dispatch_id"), Column("person_id", is_spared=True),
)  # fmt: skip
DISPATCHES = (
    Column("dispatch_id"), Column("agreement_id"), Column("atlas_id"), Column("account_id", is_always=True),
    Column("charged"), Column("reckoned"), Column("settled"), Column("held"), Column("unpaid"), Column("agrees"),
)  # fmt: skip

credits_ = typer.Typer(no_args_is_help=True, help="Whose credits are spent, and what is left.")


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(credits_, name="credits")


@credits_.command("show")
@fails_clearly
def show(
    entries: Annotated[bool, typer.Option("--entries", help="Every entry instead of the accounts.")] = False,  # noqa: FBT002 - a flag
    as_json: AsJson = False,  # noqa: FBT002 - a flag
) -> None:
    """Show who pays for what, what is held for dispatches, what was charged, and what is left.

    Example: rasad credits show
    """
    name, columns = ("entries", ENTRIES) if entries else ("accounts", ACCOUNTS)
    with acting() as act:
        found = list(every(entry_page, act)) if entries else account_entries(act)
    print_json({name: found}) if as_json else print_table(columns, found, name)


@credits_.command("allot")
@fails_clearly
def allot(
    number: Annotated[int, typer.Argument(metavar="NUMBER", help="The agreement's number.", **NUMBER)],
    how_many: Annotated[int, typer.Option("--credits", help="How many; below zero takes back what nobody holds.")],
    campaign: Annotated[str | None, typer.Option(help="For this campaign of it alone, by name.")] = None,
) -> None:
    """Give credits of your party to an agreement. RASAD_KEY holds your key: a party speaks for itself.

    From the first allotment on everything under the agreement is paid from an account, or refused.

    Example: rasad credits allot 3 --credits 500000 --campaign k-root-tj
    """
    with acting() as act:
        account = give(act, atlas_label(prepared_settings()), number, how_many, campaign)
    errors.print(f"{account.available} credits are available in account {account.account_id}", markup=False)


@credits_.command("reconcile")
@fails_clearly
def reconcile(as_json: AsJson = False) -> None:  # noqa: FBT002 - a flag
    """Settle what RIPE Atlas has charged, and compare it with what the results that are held should have cost.

    It charges some hours after the results came. The worker does the same daily.

    Example: rasad credits reconcile
    """
    settings = prepared_settings()
    with database(settings) as engine, atlas_clock(settings) as clock, make_atlas(settings, clock) as atlas:
        done = compare(transactions(engine), atlas, clock, atlas_label(settings))
    rows = [entry_of(one) for one in done.dispatches]
    if as_json:
        foreign = [{"atlas_id": one, "credits": spent} for one, spent in done.foreign.items()]
        print_json({"dispatches": rows, "foreign": foreign, "charged": done.charged, "agrees": done.agrees})
    else:
        print_table(DISPATCHES, rows, "dispatches")
    for one, spent in done.foreign.items():
        errors.print(f"{spent} credits were charged for measurement {one}, which nobody dispatched here", markup=False)
    if not done.agrees:
        errors.print("what was charged and what is settled differ", markup=False)
        raise SystemExit(FAILED)
