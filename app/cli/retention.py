"""`rasad retention`: erase what agreements say, and see what is due and what was erased."""

from typing import Annotated

import typer

from app.cli.acting import caller_of
from app.cli.context import database, errors, fails_clearly, prepared_settings
from app.cli.output import AsJson, Column, print_json, print_table
from app.dependencies import atlas_clock, atlas_label
from app.operations.run_retention import run_retention
from app.operations.show_retention import due_on_the_wire, retention_on_the_wire, tombstone_on_the_wire
from app.operations.tombstone_file import TombstoneFile
from app.store.engine import reading, transactions
from app.store.tend import forget_erased
from measurements.agreements.retention import Tombstone
from measurements.units import iso

WHICH = (Column("agreement_id"), Column("atlas_id"), Column("level"), Column("from_at"), Column("until_at"))
ERASED = (*WHICH, Column("n_records"), Column("why"))
DUE = (*WHICH, Column("n_records"), Column("days"))
KEPT = (
    Column("agreement_id"), Column("version"), Column("atlas_id"), Column("raw_days"), Column("raw_gone_before"),
    Column("probe_level_days"), Column("probe_level_gone_before"),
)  # fmt: skip
NOTHING_KEPT = "nothing was measured under an agreement yet; rasad agreement list shows how agreements stand"
NOTHING_DUE = "nothing has to go; rasad retention show tells for how long things are kept"
NOTHING_ERASED = "nothing was erased; rasad retention run --dry-run tells what would be"
app = typer.Typer(
    help="Erase results and values of single probes when their agreement says so, and see what was erased.",
    no_args_is_help=True,
)


@app.command("run")
@fails_clearly
def run(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,  # noqa: FBT002 - a flag
    as_json: AsJson = False,  # noqa: FBT002 - a flag
) -> None:
    """Erase everything that is due, and again whatever a restored copy of the database brought back.

    The worker does so daily. Figures that name no probe stay; each day of a measurement leaves a tombstone.

    Examples:
        rasad retention run --dry-run

        rasad retention run --json

    """
    settings = prepared_settings()
    with database(settings) as engine, atlas_clock(settings) as clock:
        label, now_at = atlas_label(settings), int(clock.now().timestamp())
        if dry_run:
            with reading(engine) as connection:
                due = due_on_the_wire(connection, label, now_at)
            print_json({"due": due}) if as_json else print_table(DUE, due, "would be erased", if_none=NOTHING_DUE)
            return
        person_id = caller_of(settings, engine, clock).person.person_id or None
        file = TombstoneFile(settings.tombstones_file, settings.audit_key_file)
        report = run_retention(transactions(engine), file, now_at, label=label, person_id=person_id, on_erased=_say)
        is_forgotten = forget_erased(engine)
    if report.n_refused:
        errors.print(f"{settings.tombstones_file}: {report.n_refused} lines are no tombstones signed by our key")
    if not is_forgotten:
        errors.print("the log of the database is being read and still has what was erased: run this again")
    erased = [tombstone_on_the_wire(one) for one in report.tombstones]
    told = {"n_records": dict(report.n_by_level), "n_figures": report.n_figures, "tombstones": erased}
    if as_json:
        print_json(told | {"is_log_cut_off": is_forgotten})
    else:
        print_table(ERASED, erased, "erased", if_none=NOTHING_DUE)


@app.command("show")
@fails_clearly
def show(
    as_json: AsJson = False,  # noqa: FBT002 - a flag
) -> None:
    """Show for how long things are kept, what has to go now, and what was erased.

    Example: rasad retention show
    """
    settings = prepared_settings()
    with database(settings) as engine, atlas_clock(settings) as clock, reading(engine) as connection:
        told = retention_on_the_wire(connection, atlas_label(settings), int(clock.now().timestamp()))
    if as_json:
        print_json(told)
        return
    print_table(KEPT, told["measurements"], "kept as agreed", if_none=NOTHING_KEPT)
    print_table(DUE, told["due"], "due now", if_none=NOTHING_DUE)
    print_table(ERASED, told["tombstones"], "tombstones", if_none=NOTHING_ERASED)


def _say(tombstone: Tombstone) -> None:
    errors.print(
        f"agreement {tombstone.agreement_id}, measurement {tombstone.atlas_id}, day from {iso(tombstone.from_at)}: "
        f"{tombstone.n_records} records, {tombstone.level}"
    )
