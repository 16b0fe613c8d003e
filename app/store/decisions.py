"""What the gate said of intents, and what waits because it said yes."""

from collections import defaultdict

from sqlalchemy import Connection, insert, select

from app.store import tables
from app.store.bulk import next_id
from app.store.dispatches import Dispatch, find_under_way, find_where
from measurements.agreements.gate import Decision
from measurements.agreements.intent import intent_digest
from measurements.agreements.reasons import Reason
from measurements.results.outcome import Label


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


def last_decision(connection: Connection, dispatch_id: int) -> Decision | None:
    """The last thing that the gate said of it; None where it was not asked yet."""
    column = tables.decisions.c
    query = select(tables.decisions).where(column.dispatch_id == dispatch_id).order_by(column.id.desc()).limit(1)
    row = connection.execute(query).first()
    return None if row is None else Decision(row.is_permitted, Reason(row.reason), row.digest, row.decided_at)


def is_permitted_still(connection: Connection, dispatch: Dispatch) -> bool:
    """Whether the last thing that the gate said of it was yes."""
    said = last_decision(connection, dispatch.dispatch_id)
    return said is not None and said.is_permitted


def find_unsent(connection: Connection, label: Label) -> list[Dispatch]:
    """What was intended, and permitted when the gate was last asked, and neither sent nor given up."""
    column = tables.dispatches.c
    waits = find_where(connection, column.sent_at.is_(None) & column.failure.is_(None) & (column.label == label.value))
    return [one for one in waits if is_permitted_still(connection, one)]


def find_reserved(connection: Connection, label: Label) -> int:
    """The credits of what was permitted and is not over, by what it costs at most."""
    waiting, running = find_unsent(connection, label), find_under_way(connection, label)
    return sum(one.intent.credits for one in (*waiting, *running))
