"""A dispatch whose answer is lost, and what is done about it."""

from collections.abc import Callable
from typing import Any

import pytest

from app.operations.find_lost_dispatches import find_lost
from app.operations.plan_dispatches import plan_of
from app.operations.send_dispatches import send
from app.store.audit import Wanted, entries
from app.store.dispatches import Dispatch, find_dispatch, note
from app.store.engine import reading, writing
from measurements.agreements.audit import Act
from measurements.agreements.parties import Party
from measurements.atlas.failures import AnswerLost, Phase, TimedOut
from measurements.campaigns.dispatching import LEASE_S, LOOKS_APART_S, DispatchState
from measurements.results.outcome import Label
from tests.agreeing import Parties

UNHEARD = AnswerLost("tag", TimedOut("late", phase=Phase.READ))


class Asking:
    """A dispatch, and what is done about it."""

    def __init__(self, parties: Parties, agreement_id: int) -> None:
        self.parties = parties
        self.agreement_id = agreement_id
        self.work = parties.transaction, parties.atlas, parties.clock, Label.REHEARSED
        self.dispatch_id, _ = parties.intend(agreement_id)

    def held(self) -> Dispatch:
        """As it stands."""
        with reading(self.parties.engine) as connection:
            dispatch = find_dispatch(connection, self.dispatch_id)
        assert dispatch
        return dispatch

    def state(self) -> DispatchState:
        return self.held().state(self.parties.now, is_permitted=True)

    def claim(self) -> None:
        """A process that dies between its commit and its call."""
        with writing(self.parties.engine) as connection:
            permitted_at = self.held().intended_at
            note(connection, self.dispatch_id, sent_at=permitted_at, lease_until_at=permitted_at + LEASE_S, n_sent=1)

    def lose(self) -> None:
        """It is made, and the answer is lost."""
        self.parties.atlas.fail_next("dispatch", UNHEARD)
        with pytest.raises(AnswerLost):
            send(*self.work[:3], self.dispatch_id)

    def make_besides(self, **other: Any) -> int:
        """One more under its tag, not by us."""
        plan = plan_of(self.held())
        definitions = tuple(type(one)(**{**vars(one), **other}) for one in plan.definitions)
        (atlas_id,) = self.parties.atlas.dispatch(type(plan)(**{**vars(plan), "definitions": definitions}), None)
        return atlas_id

    def find(self) -> int:
        """What the worker does, a minute later."""
        self.parties.clock.advance(60)
        return find_lost(*self.work)

    def miss_twice(self) -> None:
        self.parties.clock.advance(LEASE_S)
        assert self.find() == 0
        self.parties.clock.advance(LOOKS_APART_S)
        assert self.find() == 1

    def settle(self, act: Callable[..., Dispatch], *what: int, **where: int) -> None:
        with writing(self.parties.engine) as connection:
            act(self.parties.acting(connection, Party.TOJIKTELECOM), self.dispatch_id, *what, **where)

    def told(self, act: Act) -> int:
        """How often the audit tells of it."""
        with reading(self.parties.engine) as connection:
            return len(entries(connection, Wanted(act=act)))

    def is_running(self, atlas_id: int) -> bool:
        return not self.parties.atlas.measurement(atlas_id).status.is_final
