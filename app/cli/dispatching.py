"""`rasad dispatch` and `withdraw`: have measured what was agreed on, and end it."""

from typing import Annotated

import typer
from sqlalchemy import Engine

from app.cli.acting import acting, caller_of
from app.cli.context import FAILED, NUMBER, database, errors, fail, fails_clearly, instant, prepared_settings
from app.cli.output import AsJson, print_json
from app.dependencies import atlas_clock, atlas_label, make_atlas
from app.operations.decide_dispatches import case_of
from app.operations.dispatch_entries import SOON_S
from app.operations.intend_dispatches import ask_gate, intend
from app.operations.send_dispatches import SENT, send
from app.operations.stop_dispatches import cessation_record, stop_withdrawn, withdraw_agreement
from app.store.engine import transactions
from measurements.agreements.gate import Case, Decision, decide, explained
from measurements.atlas.gateway import AtlasGateway
from measurements.campaigns.limits import PlatformLimits
from measurements.clock import Clock
from measurements.errors import NotPossible
from measurements.units import DAY_S

Number = Annotated[int, typer.Argument(metavar="NUMBER", help="The agreement's number.", **NUMBER)]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("dispatch")(dispatch)
    app.command("withdraw")(withdraw)


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
            case = ask_gate(*place, start_at=begin_at, stop_at=end_at, n_probes=probes, limits=settings.limits)
            _require_permitted(decide(*case), case)
            errors.print("it would be permitted", markup=False)
            return
        made, decision = intend(*place, start_at=begin_at, stop_at=end_at, n_probes=probes, limits=settings.limits)
        case = case_of(act.connection, made, act.now_at, settings.limits)
    _require_permitted(decision, case)
    with database(settings) as engine, atlas_clock(settings) as clock, make_atlas(settings, clock) as atlas:
        _send(engine, atlas, clock, made.dispatch_id, settings.limits)
    errors.print(
        f"dispatch {made.dispatch_id} is sent; rasad agreement explain {number} says how it stands", markup=False
    )


def _send(engine: Engine, atlas: AtlasGateway, clock: Clock, dispatch_id: int, limits: PlatformLimits) -> None:
    """Send it, unless the worker was quicker."""
    try:
        _require_permitted(send(transactions(engine), atlas, clock, dispatch_id, limits))
    except NotPossible as error:
        if error.reason != SENT:
            raise


def _require_permitted(decision: Decision, case: Case | None = None) -> None:
    if not decision.is_permitted:
        fail(f"refused: {decision.reason.explanation if case is None else explained(case, decision.reason)}")


@fails_clearly
def withdraw(number: Number, as_json: AsJson = False) -> None:  # noqa: FBT002 - a flag
    """Take your party's consent back: everything under the agreement is stopped, and read back until it has stopped.

    Nobody has to say why. The same command again goes on stopping what could not be reached.

    Example: rasad withdraw 3
    """
    settings = prepared_settings()
    with database(settings) as engine, atlas_clock(settings) as clock, make_atlas(settings, clock) as atlas:
        work, label = transactions(engine), atlas_label(settings)
        is_withdrawn = bool(cessation_record(work, number)["withdrawals"])
        if is_withdrawn:
            stopping = stop_withdrawn(work, atlas, clock, label, number)
        else:
            stopping = withdraw_agreement(work, atlas, clock, label, number, caller_of(settings, engine, clock))
        record = cessation_record(work, number)
    if as_json:
        print_json(record)
    for atlas_id, why in stopping.failures.items():
        errors.print(f"{atlas_id}: {why}", markup=False)
    if not record["is_complete"]:
        errors.print("not everything is known to have stopped; the same command again goes on", markup=False)
        raise SystemExit(FAILED)
    errors.print(f"agreement {number} is withdrawn, and everything under it has stopped", markup=False)
