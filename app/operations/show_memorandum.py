"""Show how the memorandum stands, and everything that was told of it: in plain values under the names of the wire."""

from datetime import datetime
from hashlib import sha256
from typing import Any

import orjson

from app.operations.acting import Acting, require_role
from app.operations.designate import ETAG_CHARACTERS
from app.store import find_memorandum as rows
from app.store.memorandum import find_memorandum
from measurements.agreements.parties import Party
from measurements.agreements.people import Act
from measurements.agreements.term import EARLIEST_ZONE as DUSHANBE
from measurements.agreements.term import Memorandum, Outlook, Standing, State, Term, reminders, standing, timing
from measurements.errors import NotFound
from measurements.units import iso

STATES = {
    State.NOT_IN_FORCE: "is not in force: the date of a signature is missing, or lies ahead",
    State.IN_FORCE: "is in force",
    State.ENDING: "is in force, and ends with its term: notice was given",
    State.ENDED: "has ended: notice was given",
    State.EXTENSION_UNCONFIRMED: "is over, as far as anybody knows: nobody has confirmed that no notice was given",
    State.NOTICE_AMBIGUOUS: "is over, unless somebody rules that the notice was late",
}
OUTLOOKS = {
    Outlook.OPEN: "Notice may be given until the end of {notice}, in Dushanbe; without, it is extended by a year.",
    Outlook.UNCONFIRMED: "The last day for notice, {notice}, is over. Was none given? Confirm it.",
    Outlook.AMBIGUOUS: "A notice was sent when {notice} was over in one zone and not in the other: rule on it.",
    Outlook.ENDING: "Notice was given in time; all measurements end with the term.",
}


def show_memorandum(acting: Acting) -> dict[str, Any]:
    """All of it."""
    require_role(acting.caller, Act.READ_AGREEMENTS)
    known = find_memorandum(acting.connection)
    found = standing(known, acting.now_at)
    connection = acting.connection
    told = {
        **standing_on_the_wire(known, found),
        "reminders": _reminders(found.term, acting.now_at),
        "signatures": [_signature(one) for one in rows.find_signatures(connection)],
        "notices": [_notice(one, known, found.term) for one in rows.find_notices(connection)],
        "confirmations": [
            {"ends_on": one.ends_on, "party": one.party.value, "confirmed_at": iso(one.confirmed_at)}
            for one in rows.find_confirmations(connection)
        ],
        "amendments": [_amendment(one) for one in rows.find_amendments(connection)],
    }
    return {**told, "etag": f'"{sha256(orjson.dumps(told)).hexdigest()[:ETAG_CHARACTERS]}"'}


def standing_on_the_wire(known: Memorandum, found: Standing) -> dict[str, Any]:
    """How it stands, in names and in words."""
    return {
        "state": found.state.value,
        "words": f"The memorandum {STATES[found.state]}. Its term ends on {found.term.ends_on}.",
        "outlook": found.outlook.value,
        "outlook_words": OUTLOOKS[found.outlook].format(notice=found.term.last_notice_on),
        "is_in_force": found.is_in_force,
        "ends_on": found.term.ends_on.isoformat(),
        "last_notice_on": found.term.last_notice_on.isoformat(),
        "stop_at": iso(found.stop_at),
        "missing_signatures": [party.value for party in known.missing_signatures],
    }


def notice_on_the_wire(acting: Acting, notice_id: int) -> dict[str, Any]:
    """One notice as it stands now. Raises `NotFound`."""
    known = find_memorandum(acting.connection)
    term = standing(known, acting.now_at).term
    found = [one for one in rows.find_notices(acting.connection) if one.notice_id == notice_id]
    if not found:
        raise NotFound(f"There is no notice {notice_id}.")
    return _notice(found[0], known, term)


def amendment_on_the_wire(acting: Acting, amendment_id: int) -> dict[str, Any]:
    """One amendment as it stands now. Raises `NotFound`."""
    found = [one for one in rows.find_amendments(acting.connection) if one.amendment_id == amendment_id]
    if not found:
        raise NotFound(f"There is no amendment {amendment_id}.")
    return _amendment(found[0])


def _reminders(term: Term, now: int) -> list[dict[str, Any]]:
    today = datetime.fromtimestamp(now, DUSHANBE).date()
    return [{"on": one.on.isoformat(), "about": one.about.value, "is_past": one.on < today} for one in reminders(term)]


def _signature(one: rows.SignatureRow) -> dict[str, Any]:
    return {"party": one.party.value, "signed_on": one.signed_on, "recorded_at": iso(one.recorded_at)}


def _notice(one: rows.NoticeRow, known: Memorandum, term: Term) -> dict[str, Any]:
    (notice,) = (found for found in known.notices if found.notice_id == one.notice_id)
    ruling = one.ruling
    return {
        "id": one.notice_id,
        "party": one.party.value,
        "sent_at": iso(one.sent_at),
        "recipients": [party.value for party in one.recipients],
        "not_sent_to": sorted(party.value for party in notice.not_sent_to),
        "channel": one.channel,
        "recorded_at": iso(one.recorded_at),
        "timing": timing(notice, term).value,
        "ruling": ruling
        and {
            "is_in_time": ruling.is_in_time,
            "reason": ruling.reason,
            "ruled_by": ruling.ruled_by,
            "ruled_at": iso(ruling.ruled_at),
        },
    }


def _amendment(one: rows.AmendmentRow) -> dict[str, Any]:
    return {
        "id": one.amendment_id,
        "text": one.text,
        "ends_on": one.ends_on,
        "is_reading_allowed": one.is_reading_allowed,
        "proposed_at": iso(one.proposed_at),
        "approvals": [{"party": party.value, "approved_at": iso(at)} for party, at in one.approvals],
        "is_agreed": len(one.approvals) == len(Party),
    }
