"""Limits of RIPE Atlas: what one account may have running at once, and would a measurement more be too many.

The platform refuses what exceeds them when it is asked to create something (manual, user-defined measurements; the
refusals that clients quote). Here it is known before. What counts is everything that was created and is not over,
scheduled or running, at its full schedule; of a one-off one result from each probe. Toward a target the measurements of
everybody count, of which only ours are known here: a refusal by the platform may come nevertheless.
"""

from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from measurements.agreements.intent import Intent
from measurements.agreements.reasons import Reason
from measurements.units import DAY_S, iso

ONE_OFF_RUNS_S = 900
"""So long after its beginning a one-off is counted at most (seen: six to ten minutes)."""


class PlatformLimits(NamedTuple):
    """What the account may do; RIPE NCC raises them on request."""

    concurrent: int = 100
    per_target: int = 25
    """Of all accounts together."""
    probes: int = 1_000
    """Of one measurement."""
    results_per_day: int = 100_000
    results_per_s: int = 50
    """Of one measurement: its probes over the seconds that they are spread over."""
    credits_per_day: int = 1_000_000


USUAL = PlatformLimits()


class Load(NamedTuple):
    """What a measurement adds while it is not over."""

    target: str | None
    n_probes: int
    results_per_day: int
    results_per_s: Fraction
    """In a round; 0 for a one-off, of which the platform counts none."""
    credits_per_day: int
    ends_at: int | None
    """Seconds since the epoch; None for never."""


class Limit(StrEnum):
    """Which limit it is, by its name among the settings."""

    CONCURRENT = "concurrent"
    PER_TARGET = "per_target"
    PROBES = "probes"
    RESULTS_PER_DAY = "results_per_day"
    RESULTS_PER_S = "results_per_s"
    CREDITS_PER_DAY = "credits_per_day"

    @property
    def reason(self) -> Reason:
        """How the gate names it."""
        return _OF[self].reason


class Excess(NamedTuple):
    """A limit that would be exceeded, by what, and when no longer."""

    limit: Limit
    allowed: int
    reached: int
    """With the addition."""
    fits_at: int | None
    """The earliest instant at which enough of what runs is over; None where it is too much by itself, or nothing ends.
    """

    @property
    def figures(self) -> str:
        """In plain words."""
        later = "" if self.fits_at is None else f" It would fit from {iso(self.fits_at)} on."
        return f"{self.reached} {_OF[self.limit].words}, and {self.allowed} are allowed.{later}"


def load_of(intent: Intent) -> Load:
    """What an intent adds once it is dispatched."""
    definition, n_probes = intent.allowed.definition(), intent.n_probes
    each = definition.credits_per_result(is_oneoff=intent.is_oneoff)
    per_day = n_probes if intent.is_oneoff else n_probes * DAY_S // definition.interval_s
    per_s = Fraction(0) if intent.is_oneoff else Fraction(n_probes, max(1, definition.effective_spread_s))
    ends_at = intent.start_at + ONE_OFF_RUNS_S if intent.is_oneoff else intent.stop_at
    return Load(intent.allowed.target, n_probes, per_day, per_s, per_day * each, ends_at)


def forecast(load: Sequence[Load], addition: Load, limits: PlatformLimits, now: int) -> Excess | None:
    """The first limit that an addition would exceed, beside what is under way and planned; None where it fits now."""
    return next(exceeded(load, addition, limits, now), None)


def exceeded(load: Sequence[Load], addition: Load, limits: PlatformLimits, now: int) -> Iterator[Excess]:
    """Every limit that it would exceed."""
    for limit, measure in _OF.items():
        allowed: int = getattr(limits, limit)
        held = [one for one in load if measure.adds_up and _counts(one, addition, limit)]
        reached = _reached(measure, held, addition, now)
        if reached > allowed:
            ends = sorted(one.ends_at for one in held if one.ends_at is not None and one.ends_at > now)
            fits_at = next((at for at in ends if _reached(measure, held, addition, at) <= allowed), None)
            yield Excess(limit, allowed, -(-reached.numerator // reached.denominator), fits_at)


class _Measure(NamedTuple):
    reason: Reason
    words: str
    of: Callable[[Load], Fraction | int]
    adds_up: bool = True
    """Over everything that is not over; else it is of the one measurement."""


_OF = {
    Limit.CONCURRENT: _Measure(Reason.TOO_MANY_AT_ONCE, "measurements at once", lambda _: 1),
    Limit.PER_TARGET: _Measure(Reason.TOO_MANY_AT_TARGET, "measurements of the target at once", lambda _: 1),
    Limit.PROBES: _Measure(
        Reason.TOO_MANY_PROBES_FOR_PLATFORM, "probes", lambda load: load.n_probes, adds_up=False
    ),
    Limit.RESULTS_PER_DAY: _Measure(
        Reason.TOO_MANY_RESULTS_PER_DAY, "results a day", lambda load: load.results_per_day
    ),
    Limit.RESULTS_PER_S: _Measure(
        Reason.TOO_MANY_RESULTS_PER_SECOND, "results a second", lambda load: load.results_per_s, adds_up=False
    ),
    Limit.CREDITS_PER_DAY: _Measure(
        Reason.TOO_MANY_CREDITS_PER_DAY, "credits a day", lambda load: load.credits_per_day
    ),
}  # fmt: skip


def _counts(one: Load, addition: Load, limit: Limit) -> bool:
    return limit is not Limit.PER_TARGET or (addition.target is not None and one.target == addition.target)


def _reached(measure: _Measure, held: Sequence[Load], addition: Load, at: int) -> Fraction:
    running = (one for one in held if one.ends_at is None or one.ends_at > at)
    return sum((Fraction(measure.of(one)) for one in running), Fraction(measure.of(addition)))
