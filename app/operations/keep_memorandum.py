"""Keep the memorandum's clock: who signed, who gave notice, what was ruled, confirmed and amended (Art. V)."""

from datetime import date
from typing import Any

from sqlalchemy import Connection

from app.operations.acting import Acting, NotPermitted, require, require_role
from app.operations.agree import speaking
from app.operations.lines import require_lines, require_texts
from app.store import memorandum as store
from measurements.agreements.audit import Act as Done
from measurements.agreements.audit import SubjectKind
from measurements.agreements.parties import Party
from measurements.agreements.people import Act, Grounds
from measurements.agreements.term import EARLIEST_ZONE as DUSHANBE
from measurements.agreements.term import LATEST_ZONE as AMSTERDAM
from measurements.agreements.term import Outlook, Standing, Timing, day_end, standing, terms, timing
from measurements.errors import InvalidContent, NotFound, NotPossible
from measurements.units import DAY_S, iso

SUBJECT = "memorandum"
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2199, 12, 31)
"""Between which days anything of it lies: another one is a slip of the pen."""


def find_standing(connection: Connection, now: int) -> Standing:
    """How the memorandum stands."""
    return standing(store.find_memorandum(connection), now)


def record_signature(acting: Acting, party: Party, signed_on: date) -> Standing:
    """Note the day on which a party signed. It is told once, by one of that party or by whoever runs the service."""
    require(acting, Act.KEEP_RECORDS, party=party)
    _require_day("signed_on", signed_on)
    if party not in store.find_memorandum(acting.connection).missing_signatures:
        raise NotPossible("signed", f"the signature of {party.full_name} is recorded")
    from_at = day_end(signed_on, DUSHANBE) - DAY_S
    store.add_signature(acting.connection, party, signed_on, from_at, acting.now_at)
    _note(acting, Done.MEMORANDUM_SIGNED, details={"signed_by": party, "signed_on": signed_on.isoformat()})
    return find_standing(acting.connection, acting.now_at)


def record_notice(
    acting: Acting, party: Party, sent_at: int, recipients: frozenset[Party], channel: str
) -> tuple[int, Timing]:
    """Note a party's written word that it wishes no extension; gives its number, and whether it came in time."""
    require(acting, Act.KEEP_RECORDS, party=party)
    require_lines(channel=channel)
    if sent_at > acting.now_at:
        raise NotPossible("in_the_future", "a notice is recorded when it was sent")
    term = find_standing(acting.connection, acting.now_at).term
    number = store.add_notice(acting.connection, party, sent_at, recipients - {party}, channel, acting.now_at)
    notices = {one.notice_id: one for one in store.find_memorandum(acting.connection).notices}
    told = {"notice_id": number, "given_by": party, "sent_at": iso(sent_at), "recipients": sorted(recipients)}
    _note(acting, Done.NOTICE_RECORDED, details=told)
    return number, timing(notices[number], term)


def rule_on_notice(acting: Acting, notice_id: int, *, is_in_time: bool, reason: str) -> Standing:
    """Note what a person ruled about a notice of which the calendars of two zones say different days."""
    require_role(acting.caller, Act.KEEP_RECORDS)
    if acting.person_id is None:
        raise NotPermitted(Act.KEEP_RECORDS, Grounds.KEY_MISSING)
    require_lines(reason=reason)
    known = store.find_memorandum(acting.connection)
    notice = next((one for one in known.notices if one.notice_id == notice_id), None)
    if notice is None:
        raise NotFound(f"There is no notice {notice_id}.")
    if all(timing(notice, term) is not Timing.AMBIGUOUS for term in terms(known, acting.now_at)):
        raise NotPossible("unambiguous", "nobody has to rule on this notice: it is in time or late by either calendar")
    store.add_ruling(
        acting.connection, notice_id, is_in_time=is_in_time, ruled_at=acting.now_at, ruled_by=acting.person_id,
        reason=reason,
    )  # fmt: skip
    _note(acting, Done.NOTICE_RULED, reason=reason, details={"notice_id": notice_id, "is_in_time": is_in_time})
    return find_standing(acting.connection, acting.now_at)


def confirm_no_notice(acting: Acting, ends_on: date | None = None) -> Standing:
    """Note a representative's word that nobody gave notice for the current term: then it is extended.

    `ends_on` is the end of the term that is meant, where the caller says so.
    """
    _, designation_id = speaking(acting, Act.DECIDE)
    found = find_standing(acting.connection, acting.now_at)
    if ends_on not in (None, found.term.ends_on):
        raise NotPossible("other_term", f"the current term ends on {found.term.ends_on}")
    over_at = day_end(found.term.last_notice_on, AMSTERDAM)
    if acting.now_at < over_at:
        raise NotPossible("too_early", f"notice may be given until {iso(over_at)}; nobody can know before")
    if found.outlook in (Outlook.ENDING, Outlook.AMBIGUOUS):
        raise NotPossible("notice_given", "a notice is recorded that was sent in time, or that nobody has ruled on")
    store.add_confirmation(acting.connection, found.term.ends_on, designation_id, acting.now_at)
    told = {"ends_on": found.term.ends_on.isoformat()}
    _note(acting, Done.NO_NOTICE_CONFIRMED, details=told)
    return _roll(acting)


def propose_amendment(
    acting: Acting, *, text: str, ends_on: date | None = None, is_reading_allowed: bool | None = None
) -> int:
    """Propose that the memorandum end on another day, or that public results from Tajikistan may be read, or not."""
    speaking(acting, Act.DECIDE)
    if ends_on is None and is_reading_allowed is None:
        raise NotPossible("empty", "an amendment sets the end, or says whether public results may be read")
    require_texts(text=text)
    if ends_on is not None:
        _require_day("ends_on", ends_on)
        if day_end(ends_on, DUSHANBE) <= acting.now_at:
            raise NotPossible("in_the_past", "the memorandum cannot end before today")
    number = store.add_amendment(
        acting.connection, ends_on=ends_on, is_reading_allowed=is_reading_allowed, text=text, proposed_at=acting.now_at
    )
    _note(acting, Done.AMENDMENT_RECORDED, reason=text, details={"amendment_id": number})
    return number


def approve_amendment(acting: Acting, amendment_id: int) -> frozenset[Party]:
    """Approve of an amendment for a party; gives everybody who does by now. It holds once all three do."""
    party, designation_id = speaking(acting, Act.DECIDE)
    approved = store.find_approvals(acting.connection, amendment_id)
    if approved is None:
        raise NotFound(f"There is no amendment {amendment_id}.")
    if party in approved:
        raise NotPossible("approved", "this party has approved of it; there is no way back but another amendment")
    approvals = store.add_amendment_vote(acting.connection, amendment_id, party, designation_id, acting.now_at)
    told = {"amendment_id": amendment_id, "approvals": sorted(approvals)}
    _note(acting, Done.AMENDMENT_RECORDED, details=told)
    _roll(acting)
    return approvals


def _roll(acting: Acting) -> Standing:
    known = store.find_memorandum(acting.connection)
    store.keep_terms(acting.connection, list(terms(known, acting.now_at)))
    return standing(known, acting.now_at)


def _require_day(field: str, day: date) -> None:
    if not FIRST_DAY <= day <= LAST_DAY:
        raise InvalidContent([(f"/{field}", f"is no day between {FIRST_DAY} and {LAST_DAY}")])


def _note(acting: Acting, done: Done, **more: Any) -> None:
    acting.note(done, SubjectKind.MEMORANDUM, SUBJECT, **more)
