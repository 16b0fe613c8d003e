"""Keep the memorandum's clock: who signed, who gave notice, what was ruled, confirmed and amended (Art. V)."""

from datetime import date

from sqlalchemy import Connection

from app.operations.agree import Representative, designated
from app.store import memorandum as store
from app.store.agreements import find_designations
from measurements.agreements.parties import Party
from measurements.agreements.term import EARLIEST_ZONE as DUSHANBE
from measurements.agreements.term import LATEST_ZONE as AMSTERDAM
from measurements.agreements.term import Outlook, Standing, Timing, day_end, standing, terms, timing
from measurements.errors import NotFound, NotPossible
from measurements.units import DAY_S, iso


def find_standing(connection: Connection, now: int) -> Standing:
    """How the memorandum stands."""
    return standing(store.find_memorandum(connection), now)


def record_signature(connection: Connection, party: Party, signed_on: date, now: int) -> Standing:
    """Note the day on which a party signed. It is told once."""
    if party not in store.find_memorandum(connection).missing_signatures:
        raise NotPossible("signed", f"the signature of {party.full_name} is recorded")
    store.add_signature(connection, party, signed_on, day_end(signed_on, DUSHANBE) - DAY_S, now)
    return find_standing(connection, now)


def record_notice(
    connection: Connection, party: Party, sent_at: int, recipients: frozenset[Party], channel: str, now: int
) -> tuple[int, Timing]:
    """Note a party's written word that it wishes no extension; gives its number, and whether it came in time."""
    if sent_at > now:
        raise NotPossible("in_the_future", "a notice is recorded when it was sent")
    term = find_standing(connection, now).term
    number = store.add_notice(connection, party, sent_at, recipients - {party}, channel, now)
    notices = {one.notice_id: one for one in store.find_memorandum(connection).notices}
    return number, timing(notices[number], term)


def rule_on_notice(
    connection: Connection, notice_id: int, *, is_in_time: bool, reason: str, person_id: int, now: int
) -> Standing:
    """Note what a person ruled about a notice of which the calendars of two zones say different days."""
    known = store.find_memorandum(connection)
    notice = next((one for one in known.notices if one.notice_id == notice_id), None)
    if notice is None:
        raise NotFound(f"There is no notice {notice_id}.")
    if notice.ruled is not None or all(timing(notice, term) is not Timing.AMBIGUOUS for term in terms(known, now)):
        raise NotPossible("unambiguous", "nobody has to rule on this notice: it is in time or late by either calendar")
    store.add_ruling(connection, notice_id, is_in_time=is_in_time, ruled_at=now, ruled_by=person_id, reason=reason)
    return find_standing(connection, now)


def confirm_no_notice(connection: Connection, who: Representative, now: int) -> Standing:
    """Note a representative's word that nobody gave notice for the current term: then it is extended."""
    designation = designated(find_designations(connection), who, now)
    known = store.find_memorandum(connection)
    found = standing(known, now)
    over_at = day_end(found.term.last_notice_on, AMSTERDAM)
    if now < over_at:
        raise NotPossible("too_early", f"notice may be given until {iso(over_at)}; nobody can know before")
    if found.outlook in (Outlook.ENDING, Outlook.AMBIGUOUS):
        raise NotPossible("notice_given", "a notice is recorded that was sent in time, or that nobody has ruled on")
    store.add_confirmation(connection, found.term.ends_on, designation.designation_id, now)
    return _roll(connection, now)


def propose_amendment(
    connection: Connection, *, text: str, ends_on: date | None = None, is_reading_allowed: bool | None = None, now: int
) -> int:
    """Propose that the memorandum end on another day, or that public results from Tajikistan may be read, or not."""
    if ends_on is None and is_reading_allowed is None:
        raise NotPossible("empty", "an amendment sets the end, or says whether public results may be read")
    if ends_on is not None and day_end(ends_on, DUSHANBE) <= now:
        raise NotPossible("in_the_past", "the memorandum cannot end before today")
    return store.add_amendment(
        connection, ends_on=ends_on, is_reading_allowed=is_reading_allowed, text=text, proposed_at=now
    )


def approve_amendment(connection: Connection, amendment_id: int, who: Representative, now: int) -> frozenset[Party]:
    """Approve of an amendment for a party; gives everybody who does by now. It holds once all three do."""
    designation = designated(find_designations(connection), who, now)
    approvals = store.add_amendment_vote(connection, amendment_id, who.party, designation.designation_id, now)
    _roll(connection, now)
    return approvals


def _roll(connection: Connection, now: int) -> Standing:
    known = store.find_memorandum(connection)
    store.keep_terms(connection, list(terms(known, now)))
    return standing(known, now)
