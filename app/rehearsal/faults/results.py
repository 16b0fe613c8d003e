"""What goes wrong with results on their way to the platform. Depends on each result alone, so it can be asked again."""

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from app.rehearsal.chance import share, whole
from app.rehearsal.contract import Body, Produced
from app.rehearsal.faults.plan import FaultPlan, ResultRule

OF_PROBES = frozenset({"silent", "clock_skew"})
"""Kinds that are of a probe, for as long as the rule goes; others are of each result."""
_UNKNOWN = -1
"""`lts` of a probe whose clock is wrong: it does not know when it was last synchronised."""


def afflicted(plan: FaultPlan, produced: Produced) -> list[tuple[int, ResultRule]]:
    """The rules that strike a result, with their places in the plan."""
    body = produced.body
    return [
        (index, rule)
        for index, rule in plan.of(ResultRule)
        if rule.is_at(produced.measured_at)
        and rule.concerns(body["msm_id"], body["prb_id"])
        and _strikes(plan.seed, index, rule, produced)
    ]


def struck_probes(plan: FaultPlan, probe_ids: Collection[int]) -> dict[str, list[int]]:
    """Which of these probes the rules strike that are of a probe, by the place of each rule in the plan."""
    return {
        str(index): [
            probe_id
            for probe_id in probe_ids
            if (rule.probes is None or probe_id in rule.probes) and _is_drawn(rule, plan.seed, index, probe_id)
        ]
        for index, rule in plan.of(ResultRule)
        if rule.kind in OF_PROBES
    }


def _strikes(seed: int, index: int, rule: ResultRule, produced: Produced) -> bool:
    body = produced.body
    of_probe = (seed, index, body["prb_id"])
    names = of_probe if rule.kind in OF_PROBES else (*of_probe, body["msm_id"], produced.measured_at)
    return _is_drawn(rule, *names)


def _is_drawn(rule: ResultRule, *names: object) -> bool:
    if rule.every is not None:
        return whole(0, rule.every - 1, *names) == 0
    return rule.probability is None or share(*names) < rule.probability


def suffered(plan: FaultPlan, produced: Iterable[Produced]) -> Iterator[Produced]:
    """What arrives of what was produced."""
    if not plan.of(ResultRule):
        yield from produced
        return
    for each in produced:
        yield from _suffered(plan, each)


def _suffered(plan: FaultPlan, produced: Produced) -> Iterator[Produced]:
    again: list[int] = []
    measured_at = produced.measured_at
    for index, rule in afflicted(plan, produced):
        later = whole(rule.least_s, rule.most_s, plan.seed, index, produced.body["prb_id"], measured_at)
        if rule.kind == "silent":
            return
        if rule.kind == "late":
            produced = stored_later(produced, later)
        elif rule.kind == "clock_skew":
            produced = Produced(produced.measured_at + rule.offset_s, produced.stored_at, _skewed(produced.body, rule))
        else:
            again.append(later)
    yield produced
    for later in again:
        yield stored_later(produced, later)


def stored_later(produced: Produced, later_s: int) -> Produced:
    """The same result, arriving later."""
    stored_at = produced.stored_at + later_s
    body = {**produced.body, "stored_timestamp": stored_at} if "stored_timestamp" in produced.body else produced.body
    return Produced(produced.measured_at, stored_at, body)


def _skewed(body: Body, rule: ResultRule) -> Body:
    """Every instant that the probe wrote, by its wrong clock."""
    moved: dict[str, Any] = {name: body[name] + rule.offset_s for name in ("timestamp", "endtime") if name in body}
    if "lts" in body:
        moved["lts"] = _UNKNOWN
    if "resultset" in body:
        moved["resultset"] = [
            {**each, "time": each["time"] + rule.offset_s} if "time" in each else each for each in body["resultset"]
        ]
    return {**body, **moved}
