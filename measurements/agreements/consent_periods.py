"""When results of a dispatch may have been measured: as long as the gate would have let it go on.

It is the gate that is asked, about the dispatch's own intent, at every instant from which on something else was known:
by what the parties had said by then, and what the catalogue said then of its target, of networks and of other targets
at the same address. So nobody's word is forgotten here that the gate heeds: what is refused is outside of consent from
that second on, whenever RIPE Atlas was told to stop.

One thing is left out: what else runs. Credits and packets are counted as if the dispatch ran alone, since too many of
them together are nobody's word about this one; what it takes by itself is held to the cards and to its owner's ceiling.

Nor is it asked where probes were that are chosen by their numbers: the gate asks that while they measure.

Consent is judged by when a result was measured. Where the probe's clock is not to be trusted, it has to have been
stored while consent held as well: nobody's word is taken for when it was.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from measurements.agreements.agreement import Agreement, agreed_at
from measurements.agreements.catalogue import CatalogueEntry, Said, as_said, beside
from measurements.agreements.gate import Case, Consent, Surroundings, objections
from measurements.agreements.intent import Intent
from measurements.agreements.reasons import Reason
from measurements.agreements.term import Memorandum, standing, turns


class Period(NamedTuple):
    """A stretch of time: from an instant on, up to and without another."""

    from_at: int
    until_at: int


class Facts(NamedTuple):
    """What people said that a dispatch is decided by, each with its instants in seconds since the epoch."""

    consent: Consent
    memorandum: Memorandum
    """A notice counts from when it was sent; what a person ruled of it, from the beginning."""
    catalogue: tuple[Said, ...]
    """All that it ever said, in the order in which it said it."""
    terms_accepted_at: int | None
    """When the platform's terms were first accepted; 0 for a rehearsal, which has none. None where they were not."""


def consent_periods(intent: Intent, facts: Facts) -> tuple[Period, ...]:
    """The stretches of time in which the parties, the target's owner and the networks had an intent measured."""
    agreement, designations = facts.consent
    cited = next((one for one in agreement.versions if one.digest == intent.digest), None)
    since_at = cited and agreed_at(cited, designations)
    if cited is None or since_at is None:
        return ()
    facts = facts._replace(catalogue=_concerning(intent, facts.catalogue))
    whole = Period(max(since_at, cited.card.from_at), cited.card.until_at)
    turning = sorted({*whole, *(at for at in _turns(facts) if whole.from_at < at < whole.until_at)})
    covered = (Period(*each) for each in pairwise(turning) if _may_go_on(intent, facts, each[0]))
    return tuple(_less(_joined(covered), _told_of_later(intent, facts.catalogue)))


def is_inside(periods: Iterable[Period], measured_at: int, stored_at: int | None, *, is_clock_trusted: bool) -> bool:
    """Whether a result was measured while consent held."""
    held = tuple(periods)
    if not _holds(held, measured_at):
        return False
    return is_clock_trusted or (stored_at is not None and _holds(held, stored_at))


def _may_go_on(intent: Intent, facts: Facts, at: int) -> bool:
    """Whether the gate, asked at an instant, would have said nothing against it."""
    entries = as_said(facts.catalogue, at)
    target = next((one for one in entries if one.name == intent.allowed.target), None)
    alone = Surroundings(
        target=target,
        credits_committed=0,
        packets_per_s_committed=Decimal(0),
        are_terms_accepted=facts.terms_accepted_at is not None and facts.terms_accepted_at <= at,
        networks=tuple(one for one in entries if one.asn is not None),
        beside=() if target is None else beside(target, entries),
    )
    said = objections(Case(intent, facts.consent, standing(facts.memorandum, at), alone, at))
    return all(reason is Reason.PROBES_UNKNOWN for reason in said)


def _concerning(intent: Intent, history: tuple[Said, ...]) -> tuple[Said, ...]:
    """What was said of the target, of networks, and of whatever was at an address of the target at any time."""
    target = [one.entry for one in history if one.entry.name == intent.allowed.target]
    addresses = frozenset[str]().union(*(one.addresses for one in target))
    names = {one.entry.name for one in history if not addresses.isdisjoint(one.entry.addresses)}
    names.update(one.name for one in target)
    return tuple(one for one in history if one.entry.asn is not None or one.entry.name in names)


def _turns(facts: Facts) -> Iterator[int]:
    """Every instant from which on the gate may say something else."""
    yield from _turns_of(facts.consent.agreement)
    yield from turns(facts.memorandum)
    for said in facts.catalogue:
        yield said.from_at
        yield from (at for at in _instants(said.entry) if at is not None)
    if facts.terms_accepted_at is not None:
        yield facts.terms_accepted_at


def _turns_of(agreement: Agreement) -> Iterator[int]:
    for version in agreement.versions:
        yield from (vote.cast_at for vote in version.votes)
        yield from (version.card.from_at, version.card.until_at)
        if version.submitted_at is not None:
            yield version.submitted_at
    for suspension in agreement.suspensions:
        yield suspension.from_at
        if suspension.until_at is not None:
            yield suspension.until_at
    yield from (one.at for one in agreement.withdrawals)
    for narrowing in agreement.narrowings:
        yield from (narrowing.at, narrowing.card.from_at)


def _instants(entry: CatalogueEntry) -> Iterator[int | None]:
    yield from (entry.drifted_at, entry.review_at, entry.opted_out_at, entry.opted_in_at, entry.notified_at)
    if entry.consent is not None:
        yield from (entry.consent.from_at, entry.consent.until_at)


def _told_of_later(intent: Intent, history: Iterable[Said]) -> Iterator[Period]:
    """From when an owner's consent had ended until that was noted, where it was noted later."""
    said = [one for one in history if one.entry.name == intent.allowed.target]
    for before, after in pairwise(said):
        held, ended = before.entry.consent, after.entry.consent
        if held is None or ended is None or held.reference != ended.reference or not after.entry.needs_consent:
            continue
        if ended.until_at is not None and ended.until_at < after.from_at:
            yield Period(ended.until_at, after.from_at)


def _joined(periods: Iterable[Period]) -> list[Period]:
    """Those that follow each other without a gap as one."""
    joined: list[Period] = []
    for period in periods:
        if joined and joined[-1].until_at == period.from_at:
            joined[-1] = joined[-1]._replace(until_at=period.until_at)
        else:
            joined.append(period)
    return joined


def _less(periods: list[Period], gaps: Iterable[Period]) -> list[Period]:
    for gap in gaps:
        parts = (part for period in periods for part in _without(period, *gap))
        periods = [part for part in parts if part.from_at < part.until_at]
    return periods


def _holds(periods: Iterable[Period], at: int) -> bool:
    return any(period.from_at <= at < period.until_at for period in periods)


def _without(period: Period, from_at: int, until_at: int) -> tuple[Period, Period]:
    return Period(period.from_at, min(period.until_at, from_at)), Period(max(period.from_at, until_at), period.until_at)
