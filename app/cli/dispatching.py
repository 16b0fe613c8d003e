"""`rasad dispatch`, `dispatch-settle` and `withdraw`: have measured what was agreed on, and end it."""

from typing import Annotated

import typer
from sqlalchemy import Engine

from app.cli.acting import acting, caller_of
from app.cli.context import FAILED, MISUSED, NUMBER, database, errors, fail, fails_clearly, instant, prepared_settings
from app.cli.output import AsJson, print_json
from app.dependencies import atlas_clock, atlas_label
from app.doors import make_atlas
from app.operations.decide_dispatches import case_of, require_dispatch
from app.operations.dispatch_entries import SOON_S
from app.operations.find_lost_dispatches import look_up
from app.operations.intend_dispatches import ask_gate, intend
from app.operations.send_dispatches import SENT, send
from app.operations.settle_dispatches import adopt_measurement, give_up
from app.operations.stop_dispatches import cessation_record, stop_withdrawn, withdraw_agreement
from app.store.engine import reading, transactions
from measurements.agreements.gate import Case, Decision, decide, explained
from measurements.atlas.failures import AtlasFailure
from measurements.atlas.gateway import AtlasGateway
from measurements.campaigns.limits import PlatformLimits
from measurements.clock import Clock
from measurements.errors import NotPossible
from measurements.selections import MOST_PROBES
from measurements.units import DAY_S, seconds

Number = Annotated[int, typer.Argument(metavar="NUMBER", help="The agreement's number.", **NUMBER)]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("dispatch")(dispatch)
    app.command("dispatch-settle")(dispatch_settle)
    app.command("withdraw")(withdraw)


@fails_clearly
def dispatch(
    number: Number,
    entry: Annotated[int, typer.Option(help="Which measurement of the card; the first is 1.", min=1)] = 1,
    from_: Annotated[str | None, typer.Option("--from", help="When it begins; default: in a minute.")] = None,
    to: Annotated[str | None, typer.Option(help="When it ends, exclusive; default: in a day.")] = None,
    probes: Annotated[
        int | None, typer.Option(help="From how many probes at most; default: as agreed.", min=1, max=MOST_PROBES)
    ] = None,
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
    except AtlasFailure as failure:
        with reading(engine) as connection:
            dispatch = require_dispatch(connection, dispatch_id)
        state = dispatch.state(seconds(clock.now()), is_permitted=True)
        fail(f"dispatch {dispatch_id}: {dispatch.failure or dispatch.trouble or failure}. {state.explanation}")


@fails_clearly
def dispatch_settle(
    number: Annotated[int, typer.Argument(metavar="NUMBER", help="The dispatch's number.", **NUMBER)],
    adopt: Annotated[int | None, typer.Option(metavar="ATLAS_ID", help="Which measurement it is.", **NUMBER)] = None,
    nobody_waits: Annotated[bool, typer.Option("--give-up", help="It is none, or nobody waits for it.")] = False,  # noqa: FBT002 - a flag
) -> None:
    """Say what became of a dispatch whose answer was lost, where that takes a person.

    RIPE Atlas is asked once more first. Whatever else is there under its tag, the worker stops.

    Example: rasad dispatch-settle 7 --adopt 200000001
    """
    if (adopt is None) is not nobody_waits:
        fail("say which measurement it is with --adopt, or that it is none with --give-up", MISUSED)
    settings = prepared_settings()
    with database(settings) as engine, atlas_clock(settings) as clock, make_atlas(settings, clock) as atlas:
        with reading(engine) as connection:
            dispatch = require_dispatch(connection, number)
        is_of_this_atlas = dispatch.label is atlas_label(settings)
        if is_of_this_atlas and dispatch.is_unanswered and look_up(transactions(engine), atlas, clock, dispatch):
            with reading(engine) as connection:
                found = require_dispatch(connection, number)
            fail(f"nothing is left to settle: {found.state(seconds(clock.now()), is_permitted=True).explanation}")
    with acting() as act:
        settled = give_up(act, number) if adopt is None else adopt_measurement(act, number, adopt)
    errors.print(f"dispatch {number}: {settled.failure or f'it is measurement {adopt}'}", markup=False)


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
    for one in record["measurements"]:
        if one["atlas_id"] is None and one["stopped_at"] is None:
            errors.print(f"dispatch {one['dispatch_id']}: whether RIPE Atlas has it is not known yet", markup=False)
    if not record["is_complete"]:
        errors.print("not everything is known to have stopped; the same command again goes on", markup=False)
        raise SystemExit(FAILED)
    errors.print(f"agreement {number} is withdrawn, and everything under it has stopped", markup=False)
