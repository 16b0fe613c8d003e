"""Quarantine what is held and turns out to have been measured outside of consent, whatever was said of it meanwhile.

What comes in is held to consent when it comes. What is held already may lie outside of it all the same: measured by a
clock that was ahead, when a party withdrew since; or before somebody noted that an owner's consent had ended. Whenever
anybody has said something, everything that is held of a dispatch is judged anew, if it is covered otherwise now.
"""

from collections.abc import Callable

import structlog
from sqlalchemy import Connection

from app.operations.answer_dispatches import note_of
from app.operations.hold_to_consent import Consents, find_covered, hold_to_consent
from app.store import outside
from app.store.dispatches import Dispatch
from app.store.engine import Transaction
from app.store.erase import erase
from app.store.rebuild import RawRow, take_in
from app.store.records import Record, prepare, unpack_body
from app.store.series import SeriesNumbers
from measurements.agreements.audit import Act as Done
from measurements.agreements.retention import Level
from measurements.clock import Clock
from measurements.results.outcome import Label
from measurements.units import seconds

BATCH_RECORDS = 2_000

_log = structlog.get_logger("rasad.dispatches")


def quarantine_outside(transaction: Transaction, clock: Clock, on_batch: Callable[[], object] = lambda: None) -> int:
    """Quarantine what is held and was measured outside of consent, as everything says that was said by now.

    Each batch is a unit of work; safe to repeat, and to be cut off. Gives how many records are in use no longer.
    """
    with transaction() as connection:
        facts = outside.count_facts(connection)
        due = outside.find_unchecked(connection, facts)
        consents = Consents(connection)
        judged = [(one, consents.of(one).periods, before) for one, before in due]
        same = [(one, periods) for one, periods, before in judged if before == outside.written(periods)]
        outside.note_checked(connection, facts, same)
    otherwise = (one for one, periods, before in judged if before != outside.written(periods))
    return sum(_judge(transaction, clock, dispatch, on_batch) for dispatch in otherwise)


def _judge(transaction: Transaction, clock: Clock, dispatch: Dispatch, on_batch: Callable[[], object]) -> int:
    """Judge everything that is held of a dispatch, and note by which facts that was when all is done."""
    n_gone, after, is_done = 0, 0, False
    while not is_done:
        with transaction() as connection:
            facts, consents = outside.count_facts(connection), Consents(connection)
            periods = consents.of(dispatch).periods
            rows = outside.find_suspects(connection, dispatch, periods, after, BATCH_RECORDS)
            n_batch = _set_aside(connection, rows, consents)
            if is_done := len(rows) < BATCH_RECORDS:
                erased = outside.find_outside_erased(connection, dispatch, periods)
                n_batch += len(erase(connection, Level.PROBE_LEVEL, erased)) if erased else 0
                outside.note_checked(connection, facts, [(dispatch, periods)])
            if n_batch:
                details = {"dispatch_id": dispatch.dispatch_id, "atlas_id": dispatch.atlas_id, "n_records": n_batch}
                note_of(connection, dispatch, Done.RESULTS_QUARANTINED, seconds(clock.now()), details=details)
        after = rows[-1].id if rows else after
        n_gone += n_batch
        on_batch()
    if n_gone:
        _log.info("measured outside of consent: in use no longer", atlas_id=dispatch.atlas_id, n=n_gone)
    return n_gone


def _set_aside(connection: Connection, rows: list[RawRow], consents: Consents) -> int:
    """Quarantine those of some records that lie outside, and make anew what is left under their keys."""
    held = _read(connection, rows, consents)
    gone = [(row, record) for row, record in zip(rows, held, strict=True) if record.result is None]
    if not gone:
        return 0
    gone_rows = [row for row, _ in gone]
    numbering = outside.numbering_of(connection, gone_rows)
    left = outside.take_apart(connection, gone_rows, [record for _, record in gone])
    take_in(connection, left, _read(connection, left, consents), SeriesNumbers(), numbering)
    return len(gone)


def _read(connection: Connection, rows: list[RawRow], consents: Consents) -> list[Record]:
    records = [prepare(unpack_body(row.body), Label(row.label)) for row in rows]
    return hold_to_consent(records, find_covered(connection, records, consents))
