"""Accounts: credits come in daily for hosted probes and go out in batches, per result that was delivered."""

import threading
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from app.rehearsal.api.definitions import cost_per_result
from app.rehearsal.api.entries import UserDefined
from app.rehearsal.api.feed import Feed
from app.rehearsal.api.keys import STRANGER
from app.rehearsal.api.lifecycle import is_over
from app.rehearsal.api.platform import Platform

DAY_S = 86_400
BATCH_S = 5 * 3600
"""Results are charged for every five hours; the platform was seen to do so every four to six."""
DAILY_INCOME_PER_PROBE = 21_600
MUCH = 50_000
"""Results that take some seconds to work out."""


class Charge(NamedTuple):
    """What one measurement cost in one batch."""

    at: int
    account: str
    measurement_id: int
    n_results: int
    credits: int


class Accounts:
    """Everybody's credits. Charges are worked out from what was delivered, as batches fall due."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._feeds: dict[int, Feed] = {}
        self._charges: list[Charge] = []
        self._opened_at = platform.records.opened_at(platform.now())
        self._settled_at = self._opened_at // BATCH_S * BATCH_S
        self._lock = threading.Lock()

    def settle(self, now: int) -> None:
        """Charge every batch that is due, and stop what can no longer be paid for."""
        with self._lock:
            while self._settled_at + BATCH_S <= now:
                self._settled_at += BATCH_S
                self._charges += self._batch(self._settled_at)
                self._force_to_stop(self._settled_at)

    def keep_up(self, now: int) -> None:
        """The same with every request, so that seldom much is due at once.

        After a restart or a long leap much is: that waits until somebody asks, unless an account might have run out.
        """
        if self._settled_at + BATCH_S <= now:
            n_results, credits_ = self._at_most(now)
            is_short = any(self.balance(account, self._settled_at) <= cost for account, cost in credits_.items())
            if n_results <= MUCH or is_short:
                self.settle(now)

    def charges(self, account: str, since: int, until: int) -> list[Charge]:
        """What an account was charged after an instant and up to another."""
        return [each for each in self._charges if each.account == account and since < each.at <= until]

    def balance(self, account: str, now: int) -> int:
        """What an account has, of what is settled."""
        days = now // DAY_S - self._opened_at // DAY_S
        spent = sum(each.credits for each in self.charges(account, -1, now))
        return self._platform.limits.opening_balance + days * self.daily_income() - spent

    def daily_income(self) -> int:
        """For the probes that an account hosts."""
        return self._platform.limits.hosted_probes * DAILY_INCOME_PER_PROBE

    def _batch(self, at: int) -> Iterator[Charge]:
        for entry in self._charged():
            feed = self._feeds.get(entry.id)
            if feed is None:
                first = entry.created.created_at
                feed = self._feeds[entry.id] = Feed(self._platform.faults, entry, first, first)
            n_results = sum(1 for _ in feed.until(at))
            if n_results:
                cost = cost_per_result(entry.created.fields, is_oneoff=entry.created.is_oneoff)
                yield Charge(at, entry.created.bill_to, entry.id, n_results, n_results * cost)

    def _charged(self) -> list[UserDefined]:
        created = self._platform.records.all()
        return [UserDefined(self._platform, each) for each in created if each.bill_to != STRANGER]

    def _force_to_stop(self, at: int) -> None:
        running = [each for each in self._charged() if each.created_at <= at and each.is_running(at)]
        broke = {account for account in {each.created.bill_to for each in running} if self.balance(account, at) <= 0}
        with self._platform.records.changing():
            for each in running:
                if each.created.bill_to in broke:
                    each.created.forced_at = at

    def _at_most(self, now: int) -> tuple[int, Counter[str]]:
        """How many results could have been delivered since the last batch, and what they cost each account if twice."""
        n_results, credits_ = 0, Counter[str]()
        for each in self._charged():
            if is_over(each.created, self._settled_at - DAY_S):
                continue  # even what came late was charged
            interval = each.created.fields["interval"]
            rounds = (now - max(self._settled_at, each.created_at)) // interval + 2 if interval else 1
            delivered = max(rounds, 0) * len(each.members(now))
            n_results += delivered
            cost = cost_per_result(each.created.fields, is_oneoff=each.created.is_oneoff)
            credits_[each.created.bill_to] += 2 * cost * delivered
        return n_results, credits_
