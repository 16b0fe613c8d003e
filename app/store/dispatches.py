"""Intents, and what became of them."""

from collections.abc import Collection, Iterable
from decimal import Decimal
from typing import Any, NamedTuple

import orjson
from sqlalchemy import ColumnElement, Connection, insert, select

from app.store import tables
from app.store.bulk import next_id
from measurements.agreements.intent import Intent, intent_digest, intent_form, read_intent
from measurements.campaigns.dispatching import LEASE_S, DispatchState
from measurements.results.outcome import Label


class Found(NamedTuple):
    """A measurement of ours on RIPE Atlas under the tag of a dispatch."""

    atlas_id: int
    is_as_asked: bool
    """Whether it is what was to be dispatched."""
    stopped_at: int | None = None
    """When RIPE Atlas was read to say that it had stopped."""


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
    n_sent: int = 0
    """How often a call was about to be made."""
    lease_until_at: int | None = None
    """Until then whoever sends it has it to itself."""
    retry_at: int | None = None
    trouble: str | None = None
    """What stands in its way for now."""
    looked_at: int | None = None
    missed_at: int | None = None
    """When a look-up by its tag first found nothing since it was sent."""
    lost_at: int | None = None
    """When a second one did, so that it was sent again."""
    referred_at: int | None = None
    """Since when a person has to decide."""
    found: tuple[Found, ...] = ()
    """What there is under its tag, where that is not exactly what it was sent as."""

    @property
    def is_unanswered(self) -> bool:
        """Whether it was sent, and nobody knows what came of it."""
        return self.is_under_way and self.atlas_id is None

    def may_be_called(self, now: int) -> bool:
        """Whether whoever sends it may still be at it."""
        if self.sent_at is None:
            return False
        until_at = self.sent_at + LEASE_S if self.lease_until_at is None else self.lease_until_at
        return now < max(self.sent_at, until_at)

    @property
    def surplus(self) -> tuple[Found, ...]:
        """What there is under its tag besides."""
        return tuple(one for one in self.found if one.atlas_id != self.atlas_id)

    @property
    def open_surplus(self) -> tuple[Found, ...]:
        """What of it is not known to have stopped."""
        return tuple(one for one in self.surplus if one.stopped_at is None)

    @property
    def credits(self) -> int:
        """What it can cost at most, or can have cost where it was stopped before its end."""
        ends_at = [at for at in (self.intent.stop_at, self.stopped_at) if at is not None]
        made = {self.atlas_id, *(one.atlas_id for one in self.found)} - {None}
        return self.intent.credits_until(min(ends_at, default=None)) * max(1, len(made))

    def state(self, now: int, *, is_permitted: bool) -> DispatchState:
        """How far it has come; `is_permitted` is the last word of the gate."""
        if self.failure is not None:
            return DispatchState.FAILED
        if self.stopped_at is not None:
            return DispatchState.STOPPED
        if self.sent_at is None:
            unsent = DispatchState.WAITING if self.retry_at is not None else DispatchState.INTENDED
            return unsent if is_permitted else DispatchState.REFUSED
        if self.atlas_id is not None:
            return DispatchState.RUNNING if self.stop_asked_at is None else DispatchState.STOPPING
        if self.referred_at is not None:
            return DispatchState.UNDECIDED
        return DispatchState.SENDING if self.may_be_called(now) else DispatchState.LOST

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


def note(connection: Connection, dispatch_id: int, **what: int | str | None) -> None:
    """Note what became of it, by the names of the columns."""
    connection.execute(tables.dispatches.update().where(tables.dispatches.c.id == dispatch_id).values(what))


def note_found(connection: Connection, dispatch_id: int, found: Iterable[Found]) -> None:
    """Note what there is under its tag."""
    note(connection, dispatch_id, found=orjson.dumps([one._asdict() for one in found]).decode())


def find_dispatch(connection: Connection, dispatch_id: int) -> Dispatch | None:
    """One of them; None where there is none with that number."""
    return next(iter(find_where(connection, tables.dispatches.c.id == dispatch_id)), None)


def lock_dispatch(connection: Connection, dispatch_id: int) -> Dispatch | None:
    """The same with its row locked until the unit of work ends, so that what is decided now is what is sent.

    Its agreement is locked first: of two of its dispatches that race for the last credits one is decided on later.
    """
    column, agreement = tables.dispatches.c, tables.agreements.c
    of_it = select(column.agreement_id).where(column.id == dispatch_id).scalar_subquery()
    connection.execute(select(agreement.id).where(agreement.id == of_it).with_for_update())
    connection.execute(select(column.id).where(column.id == dispatch_id).with_for_update())
    return find_dispatch(connection, dispatch_id)  # on SQLite the writer is alone anyway


def find_dispatches(connection: Connection, agreement_id: int) -> list[Dispatch]:
    """All of an agreement, in order."""
    return find_where(connection, tables.dispatches.c.agreement_id == agreement_id)


def find_under_way(connection: Connection, label: Label) -> list[Dispatch]:
    """What may be running on RIPE Atlas, or on a rehearsal."""
    column = tables.dispatches.c
    is_running = column.sent_at.is_not(None) & column.stopped_at.is_(None) & column.failure.is_(None)
    return find_where(connection, is_running & (column.label == label.value))


def find_created(connection: Connection, label: Label) -> list[Dispatch]:
    """What the platform has created, running or not."""
    column = tables.dispatches.c
    return find_where(connection, column.atlas_id.is_not(None) & (column.label == label.value))


def find_doubled(connection: Connection, label: Label) -> list[Dispatch]:
    """What has more under its tag than it was sent as, or was sent again when its answer was lost."""
    column = tables.dispatches.c
    return find_where(
        connection, (column.found.is_not(None) | column.lost_at.is_not(None)) & (column.label == label.value)
    )


def find_tags(connection: Connection, tags: Iterable[str]) -> set[str]:
    """Those of some tags that belong to a dispatch of ours."""
    column = tables.dispatches.c
    return set(connection.execute(select(column.tag).where(column.tag.in_(list(tags)))).scalars())


def find_agreement_of(
    connection: Connection, measured: Iterable[tuple[str, int | None]]
) -> dict[tuple[str, int | None], tuple[int, int]]:
    """Label and Atlas's number -> agreement and version, of the measurements among these that were dispatched."""
    column, wanted = tables.dispatches.c, set(measured)
    query = select(column.label, column.atlas_id, column.agreement_id, column.number).where(
        column.atlas_id.is_not(None)
    )
    return {(row[0], row[1]): (row[2], row[3]) for row in connection.execute(query) if (row[0], row[1]) in wanted}


def find_dispatched(
    connection: Connection, measured: Iterable[tuple[str, int | None]]
) -> dict[tuple[str, int | None], Dispatch]:
    """The dispatches of the measurements among these that were dispatched, by label and Atlas's number."""
    column, wanted = tables.dispatches.c, set(measured)
    query = select(column.id, column.label, column.atlas_id).where(column.atlas_id.is_not(None))
    numbers = [row.id for row in connection.execute(query) if (row.label, row.atlas_id) in wanted]
    found = (one for number in numbers for one in find_where(connection, column.id == number))
    return {(one.label.value, one.atlas_id): one for one in found}


def committed_credits(connection: Connection, dispatch: Dispatch) -> int:
    """What everything else of the same agreement and label costs at most: what was sent, and what was stopped early.

    A rehearsal spends nothing of what the parties agreed to spend, and the other way round.
    """
    others = find_dispatches(connection, dispatch.agreement_id)
    sent = (one for one in others if one.sent_at is not None and (one.failure is None or one.found))
    return sum(one.credits for one in sent if one.dispatch_id != dispatch.dispatch_id and one.label is dispatch.label)


def committed_rate(connection: Connection, dispatch: Dispatch, beside: Collection[str] = ()) -> Decimal:
    """Packets per second toward the same target from everything else under way, by whatever agreement.

    Toward what goes by the names in `beside` as well.
    """
    targets = {dispatch.intent.allowed.target, *beside}
    others = (one for one in find_under_way(connection, dispatch.label) if one.dispatch_id != dispatch.dispatch_id)
    return sum((one.intent.packets_per_s for one in others if one.intent.allowed.target in targets), Decimal(0))


def find_where(connection: Connection, condition: ColumnElement[bool]) -> list[Dispatch]:
    """Those for which something holds, in order."""
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
        n_sent=row.n_sent,
        lease_until_at=row.lease_until_at,
        retry_at=row.retry_at,
        trouble=row.trouble,
        looked_at=row.looked_at,
        missed_at=row.missed_at,
        lost_at=row.lost_at,
        referred_at=row.referred_at,
        found=tuple(Found(**one) for one in orjson.loads(row.found or "[]")),
    )
