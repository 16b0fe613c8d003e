"""Tell how the last round of a campaign goes: what was sent, what has come so far, and what it closed with."""

from typing import NamedTuple

from sqlalchemy import Connection

from app.store.campaign_rounds import RoundCell, find_cells, find_rounds
from app.store.campaigns import find_campaign
from app.store.count_results import count_results
from app.store.dispatches import Dispatch, find_dispatch
from measurements.campaigns.standing import RoundState
from measurements.results.outcome import Label


class Told(NamedTuple):
    """One measurement of the round."""

    what: str
    """`ping to k-root`."""
    sent_at: int | None
    atlas_id: int | None
    n_expected: int | None
    """None while the round is open."""
    n_received: int
    explanation: str | None
    """Why something is missing, or was not sent."""


class RoundSoFar(NamedTuple):
    """A round as it stands."""

    round_at: int
    state: RoundState
    closed_at: int | None
    measurements: tuple[Told, ...]


def tell_night(connection: Connection, label: Label, name: str) -> RoundSoFar | None:
    """The newest round of a campaign; None while it has none."""
    held = find_campaign(connection, label, name)
    newest = next(iter(find_rounds(connection, held.campaign_id, 1)), None) if held else None
    if newest is None:
        return None
    found = [(cell, find_dispatch(connection, cell.dispatch_id)) for cell in find_cells(connection, newest.round_id)]
    told = tuple(_told(connection, label, cell, dispatch) for cell, dispatch in found if dispatch is not None)
    return RoundSoFar(newest.round_at, newest.state, newest.closed_at, told)


def _told(connection: Connection, label: Label, cell: RoundCell, dispatch: Dispatch) -> Told:
    allowed, atlas_id = dispatch.intent.allowed, dispatch.atlas_id
    n_received = 0 if atlas_id is None else count_results(connection, label, atlas_id)[0]
    return Told(
        f"{allowed.type} to {allowed.target}", dispatch.sent_at, atlas_id, cell.n_expected,
        n_received if cell.n_received is None else cell.n_received, cell.explanation or dispatch.failure,
    )  # fmt: skip
