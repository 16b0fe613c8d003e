"""Intents, what the gate said of them, and what became of them."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from decimal import Decimal
from typing import Any, NamedTuple

import orjson
from sqlalchemy import ColumnElement, Connection, insert, select

from app.store import tables
from app.store.bulk import next_id
from measurements.agreements.gate import Decision
from measurements.agreements.intent import Intent, intent_digest, intent_form, read_intent
from measurements.agreements.reasons import Reason
from measurements.results.outcome import Label


class Dispatch(NamedTuple):
    """An intent, and what became of it. Instants are seconds since the epoch, UTC."""

    dispatch_id: int
    label: Label
    agreement_id: int
    number: int
    """Of the version that it cites."""
    intent: Intent
    tag: str
    intended_at: int
    sent_at: int | None
    atlas_id: int | None
    answered_at: int | None
    failure: str | None
    stop_asked_at: int | None
    stopped_at: int | None
    campaign: str | None = None
    """Whose account pays for it, by name."""

    @property
    def is_under_way(self) -> bool:
        """Whether it may be running on RIPE Atlas: sent, or about to be, and not known to have stopped or failed."""
        return self.sent_at is not None and self.stopped_at is None and self.failure is None

    def has_ended(self, now: int) -> bool:
        """Whether it should have ended by itself."""
        return self.intent.stop_at is not None and self.intent.stop_at <= now


def next_number(connection: Connection) -> int:
    """The number that the next one gets."""
    return next_id(connection, tables.dispatches)


def add_intent(
    connection: Connection,
    dispatch_id: int,
    label: Label,
    agreement_id: int,
    number: int,
    intent: Intent,
    tag: str,
    now: int,
    campaign: str | None = None,
) -> None:
    """Note what is to be dispatched."""
    connection.execute(
        insert(tables.dispatches).values(
            id=dispatch_id,
            label=label,
            agreement_id=agreement_id,
            number=number,
            digest=intent.digest,
            intent=intent_form(intent).decode(),
            intent_digest=intent_digest(intent),
            tag=tag,
            target=intent.allowed.target,
            n_probes=intent.n_probes,
            credits=intent.credits,
            start_at=intent.start_at,
            stop_at=intent.stop_at,
            is_public=intent.is_public,
            intended_at=now,
            campaign=campaign,
        )
    )


def add_decision(connection: Connection, dispatch: Dispatch, decision: Decision) -> None:
    """Note what the gate said. The database aborts a permission that does not hold."""
    connection.execute(
        insert(tables.decisions).values(
            id=next_id(connection, tables.decisions),
            dispatch_id=dispatch.dispatch_id,
            intent_digest=intent_digest(dispatch.intent),
            digest=decision.digest,
            is_permitted=decision.is_permitted,
            reason=decision.reason,
            decided_at=decision.decided_at,
        )
    )


def find_decisions(connection: Connection, agreement_id: int) -> dict[int, list[Decision]]:
    """What the gate has said of each dispatch of an agreement, in order; number of the dispatch -> decisions."""
    column, found = tables.decisions.c, defaultdict[int, list[Decision]](list)
    query = select(tables.decisions).join(tables.dispatches).where(tables.dispatches.c.agreement_id == agreement_id)
    for row in connection.execute(query.order_by(column.id)):
        said = Decision(row.is_permitted, Reason(row.reason), row.digest, row.decided_at)
        found[row.dispatch_id].append(said)
    return found


def is_permitted_still(connection: Connection, dispatch: Dispatch) -> bool:
    """Whether the last thing that the gate said of it was yes."""
    column = tables.decisions.c
    query = select(column.is_permitted).where(column.dispatch_id == dispatch.dispatch_id).order_by(column.id.desc())
    return bool(connection.execute(query.limit(1)).scalar())


def note(connection: Connection, dispatch_id: int, **what: int | str | None) -> None:
    """Note what became of it: sent_at, atlas_id, answered_at, failure, stop_asked_at, stopped_at."""
    connection.execute(tables.dispatches.update().where(tables.dispatches.c.id == dispatch_id).values(what))


def find_dispatch(connection: Connection, dispatch_id: int) -> Dispatch | None:
    """One of them; None where there is none with that number."""
    return next(iter(_find(connection, tables.dispatches.c.id == dispatch_id)), None)


def lock_dispatch(connection: Connection, dispatch_id: int) -> Dispatch | None:
    """The same with its row locked until the unit of work ends, so that what is decided now is what is sent."""
    statement = select(tables.dispatches.c.id).where(tables.dispatches.c.id == dispatch_id).with_for_update()
    connection.execute(statement)  # on SQLite the writer is alone anyway
    return find_dispatch(connection, dispatch_id)


def find_dispatches(connection: Connection, agreement_id: int) -> list[Dispatch]:
    """All of an agreement, in order."""
    return _find(connection, tables.dispatches.c.agreement_id == agreement_id)


def find_unsent(connection: Connection, label: Label) -> list[Dispatch]:
    """What was intended, and permitted when the gate was last asked, and neither sent nor given up."""
    column = tables.dispatches.c
    waits = _find(connection, column.sent_at.is_(None) & column.failure.is_(None) & (column.label == label.value))
    return [one for one in waits if is_permitted_still(connection, one)]


def find_under_way(connection: Connection, label: Label) -> list[Dispatch]:
    """What may be running on RIPE Atlas, or on a rehearsal."""
    column = tables.dispatches.c
    is_running = column.sent_at.is_not(None) & column.stopped_at.is_(None) & column.failure.is_(None)
    return _find(connection, is_running & (column.label == label.value))


def find_created(connection: Connection, label: Label) -> list[Dispatch]:
    """What the platform has created, running or not."""
    column = tables.dispatches.c
    return _find(connection, column.atlas_id.is_not(None) & (column.label == label.value))


def find_agreement_of(
    connection: Connection, measured: Iterable[tuple[str, int | None]]
) -> dict[tuple[str, int | None], tuple[int, int]]:
    """Label and Atlas's number -> agreement and version, of the measurements among these that were dispatched."""
    column, wanted = tables.dispatches.c, set(measured)
    query = select(column.label, column.atlas_id, column.agreement_id, column.number).where(
        column.atlas_id.is_not(None)
    )
    return {(row[0], row[1]): (row[2], row[3]) for row in connection.execute(query) if (row[0], row[1]) in wanted}


def committed_credits(connection: Connection, dispatch: Dispatch) -> int:
    """What everything else that was sent under the same agreement costs at most."""
    others = (one for one in find_dispatches(connection, dispatch.agreement_id) if one.sent_at is not None)
    return sum(one.intent.credits for one in others if one.dispatch_id != dispatch.dispatch_id and one.failure is None)


def committed_rate(connection: Connection, dispatch: Dispatch, beside: Collection[str] = ()) -> Decimal:
    """Packets per second toward the same target from everything else under way, by whatever agreement.

    Toward what goes by the names in `beside` as well.
    """
    targets = {dispatch.intent.allowed.target, *beside}
    others = (one for one in find_under_way(connection, dispatch.label) if one.dispatch_id != dispatch.dispatch_id)
    return sum((one.intent.packets_per_s for one in others if one.intent.allowed.target in targets), Decimal(0))


def _find(connection: Connection, condition: ColumnElement[bool]) -> list[Dispatch]:
    query = select(tables.dispatches).where(condition).order_by(tables.dispatches.c.id)
    return [_dispatch(row) for row in connection.execute(query)]


def _dispatch(row: Any) -> Dispatch:
    return Dispatch(
        dispatch_id=row.id,
        label=Label(row.label),
        agreement_id=row.agreement_id,
        number=row.number,
        intent=read_intent(orjson.loads(row.intent)),
        tag=row.tag,
        intended_at=row.intended_at,
        sent_at=row.sent_at,
        atlas_id=row.atlas_id,
        answered_at=row.answered_at,
        failure=row.failure,
        stop_asked_at=row.stop_asked_at,
        stopped_at=row.stopped_at,
        campaign=row.campaign,
    )
