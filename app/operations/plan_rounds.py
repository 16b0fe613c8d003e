"""Plan the rounds of campaigns that are due: a round, its intents and what the gate says of them are one commit.

The one tick that the worker is woken for. It reads what is due by an index, one campaign after the other, so that a
process that dies leaves the rest to the next one. After some time away, what is still open is measured for the rest of
its window, and what is over is noted as missed.
"""

from typing import NamedTuple

from sqlalchemy import Connection

from app.operations.campaign_objection import is_asked_alike
from app.operations.decide_dispatches import Facts, facts_of
from app.operations.intend_dispatches import note_intent
from app.store import campaign_rounds as rounds
from app.store import campaigns as store
from app.store.audit import append
from app.store.campaigns import Held
from app.store.decisions import is_permitted_still
from app.store.dispatches import find_dispatch
from app.store.engine import Transaction
from measurements.agreements.agreement import Version, effective
from measurements.agreements.audit import Act as Done
from measurements.agreements.audit import Deed, Subject, SubjectKind
from measurements.agreements.transitions import newest
from measurements.campaigns.limits import USUAL, PlatformLimits
from measurements.campaigns.nights import LEAD_S, Capped, Late, intents, lateness, plan_at
from measurements.campaigns.schedule import Tick
from measurements.errors import NotFound
from measurements.results.outcome import Label

MOST_AT_ONCE = 100
"""Campaigns that are planned in one go, before something else has its turn."""
MOST_MISSED = 1_000
"""Rounds of one campaign that are noted as missed in one commit."""
NOBODY = "nobody was there to plan it before its window was over"


class Planned(NamedTuple):
    """What a tick has done."""

    campaign_ids: tuple[int, ...]
    """Of which a round was planned."""
    n_permitted: int
    n_refused: int
    n_missed: int


def plan_rounds(transaction: Transaction, now: int, label: Label, limits: PlatformLimits = USUAL) -> Planned:
    """Plan what is due at an instant, or was and is not over yet."""
    with transaction() as connection:
        due = store.find_due(connection, label, now + LEAD_S, MOST_AT_ONCE)
    planned, n_permitted, n_refused, n_missed = list[int](), 0, 0, 0
    for campaign_id in due:
        with transaction() as connection:
            held = store.require_held(connection, campaign_id, lock=True)
            done = _plan_due(connection, held, now, limits)
        n_permitted, n_refused, n_missed = n_permitted + done[0], n_refused + done[1], n_missed + done[2]
        if done[0] + done[1]:
            planned.append(campaign_id)
    return Planned(tuple(planned), n_permitted, n_refused, n_missed)


def plan_round(
    connection: Connection, held: Held, tick: Tick, now: int, limits: PlatformLimits = USUAL, *, is_extra: bool = False
) -> tuple[int, int]:
    """Plan one round of a campaign; gives how many of its cells are permitted, and how many refused."""
    under_way = set() if is_extra else _going_on(connection, held, tick, now)
    facts = facts_of(connection, held.document.agreement_id, held.label, now)
    version = _version(held, facts, now)
    wanted = [one for one in _intents(held, version, facts, tick, now) if one.cell.key not in under_way]
    if not wanted:
        return 0, 0
    deadline_at = tick.until_at + held.document.deadline_s
    round_id = rounds.add_round(
        connection, held.campaign_id, held.version, tick, deadline_at=deadline_at, now=now, is_extra=is_extra
    )
    n_permitted = sum(_intend(connection, held, version, facts, round_id, one, now, limits) for one in wanted)
    return n_permitted, len(wanted) - n_permitted


def next_round_at(connection: Connection, held: Held, now: int) -> int | None:
    """When the next round of a campaign is due that was not planned yet; its window may have begun."""
    tick = held.document.first_due(now)
    while tick is not None and rounds.has_round(connection, held.campaign_id, held.version, tick.round_at):
        tick = held.document.next_due(tick.round_at)
    return None if tick is None else tick.round_at


def _plan_due(connection: Connection, held: Held, now: int, limits: PlatformLimits) -> tuple[int, int, int]:
    """Permitted, refused, and missed rounds."""
    n_permitted = n_refused = n_missed = 0
    due_at = held.next_at
    while due_at is not None and plan_at(held.document, due_at) <= now and n_missed < MOST_MISSED:
        tick = held.document.next_due(due_at - 1)
        if tick is None or tick.round_at != due_at:
            due_at = None if tick is None else tick.round_at
            continue
        if lateness(tick, now) is Late.MISSED:
            n_missed += _miss(connection, held, tick, now)
        elif not rounds.has_round(connection, held.campaign_id, held.version, tick.round_at):
            done = plan_round(connection, held, tick, now, limits)
            n_permitted, n_refused = n_permitted + done[0], n_refused + done[1]
        following = held.document.next_due(due_at)
        due_at = None if following is None else following.round_at
    store.set_campaign(connection, held.campaign_id, next_at=due_at)
    return n_permitted, n_refused, n_missed


def _miss(connection: Connection, held: Held, tick: Tick, now: int) -> bool:
    if rounds.has_round(connection, held.campaign_id, held.version, tick.round_at):
        return False
    deadline_at = tick.until_at + held.document.deadline_s
    rounds.add_round(connection, held.campaign_id, held.version, tick, deadline_at=deadline_at, now=now, missed=NOBODY)
    return True


def _version(held: Held, facts: Facts, now: int) -> Version:
    """The one that the parties agreed on; or the newest, of which the gate says why nothing may happen under it."""
    if facts.consent is None:
        raise NotFound(f"There is no agreement {held.document.agreement_id}.")
    agreement, designations = facts.consent
    return effective(agreement, designations, now) or newest(agreement)


def _intents(held: Held, version: Version, facts: Facts, tick: Tick, now: int) -> list[Capped]:
    until_at = facts.memorandum.stop_at
    return list(
        intents(held.document, tick, card=version.card, digest=version.digest, memorandum_until_at=until_at, now=now)
    )


def _going_on(connection: Connection, held: Held, tick: Tick, now: int) -> set[str]:
    """Cells of the same round that an earlier version had begun, and that are asked for alike now."""
    found = set()
    for cell, dispatch_id in rounds.campaign_dispatches(connection, held.campaign_id, now, tick.round_at):
        dispatch = find_dispatch(connection, dispatch_id)
        if dispatch is None:
            continue
        is_alive = dispatch.is_under_way or is_permitted_still(connection, dispatch)
        if is_alive and is_asked_alike(held.document, cell, dispatch):
            found.add(cell)
    return found


def _intend(
    connection: Connection,
    held: Held,
    version: Version,
    facts: Facts,
    round_id: int,
    one: Capped,
    now: int,
    limits: PlatformLimits,
) -> bool:
    agreement_id, name = held.document.agreement_id, held.document.name

    def belongs(number: int) -> None:
        rounds.add_cell(connection, round_id, one.cell.key, number, is_capped=one.is_capped)

    dispatch, decision = note_intent(
        connection, held.label, agreement_id, version, one.intent, now, belongs, campaign=name, limits=limits,
        facts=facts,
    )  # fmt: skip
    told = {
        "dispatch_id": dispatch.dispatch_id, "tag": dispatch.tag, "campaign": name, "round_id": round_id,
    }  # fmt: skip
    deed = Deed(
        at=now, act=Done.DISPATCH_INTENDED, person_id=None, subject=Subject(SubjectKind.AGREEMENT, agreement_id),
        version=version.number, digest=version.digest, reason=decision.reason, details=told,
    )  # fmt: skip
    append(connection, deed)
    return decision.is_permitted
