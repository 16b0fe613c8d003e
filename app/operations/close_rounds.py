"""Close rounds after their deadline: what was expected of each cell, what was received, and why the rest is missing."""

from typing import NamedTuple

from sqlalchemy import Connection

from app.store import campaign_rounds as rounds
from app.store.campaign_rounds import Round, RoundCell
from app.store.count_results import count_results
from app.store.decisions import last_decision
from app.store.dispatches import Dispatch, find_dispatch
from app.store.engine import Transaction
from app.store.find_vantage import find_measurements
from measurements.campaigns.standing import Closing, Counted, Fate, RoundState, close_cell
from measurements.results.outcome import Label

MOST_AT_ONCE = 100
"""Rounds that are closed in one go, before something else has its turn."""


class Closed(NamedTuple):
    """What was closed."""

    n_rounds: int
    n_expected: int
    n_received: int


def close_rounds(transaction: Transaction, now: int, label: Label) -> Closed:
    """Close every round whose deadline is over; each is one commit."""
    with transaction() as connection:
        due = rounds.find_closable(connection, label, now, MOST_AT_ONCE)
    closings = list[Closing]()
    for round_id in due:
        with transaction() as connection:
            closings += _close(connection, round_id, label, now)
    return Closed(len(due), sum(one.n_expected for one in closings), sum(one.n_received for one in closings))


def _close(connection: Connection, round_id: int, label: Label, now: int) -> list[Closing]:
    found = rounds.find_round(connection, round_id)
    if found is None or found.state is not RoundState.OPEN:  # somebody was quicker
        return []
    closings = []
    for cell in rounds.find_cells(connection, round_id):
        closing = _closing_of(connection, found, cell, label, is_over=True)
        rounds.close_cell(connection, cell, closing)
        closings.append(closing)
    rounds.close_round(connection, round_id, now)
    return closings


def as_it_stands(connection: Connection, of: Round, cell: RoundCell, label: Label) -> RoundCell:
    """A cell as its round was closed; of a round that is open still, as it stands now."""
    if of.state is not RoundState.OPEN:
        return cell
    return cell._replace(**_closing_of(connection, of, cell, label, is_over=False)._asdict())


def _closing_of(connection: Connection, of: Round, cell: RoundCell, label: Label, *, is_over: bool) -> Closing:
    """What is said of a cell when its round is over, or while it is not."""
    dispatch = find_dispatch(connection, cell.dispatch_id)
    assert dispatch is not None, "the database holds a cell to its dispatch"  # noqa: S101 - a foreign key
    until_at = of.until_at if dispatch.intent.stop_at is None else min(of.until_at, dispatch.intent.stop_at)
    return close_cell(_fate(connection, dispatch), _counted(connection, dispatch, label), until_at, is_open=not is_over)


def _fate(connection: Connection, dispatch: Dispatch) -> Fate:
    said = last_decision(connection, dispatch.dispatch_id)
    return Fate(
        refused=None if said is None or said.is_permitted else said.reason.explanation,
        failure=dispatch.failure,
        is_sent=dispatch.sent_at is not None,
        is_answered=dispatch.atlas_id is not None,
        stopped_at=dispatch.stop_asked_at,
    )


def _counted(connection: Connection, dispatch: Dispatch, label: Label) -> Counted:
    intent, atlas_id = dispatch.intent, dispatch.atlas_id
    price = intent.allowed.definition().credits_per_result(is_oneoff=intent.is_oneoff)
    if atlas_id is None:
        return Counted(intent.n_rounds, intent.n_probes, None, 0, 0, price)
    known = next(iter(find_measurements(connection, [atlas_id], label)), None)
    participants = len(known.participants) if known and known.participants else None
    n_received, n_heard = count_results(connection, label, atlas_id)
    return Counted(intent.n_rounds, intent.n_probes, participants, n_heard, n_received, price)
