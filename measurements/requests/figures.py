"""What a request comes to in figures: probes, results, credits, packets. At most, since probes may be away."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple

from measurements.agreements.intent import Intent
from measurements.units import DAY_S


class Figures(NamedTuple):
    """What something comes to at most."""

    n_probes: int
    """Of the measurement that has most."""
    n_results: int
    n_results_per_day: int
    """Of its busiest day."""
    credits: int
    credits_per_day: int
    packets_per_s: Decimal
    """Toward the target that gets most, from everything together."""


def figures_of(wishes: Iterable[Sequence[Intent]]) -> Figures:
    """Those of some wishes together; what is intended for one of them follows one upon the other."""
    n_probes = n_results = per_day = credits_ = credits_per_day = 0
    rates = defaultdict[str | None, Decimal](Decimal)
    for intents in filter(None, wishes):
        n_probes = max(n_probes, *(one.n_probes for one in intents), 0)
        n_results += sum(rounds_of(one) * one.n_probes for one in intents)
        credits_ += sum(one.credits for one in intents)
        per_day += max(map(_results_per_day, intents))
        credits_per_day += max(_results_per_day(one) * _credits_each(one) for one in intents)
        rates[intents[0].allowed.target] += max(one.packets_per_s for one in intents)
    return Figures(n_probes, n_results, per_day, credits_, credits_per_day, max(rates.values(), default=Decimal(0)))


def _results_per_day(intent: Intent) -> int:
    interval_s = intent.allowed.interval_s or DAY_S
    return min(rounds_of(intent), -(-DAY_S // interval_s)) * intent.n_probes


def _credits_each(intent: Intent) -> int:
    return intent.allowed.definition().credits_per_result(is_oneoff=intent.is_oneoff)


def rounds_of(intent: Intent) -> int:
    """How many rounds an intent has."""
    if intent.allowed.interval_s is None or intent.stop_at is None:
        return 1
    return -(-max(0, intent.stop_at - intent.start_at) // intent.allowed.interval_s)
