"""What a request comes to in figures: probes, results, credits, packets. At most, since probes may be away."""

from collections import defaultdict
from collections.abc import Iterable
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


def figures_of(intents: Iterable[Intent]) -> Figures:
    """Those of some intents together."""
    n_probes = n_results = per_day = credits_ = credits_per_day = 0
    rates = defaultdict[str | None, Decimal](Decimal)
    for intent in intents:
        each = intent.allowed.definition().credits_per_result(is_oneoff=intent.is_oneoff)
        n_rounds = rounds_of(intent)
        daily = min(n_rounds, DAY_S // (intent.allowed.interval_s or DAY_S) or 1) * intent.n_probes
        n_probes = max(n_probes, intent.n_probes)
        n_results += n_rounds * intent.n_probes
        per_day += daily
        credits_ += intent.credits
        credits_per_day += each * daily
        rates[intent.allowed.target] += intent.packets_per_s
    return Figures(n_probes, n_results, per_day, credits_, credits_per_day, max(rates.values(), default=Decimal(0)))


def rounds_of(intent: Intent) -> int:
    """How many rounds an intent has."""
    if intent.allowed.interval_s is None or intent.stop_at is None:
        return 1
    return -(-max(0, intent.stop_at - intent.start_at) // intent.allowed.interval_s)
