"""Reconcile credits: what RIPE Atlas charged for each dispatch is settled, and compared with what it should have cost.

The platform charges in batches, hours after the results came, and for results that came twice also twice. What it says
it charged is the truth; what the results that are held here should have cost stands beside it.
"""

from collections import Counter
from typing import Any, NamedTuple

import structlog
from sqlalchemy import Connection

from app.operations import keep_treasury
from app.store import treasury as store
from app.store.dispatches import Dispatch, find_created
from app.store.engine import Transaction
from app.store.results_held import count_results
from measurements.atlas.gateway import AtlasGateway
from measurements.campaigns.collecting import SETTLED_AFTER_S
from measurements.campaigns.treasury import Holding, unpaid
from measurements.clock import Clock
from measurements.results.outcome import Label
from measurements.units import seconds

_log = structlog.get_logger("rasad.credits")


class Reconciled(NamedTuple):
    """One dispatch. All figures are credits."""

    dispatch_id: int
    agreement_id: int
    atlas_id: int
    account_id: int | None
    """None where it was dispatched before anything was allotted."""
    charged: int
    """By the platform, so far."""
    reckoned: int
    """What the results that are held here cost, each once."""
    settled: int
    held: int
    unpaid: int
    """Charged, and more than its account had."""

    @property
    def agrees(self) -> bool:
        """Whether all that was charged is settled; without an account there is nothing to settle."""
        return self.account_id is None or self.charged == self.settled


class Reconciliation(NamedTuple):
    """All dispatches, and what was charged for measurements that no dispatch knows."""

    dispatches: tuple[Reconciled, ...]
    foreign: dict[int, int]
    """RIPE Atlas's number -> credits."""

    @property
    def charged(self) -> int:
        """In all."""
        return sum(one.charged for one in self.dispatches) + sum(self.foreign.values())

    @property
    def agrees(self) -> bool:
        """To the last credit."""
        return not self.foreign and all(one.agrees for one in self.dispatches)


def reconcile(transaction: Transaction, atlas: AtlasGateway, clock: Clock, label: Label) -> Reconciliation:
    """Ask what was charged, settle it, and release what can no longer be charged for."""
    charged = Counter[int]()
    for charge in atlas.charges():  # outside of any unit of work
        charged[charge.atlas_id] += charge.credits
    now = seconds(clock.now())
    with transaction() as connection:
        store.find_accounts(connection, label=label, lock=True)  # in the order in which everybody locks them
        found = tuple(_reconciled(connection, one, charged, now) for one in find_created(connection, label))
    known = {one.atlas_id for one in found}
    return Reconciliation(found, {each: spent for each, spent in sorted(charged.items()) if each not in known})


def settle_due(transaction: Transaction, atlas: AtlasGateway, clock: Clock, label: Label) -> None:
    """The same where credits are held, so that nobody is asked about accounts that nobody has."""
    with transaction() as connection:
        is_held = any(one.held for one in store.find_holdings(connection, label=label).values())
    if not is_held:
        return
    done = reconcile(transaction, atlas, clock, label)
    if not done.agrees:
        lacking = [one.dispatch_id for one in done.dispatches if not one.agrees]
        _log.warning("credits do not agree", dispatches=lacking, foreign=done.foreign)


def entry_of(one: Reconciled) -> dict[str, Any]:
    """In plain values under the names of the wire."""
    return {**one._asdict(), "agrees": one.agrees}


def _reconciled(connection: Connection, dispatch: Dispatch, charged: Counter[int], now: int) -> Reconciled:
    atlas_id, intent = int(dispatch.atlas_id or 0), dispatch.intent
    each = intent.allowed.definition().credits_per_result(is_oneoff=intent.is_oneoff)
    ended_at = intent.stop_at if dispatch.stopped_at is None else dispatch.stopped_at
    is_final = ended_at is not None and now >= ended_at + SETTLED_AFTER_S
    holding = keep_treasury.settle(connection, dispatch, charged[atlas_id], now, is_final=is_final)
    has_account = holding != Holding(0)
    return Reconciled(
        dispatch_id=dispatch.dispatch_id,
        agreement_id=dispatch.agreement_id,
        atlas_id=atlas_id,
        account_id=holding.account_id if has_account else None,
        charged=charged[atlas_id],
        reckoned=each * count_results(connection, atlas_id, dispatch.label),
        settled=holding.settled,
        held=holding.held,
        unpaid=unpaid(holding, charged[atlas_id]) if has_account else 0,
    )
