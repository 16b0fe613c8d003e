"""The memorandum's clock: when it is in force, until when anything may run, and when notice must be given (Art. V).

It runs to 31 December 2026 and is extended by a year at a time, unless a party gives written notice at least three
months before. Signatures, notices and confirmations are told to us; nothing is assumed: an extension that nobody has
confirmed extends nothing, and a notice of which two calendars say different days waits for a person's ruling.

Months are calendar months. Days are those of Dushanbe, where a day ends before it does in Amsterdam: what is in time
there is in time everywhere. Instants are seconds since the epoch, UTC.
"""

from collections import deque
from collections.abc import Collection, Iterator
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

from measurements.agreements.parties import Party
from measurements.units import DUSHANBE

FIRST_END_ON = date(2026, 12, 31)
EXTENSION = relativedelta(years=1)
NOTICE = relativedelta(months=3)
EARLIEST_ZONE, LATEST_ZONE = ZoneInfo(DUSHANBE), ZoneInfo("Europe/Amsterdam")
"""Of the parties' two zones: where a day ends first, and where it ends last."""


class Term(NamedTuple):
    """One period for which the memorandum runs."""

    ends_on: date
    """The last day, in Dushanbe."""
    amended_at: int | None = None
    """When the three last set its end, or that of a term before; notices sent before are about an end that was."""

    @property
    def end_at(self) -> int:
        """The instant at which it ends; exclusive."""
        return day_end(self.ends_on, EARLIEST_ZONE)

    @property
    def last_notice_on(self) -> date:
        """The last day on which a notice keeps it from being extended."""
        return self.ends_on - NOTICE

    @property
    def next(self) -> "Term":
        """The term that follows where nobody gives notice."""
        return self._replace(ends_on=self.ends_on + EXTENSION)


class Timing(StrEnum):
    """Whether a notice was given in time."""

    IN_TIME = "in_time"
    LATE = "late"
    AMBIGUOUS = "ambiguous"
    """The last day was over in one of the parties' zones, and not in the other: a person rules."""


class Notice(NamedTuple):
    """A party's written word that it does not wish an extension."""

    notice_id: int
    party: Party
    sent_at: int
    recipients: frozenset[Party]
    ruled: Timing | None = None
    """What a person ruled where the calendars disagree."""

    @property
    def not_sent_to(self) -> frozenset[Party]:
        """Parties it should have gone to as well. One notice is enough all the same."""
        return frozenset(Party) - {self.party} - self.recipients


class Confirmation(NamedTuple):
    """A representative's word that no notice was given for the term that ends on a day."""

    ends_on: date
    party: Party
    confirmed_at: int


class Amendment(NamedTuple):
    """A change of the end that all three agreed to (Art. V). One that not all approved changes nothing."""

    ends_on: date
    approvals: frozenset[Party]
    agreed_at: int
    """When the last party approved."""


class Memorandum(NamedTuple):
    """What is known of the memorandum's standing. All of it is told by people."""

    signed_on: tuple[tuple[Party, date], ...] = ()
    notices: tuple[Notice, ...] = ()
    confirmations: tuple[Confirmation, ...] = ()
    amendments: tuple[Amendment, ...] = ()

    @property
    def missing_signatures(self) -> tuple[Party, ...]:
        """The parties of which no date of signature is known."""
        signed = {party for party, _ in self.signed_on}
        return tuple(party for party in Party if party not in signed)

    @property
    def in_force_at(self) -> int | None:
        """When the last of the three had signed: the beginning of that day in Dushanbe. None while one is missing."""
        if self.missing_signatures:
            return None
        return day_end(max(on for _, on in self.signed_on) - timedelta(days=1), EARLIEST_ZONE)


class Reminder(NamedTuple):
    """A day on which the representatives of all three are reminded of the memorandum's clock."""

    on: date
    """In Dushanbe."""
    about: "About"


class About(StrEnum):
    """What a reminder is about."""

    NOTICE = "notice"
    """Whoever does not wish an extension has until the last day to say so."""
    LAST_DAY = "last_day"
    OUTCOME = "outcome"
    """The last day is over: was notice given? A representative says so."""
    END = "end"
    """The term ends, or rolls over, at the end of the month."""


class State(StrEnum):
    """How the memorandum stands."""

    NOT_IN_FORCE = "not_in_force"
    """A signature is missing, or lies ahead."""
    IN_FORCE = "in_force"
    ENDING = "ending"
    """Notice was given in time: it is in force to the end of its term, and no longer."""
    ENDED = "ended"
    EXTENSION_UNCONFIRMED = "extension_unconfirmed"
    """The term is over. Nobody has told of a notice, and nobody has confirmed that there was none."""
    NOTICE_AMBIGUOUS = "notice_ambiguous"
    """The term is over, and nobody has ruled whether a notice came in time."""


class Outlook(StrEnum):
    """What becomes of the current term at its end, as far as is known."""

    OPEN = "open"
    """Notice may still be given."""
    UNCONFIRMED = "unconfirmed"
    """The last day for notice is over; whether one was given is not known."""
    AMBIGUOUS = "ambiguous"
    ENDING = "ending"


IN_FORCE = frozenset({State.IN_FORCE, State.ENDING})


class Standing(NamedTuple):
    """How the memorandum stands at an instant."""

    state: State
    term: Term
    """The one that runs, or the last that ran."""
    outlook: Outlook

    @property
    def is_in_force(self) -> bool:
        """Whether anything may happen under it."""
        return self.state in IN_FORCE

    @property
    def stop_at(self) -> int:
        """Nothing may be planned to run until later."""
        return self.term.end_at


def standing(memorandum: Memorandum, now: int) -> Standing:
    """How the memorandum stands now. Terms are followed only as far as it is certain that they were extended."""
    term, outlook = _current(memorandum, now)
    in_force_at = memorandum.in_force_at
    if in_force_at is None or now < in_force_at:
        return Standing(State.NOT_IN_FORCE, term, outlook)
    if now < term.end_at:
        return Standing(State.ENDING if outlook is Outlook.ENDING else State.IN_FORCE, term, outlook)
    return Standing(_AFTER[outlook], term, outlook)


_AFTER = {  # notice can no longer be given by then
    Outlook.UNCONFIRMED: State.EXTENSION_UNCONFIRMED,
    Outlook.AMBIGUOUS: State.NOTICE_AMBIGUOUS,
    Outlook.ENDING: State.ENDED,
}


def timing(notice: Notice, term: Term) -> Timing:
    """Whether a notice was in time to end a term. A ruling counts only where the calendars disagree."""
    if notice.sent_at < day_end(term.last_notice_on, EARLIEST_ZONE):
        return Timing.IN_TIME
    if notice.sent_at >= day_end(term.last_notice_on, LATEST_ZONE):
        return Timing.LATE
    return notice.ruled or Timing.AMBIGUOUS


def terms(memorandum: Memorandum, now: int) -> Iterator[Term]:
    """The first term, and every further one that it is certain to have been extended to."""
    agreed = (one for one in memorandum.amendments if one.approvals == frozenset(Party) and one.agreed_at <= now)
    amendments = deque(sorted(agreed, key=lambda amendment: amendment.agreed_at))
    term = Term(FIRST_END_ON)
    while True:
        while amendments and amendments[0].agreed_at < term.end_at:
            amendment = amendments.popleft()
            term = Term(amendment.ends_on, amendment.agreed_at)
        yield term
        if not _is_extended(term, memorandum, now):
            return
        term = term.next


def reminders(term: Term) -> tuple[Reminder, ...]:
    """When the representatives are reminded in a term, in order."""
    last = term.last_notice_on
    after = last + timedelta(days=1)
    before = [after - relativedelta(months=n) for n in (4, 2, 1)]
    return (
        *(Reminder(on, About.NOTICE) for on in (*before, last - timedelta(days=15))),
        Reminder(last, About.LAST_DAY),
        Reminder(after, About.OUTCOME),
        Reminder(after + relativedelta(months=2), About.END),
    )


def turns(memorandum: Memorandum) -> frozenset[int]:
    """Every instant at which it may stand otherwise than just before; between two of them nothing changes."""
    told = {
        0 if memorandum.in_force_at is None else memorandum.in_force_at,
        *(one.sent_at for one in memorandum.notices),
        *(one.confirmed_at for one in memorandum.confirmations),
        *(one.agreed_at for one in memorandum.amendments),
    }
    followed = {term for at in told for term in terms(memorandum, at)}
    ends = {at for term in followed for at in (term.end_at, day_end(term.last_notice_on, LATEST_ZONE))}
    return frozenset(told | ends)


def day_end(on: date, zone: ZoneInfo) -> int:
    """The instant at which a calendar day ends in a zone; exclusive."""
    return int(datetime.combine(on + timedelta(days=1), time(), zone).timestamp())


def _current(memorandum: Memorandum, now: int) -> tuple[Term, Outlook]:
    (*_, term) = terms(memorandum, now)
    return term, _outlook(term, memorandum, now)


def _outlook(term: Term, memorandum: Memorandum, now: int) -> Outlook:
    given = _given_for(term, memorandum.notices, now)
    if Timing.IN_TIME in given:
        return Outlook.ENDING
    if Timing.AMBIGUOUS in given:
        return Outlook.AMBIGUOUS
    return Outlook.OPEN if now < day_end(term.last_notice_on, LATEST_ZONE) else Outlook.UNCONFIRMED


def _is_extended(term: Term, memorandum: Memorandum, now: int) -> bool:
    """Whether somebody confirmed, after the last day for it, that no notice was given; and none is known."""
    if {Timing.IN_TIME, Timing.AMBIGUOUS} & _given_for(term, memorandum.notices, now):
        return False
    return any(
        one.ends_on == term.ends_on and day_end(term.last_notice_on, LATEST_ZONE) <= one.confirmed_at <= now
        for one in memorandum.confirmations
    )


def _given_for(term: Term, notices: Collection[Notice], now: int) -> set[Timing]:
    since_at = 0 if term.amended_at is None else term.amended_at
    return {timing(notice, term) for notice in notices if since_at <= notice.sent_at <= now}
