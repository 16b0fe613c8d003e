"""Reminders: what the parties should have in mind, from which day on (Art. IV and V; domain sheet, 1.4).

A reminder is due on a day of Dushanbe's calendar, and stays due until what it is about has happened: whoever was away
on the day itself is reminded the day after. Of the memorandum's clock only the newest is due; those it overtook tell
of days that are over. What is due follows from what is held and from the instant alone.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from measurements.agreements.agreement import Agreement, Designations, State, cards_in_force, effective, state_of
from measurements.agreements.catalogue import CatalogueEntry
from measurements.agreements.parties import Party
from measurements.agreements.term import EARLIEST_ZONE as DUSHANBE
from measurements.agreements.term import About, Memorandum, day_end, reminders, standing, terms
from measurements.units import DAY_S, month_start

AHEAD_S = 30 * DAY_S
"""So long before the end of something the parties are reminded of it."""
QUARTER_MONTHS = 3
EVERYBODY = frozenset(Party)


class Topic(StrEnum):
    """What a reminder is about."""

    NOTICE = "notice"
    LAST_DAY = "last_day"
    OUTCOME = "outcome"
    TERM_ENDS = "term_ends"
    REVIEW = "review"
    DESIGNATION_ENDS = "designation_ends"
    AGREEMENT_ENDS = "agreement_ends"
    TARGET_REVIEW = "target_review"
    CONSENT_ENDS = "consent_ends"

    @property
    def explanation(self) -> str:
        """In plain words, and what to do about it."""
        return _EXPLANATIONS[self]


_EXPLANATIONS = {
    Topic.NOTICE: "Whoever does not wish the memorandum to be extended gives written notice to both others by then.",
    Topic.LAST_DAY: "Today is the last day on which notice keeps the memorandum from being extended.",
    Topic.OUTCOME: "The last day for notice is over. Record a notice that was given, or confirm that there was none.",
    Topic.TERM_ENDS: "The memorandum's term ends; it is extended only if somebody confirmed that no notice was given.",
    Topic.REVIEW: "A quarter has begun; the parties may convene to review what they do together.",
    Topic.DESIGNATION_ENDS: "A designation ends; until the party designates again, nothing can be changed for it.",
    Topic.AGREEMENT_ENDS: "An agreement ends, and with it everything that is measured under it.",
    Topic.TARGET_REVIEW: "A target's entry has to be looked at again; from then on nothing is measured until it is.",
    Topic.CONSENT_ENDS: "The consent of a target's owner ends; from then on nothing is measured until it is renewed.",
}
_OF_MEMORANDUM = {
    About.NOTICE: Topic.NOTICE,
    About.LAST_DAY: Topic.LAST_DAY,
    About.OUTCOME: Topic.OUTCOME,
    About.END: Topic.TERM_ENDS,
}


class Due(NamedTuple):
    """Something that parties are to be reminded of."""

    on: date
    """From this day on, in Dushanbe."""
    topic: Topic
    subject: str
    """Which one: the number of a designation or an agreement, a target's name, the end of a term."""
    at: int
    """When that happens which it is about; seconds since the epoch."""
    parties: frozenset[Party] = EVERYBODY
    """Who is reminded."""


class Known(NamedTuple):
    """All that reminders come from."""

    memorandum: Memorandum
    designations: Designations
    agreements: tuple[Agreement, ...]
    targets: tuple[CatalogueEntry, ...]


def due(known: Known, now: int) -> tuple[Due, ...]:
    """What is due at an instant, the earliest first. What was due on a day before and is no longer is left out."""
    today = day_of(now)
    found = (
        *_of_memorandum(known.memorandum, now),
        *_of_designations(known.designations, now),
        *_of_agreements(known, now),
        *_of_targets(known.targets, now),
    )
    return tuple(sorted(one for one in found if one.on <= today))


def day_of(at: int) -> date:
    """The calendar day of an instant in Dushanbe."""
    return datetime.fromtimestamp(at, DUSHANBE).date()


def _of_memorandum(memorandum: Memorandum, now: int) -> Iterator[Due]:
    days = ((reminder, term) for term in terms(memorandum, now) for reminder in reminders(term))
    begun = [(reminder.on, reminder.about, term) for reminder, term in days if reminder.on <= day_of(now)]
    if begun:
        on, about, term = max(begun, key=lambda one: one[0])
        at = term.end_at if about is About.END else day_end(term.last_notice_on, DUSHANBE)
        yield Due(on, _OF_MEMORANDUM[about], term.ends_on.isoformat(), at)
    if standing(memorandum, now).is_in_force:
        begins_at = month_start(now, DUSHANBE, -((day_of(now).month - 1) % QUARTER_MONTHS))
        on = day_of(begins_at)
        quarter = f"{on.year} quarter {on.month // QUARTER_MONTHS + 1}"
        yield Due(on, Topic.REVIEW, quarter, month_start(begins_at, DUSHANBE, QUARTER_MONTHS))


def _of_designations(designations: Designations, now: int) -> Iterator[Due]:
    for one in designations.values():
        if one.until_at is not None and one.holds_at(now):
            parties = frozenset({one.party})
            yield Due(_before(one.until_at), Topic.DESIGNATION_ENDS, str(one.designation_id), one.until_at, parties)


def _of_agreements(known: Known, now: int) -> Iterator[Due]:
    for agreement in known.agreements:
        version = effective(agreement, known.designations, now)
        if version is None or state_of(agreement, known.designations, now) not in (State.AGREED, State.SUSPENDED):
            continue
        end_at = min(card.until_at for card in cards_in_force(agreement, version, now))
        if now < end_at:
            yield Due(_before(end_at), Topic.AGREEMENT_ENDS, str(agreement.agreement_id), end_at)


def _of_targets(targets: Iterable[CatalogueEntry], now: int) -> Iterator[Due]:
    """Nobody has to look at what is not measured any more."""
    for target in targets:
        if target.has_opted_out(now):
            continue
        yield Due(_before(target.review_at), Topic.TARGET_REVIEW, target.name, target.review_at)
        consent = target.consent
        if consent is not None and consent.until_at is not None and consent.holds_at(now):
            yield Due(_before(consent.until_at), Topic.CONSENT_ENDS, target.name, consent.until_at)


def _before(at: int) -> date:
    return day_of(at) - timedelta(seconds=AHEAD_S)
