"""The faults of a rehearsal: the plan in force, what it has done so far, and the two places where it strikes."""

import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import groupby
from typing import Any

from starlette.types import ASGIApp, Scope

from app.rehearsal.chance import share
from app.rehearsal.contract import Produced
from app.rehearsal.faults.plan import FaultPlan, RequestRule, ResultRule, StreamRule
from app.rehearsal.faults.requests import Failing
from app.rehearsal.faults.results import struck_probes, suffered

_KEPT = 100_000
"""Injections that are remembered one by one; later ones are only counted."""


class Injector:
    """Faults by a plan that may change while the rehearsal runs. `clock` gives virtual unix seconds.

    A new plan holds for requests at once, and for results measured from then on: what has happened stays as it was.
    """

    def __init__(self, plan: FaultPlan, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._plans: list[tuple[float, FaultPlan]] = [(float("-inf"), plan)]
        self._matched: Counter[tuple[int, int]] = Counter()
        self._struck: Counter[tuple[int, int]] = Counter()
        self._injected: list[dict[str, Any]] = []
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()

    @property
    def plan(self) -> FaultPlan:
        """The plan in force."""
        return self._plans[-1][1]

    def change(self, plan: FaultPlan) -> None:
        """Another plan from now on."""
        with self._lock:
            self._plans.append((self._clock(), plan))

    def around(self, app: ASGIApp) -> ASGIApp:
        """The application, with faults."""
        return Failing(app, self._choose)

    @property
    def clock_margin_s(self) -> int:
        """By how much a probe's clock is set wrong at most."""
        rules = (rule for _, plan in self._plans for _, rule in plan.of(ResultRule) if rule.kind == "clock_skew")
        return sum(abs(rule.offset_s) for rule in rules)

    def on_results(self, produced: Iterable[Produced]) -> Iterator[Produced]:
        """What reaches the platform, by the plan that was in force when each was measured."""
        if len(self._plans) == 1:
            yield from suffered(self.plan, produced)
            return
        for number, group in groupby(produced, lambda each: self._number_at(each.measured_at)):
            yield from suffered(self._plans[number][1], group)

    def _number_at(self, measured_at: int) -> int:
        return max(number for number, (since, _) in enumerate(self._plans) if since <= measured_at)

    def injected(self, probe_ids: Collection[int] | None = None) -> dict[str, Any]:
        """The ground truth: plans with the instant since when each held, injections by kind and one by one.

        Of the probes that are named, each plan tells which its rules strike that are of a probe, by place of the rule.
        """
        with self._lock:
            plans = [
                {
                    "since": None if since == float("-inf") else since,
                    **plan.model_dump(mode="json", exclude_defaults=True),
                    **({} if probe_ids is None else {"probes": struck_probes(plan, probe_ids)}),
                }
                for since, plan in self._plans
            ]
            return {"plans": plans, "counts": dict(self._counts), "injected": list(self._injected)}

    def _choose(self, scope: Scope) -> RequestRule | StreamRule | None:
        """The first rule that strikes; every rule counts what concerns it and reached it."""
        now, plan, number = self._clock(), self.plan, len(self._plans)
        is_stream = scope["type"] == "websocket"
        method, path = scope.get("method", ""), scope["path"]
        with self._lock:
            for index, rule in plan.of(StreamRule if is_stream else RequestRule):
                if (
                    rule.is_at(now)
                    and (is_stream or rule.concerns(method, path))
                    and self._strikes(number, index, rule)
                ):
                    self._note({"at": now, "kind": rule.kind, "rule": index, "method": method, "path": path})
                    chosen: RequestRule | StreamRule = rule
                    return chosen
        return None

    def _strikes(self, number: int, index: int, rule: RequestRule | StreamRule) -> bool:
        place = (number, index)
        self._matched[place] += 1
        if isinstance(rule, RequestRule) and rule.limit is not None and self._struck[place] >= rule.limit:
            return False
        count = self._matched[place]
        if rule.every is not None:
            strikes = count % rule.every == 0
        else:
            strikes = rule.probability is None or share(self.plan.seed, "request", index, count) < rule.probability
        self._struck[place] += strikes
        return strikes

    def _note(self, injection: dict[str, Any]) -> None:
        self._counts[injection["kind"]] += 1
        if len(self._injected) < _KEPT:
            self._injected.append(injection)
