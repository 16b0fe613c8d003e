"""When results may have been measured: the time that an agreement covers, less what was suspended or taken back.

Consent is judged by when a result was measured. Where the probe's clock is not to be trusted, it has to have been
stored while consent held as well: nobody's word is taken for when it was.
"""

from collections.abc import Iterable
from typing import NamedTuple

from measurements.agreements.agreement import Agreement, Designations, Version, agreed_at


class Period(NamedTuple):
    """A stretch of time: from an instant on, up to and without another."""

    from_at: int
    until_at: int


def consent_periods(agreement: Agreement, version: Version, designations: Designations) -> tuple[Period, ...]:
    """The stretches of time in which a version of an agreement had something measured."""
    since_at = agreed_at(version, designations)
    if since_at is None:
        return ()
    newer = (agreed_at(one, designations) for one in agreement.versions if one.number > version.number)
    superseded = (at for at in newer if at is not None)
    until_at = min([version.card.until_at, *(one.at for one in agreement.withdrawals), *superseded])
    gaps = [(one.from_at, until_at if one.until_at is None else one.until_at) for one in agreement.suspensions]
    for one in agreement.narrowings:
        if one.at >= since_at:  # what was measured before it was agreed to as it was then
            gaps += [(one.at, one.card.from_at), (max(one.at, one.card.until_at), until_at)]
    periods = [Period(max(since_at, version.card.from_at), until_at)]
    for from_at, end_at in gaps:
        if from_at < end_at:
            periods = [part for period in periods for part in _without(period, from_at, end_at)]
    return tuple(period for period in periods if period.from_at < period.until_at)


def is_inside(periods: Iterable[Period], measured_at: int, stored_at: int | None, *, is_clock_trusted: bool) -> bool:
    """Whether a result was measured while consent held."""
    held = tuple(periods)
    if not _holds(held, measured_at):
        return False
    return is_clock_trusted or (stored_at is not None and _holds(held, stored_at))


def _holds(periods: Iterable[Period], at: int) -> bool:
    return any(period.from_at <= at < period.until_at for period in periods)


def _without(period: Period, from_at: int, until_at: int) -> tuple[Period, Period]:
    return Period(period.from_at, min(period.until_at, from_at)), Period(max(period.from_at, until_at), period.until_at)
