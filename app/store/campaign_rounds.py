"""Rounds of campaigns: what was planned in each cell, what came of it, and which dispatch belongs to which campaign."""

from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, false, func, insert, or_, select, true, update

from app.store import tables
from app.store.bulk import next_id
from measurements.campaigns.schedule import Tick
from measurements.campaigns.standing import Closing, Missing, RoundState
from measurements.results.outcome import Label


class Round(NamedTuple):
    """One round. Instants are seconds since the epoch, UTC."""

    round_id: int
    campaign_id: int
    version: int
    round_at: int
    until_at: int
    deadline_at: int
    is_extra: bool
    state: RoundState
    reason: str | None
    planned_at: int
    closed_at: int | None


class RoundCell(NamedTuple):
    """One measurement of a round. What it brought is not known before the round is closed."""

    round_id: int
    cell: str
    dispatch_id: int
    is_capped: bool
    n_expected: int | None
    n_received: int | None
    credits: int | None
    missing: Missing | None
    explanation: str | None


class Membership(NamedTuple):
    """To which campaign a dispatch belongs."""

    round_id: int
    cell: str
    campaign_id: int
    version: int


def add_round(
    connection: Connection,
    campaign_id: int,
    version: int,
    tick: Tick,
    *,
    deadline_at: int,
    now: int,
    is_extra: bool = False,
    missed: str | None = None,
) -> int:
    """Note a round that is planned, or that was missed; gives its number."""
    number = next_id(connection, tables.campaign_rounds)
    connection.execute(
        insert(tables.campaign_rounds).values(
            id=number, campaign_id=campaign_id, version=version, round_at=tick.round_at, until_at=tick.until_at,
            deadline_at=deadline_at, is_extra=is_extra, reason=missed, planned_at=now,
            state=(RoundState.OPEN if missed is None else RoundState.MISSED).value,
            closed_at=None if missed is None else now,
        )
    )  # fmt: skip
    return number


def add_cell(connection: Connection, round_id: int, cell: str, dispatch_id: int, *, is_capped: bool) -> None:
    """Note which dispatch measures a cell of a round. There is one of them, ever."""
    row = {"round_id": round_id, "cell": cell, "dispatch_id": dispatch_id, "is_capped": is_capped}
    connection.execute(insert(tables.round_cells).values(row))


def has_round(connection: Connection, campaign_id: int, version: int, round_at: int) -> bool:
    """Whether a round of a version that was due at an instant was planned or missed already."""
    column = tables.campaign_rounds.c
    query = select(column.id).where(
        column.campaign_id == campaign_id, column.version == version, column.round_at == round_at,
        column.is_extra.is_(false()),
    )  # fmt: skip
    return connection.execute(query.limit(1)).first() is not None


def find_rounds(connection: Connection, campaign_id: int, limit: int) -> list[Round]:
    """The last rounds of a campaign, the newest first."""
    column = tables.campaign_rounds.c
    query = select(tables.campaign_rounds).where(column.campaign_id == campaign_id)
    query = query.order_by(column.round_at.desc(), column.id.desc()).limit(limit)
    return [_round(row) for row in connection.execute(query)]


def find_rounds_between(connection: Connection, campaign_id: int, from_at: int, until_at: int) -> list[Round]:
    """The rounds of a campaign that were due in [from, until), in order."""
    column = tables.campaign_rounds.c
    which = (column.campaign_id == campaign_id) & (column.round_at >= from_at) & (column.round_at < until_at)
    found = connection.execute(select(tables.campaign_rounds).where(which).order_by(column.round_at, column.id))
    return [_round(row) for row in found]


def find_round(connection: Connection, round_id: int) -> Round | None:
    """One of them; None where there is none."""
    row = connection.execute(select(tables.campaign_rounds).where(tables.campaign_rounds.c.id == round_id)).first()
    return None if row is None else _round(row)


def find_closable(connection: Connection, label: Label, now: int, limit: int) -> list[int]:
    """Numbers of the open rounds whose deadline is over."""
    round_, campaign = tables.campaign_rounds, tables.campaigns
    query = select(round_.c.id).join(campaign, campaign.c.id == round_.c.campaign_id)
    query = query.where(
        round_.c.state == RoundState.OPEN.value, round_.c.deadline_at <= now, campaign.c.label == label.value
    )
    return list(connection.execute(query.order_by(round_.c.deadline_at, round_.c.id).limit(limit)).scalars())


def find_cells(connection: Connection, *round_ids: int) -> list[RoundCell]:
    """The cells of rounds, in the order in which they were planned."""
    column = tables.round_cells.c
    query = select(tables.round_cells).where(column.round_id.in_(round_ids))
    return [_cell(row) for row in connection.execute(query.order_by(column.round_id, column.dispatch_id))]


def close_cell(connection: Connection, cell: RoundCell, closing: Closing) -> None:
    """Note what a cell brought, and why the rest is missing."""
    column = tables.round_cells.c
    which = (column.round_id == cell.round_id) & (column.cell == cell.cell)
    connection.execute(update(tables.round_cells).where(which).values(closing._asdict()))


def close_round(connection: Connection, round_id: int, now: int) -> None:
    """Note that a round is closed."""
    which = tables.campaign_rounds.c.id == round_id
    closed = {"state": RoundState.CLOSED.value, "closed_at": now}
    connection.execute(update(tables.campaign_rounds).where(which).values(closed))


def find_membership(connection: Connection, dispatch_id: int) -> Membership | None:
    """To which campaign a dispatch belongs; None for one that belongs to none."""
    cell, round_ = tables.round_cells, tables.campaign_rounds
    query = select(cell.c.round_id, cell.c.cell, round_.c.campaign_id, round_.c.version)
    query = query.join(round_, round_.c.id == cell.c.round_id).where(cell.c.dispatch_id == dispatch_id)
    row = connection.execute(query).first()
    return None if row is None else Membership(*row)


def campaign_dispatches(connection: Connection, campaign_id: int) -> list[tuple[str, int]]:
    """Cell and dispatch of everything of a campaign that may be running, or be sent."""
    dispatch, cell, round_ = tables.dispatches, tables.round_cells, tables.campaign_rounds
    query = select(cell.c.cell, dispatch.c.id).join(cell, cell.c.dispatch_id == dispatch.c.id)
    query = query.join(round_, round_.c.id == cell.c.round_id)
    lives = dispatch.c.stopped_at.is_(None) & dispatch.c.failure.is_(None)
    found = connection.execute(query.where(round_.c.campaign_id == campaign_id, lives).order_by(dispatch.c.id))
    return [(row[0], row[1]) for row in found]


def committed_credits(connection: Connection, campaign_id: int, *, but: int) -> int:
    """What a campaign has cost, and may cost at most by what is under way or about to be sent, but for one dispatch.

    A round that is closed cost what its results cost; what the gate refused before it was sent costs nothing.
    """
    dispatch, cell, round_ = tables.dispatches, tables.round_cells, tables.campaign_rounds
    counted = func.coalesce(cell.c.credits, dispatch.c.credits)
    query = select(func.coalesce(func.sum(counted), 0)).select_from(cell)
    query = query.join(dispatch, dispatch.c.id == cell.c.dispatch_id).join(round_, round_.c.id == cell.c.round_id)
    query = query.where(round_.c.campaign_id == campaign_id, dispatch.c.id != but, dispatch.c.failure.is_(None))
    return int(connection.execute(query.where(or_(dispatch.c.sent_at.is_not(None), _is_permitted()))).scalar_one())


def _is_permitted() -> ColumnElement[bool]:
    """Whether the last thing that the gate said of a dispatch was yes."""
    said, dispatch = tables.decisions, tables.dispatches
    last = select(said.c.is_permitted).where(said.c.dispatch_id == dispatch.c.id).order_by(said.c.id.desc()).limit(1)
    return last.correlate(dispatch).scalar_subquery().is_(true())


def _round(row: Any) -> Round:
    held = row._mapping  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping
    told = {name: held[name] for name in Round._fields if name not in ("round_id", "state")}
    return Round(round_id=row.id, state=RoundState(row.state), **told)


def _cell(row: Any) -> RoundCell:
    held = row._mapping  # noqa: SLF001 - as above
    missing = None if row.missing is None else Missing(row.missing)
    return RoundCell(**{name: held[name] for name in RoundCell._fields if name != "missing"}, missing=missing)
