"""The audit trail: what was done, by whom, on whose behalf and why, every entry bound to the one before by its hash.

How a hash is made, so that anybody can recompute it with common tools. JSON is in the form of RFC 8785: names in order,
no blanks, UTF-8. Digests are SHA-256 in hexadecimal digits, lower case.

1. `content` is the digest of what the entry says: a JSON object of `act`, `actor`, `answer`, `at`, `designation_id`,
   `details`, `digest`, `party`, `reason`, `request_id`, `subject_id`, `subject_kind` and `version`. What is not known
   is null. `answer` and `details` are JSON themselves and stand in it as texts.
2. `hash` is the digest of the JSON object of `content`, `number`, `previous`, `subject_id` and `subject_kind`.
   `previous` is the hash of the entry before, and 64 zeros for the first one.

In two steps, so that a chain of links can be shown for one subject without telling what the others' entries say.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from measurements.agreements.parties import Party
from measurements.canonical import digest_of, written
from measurements.units import DUSHANBE

GENESIS = "0" * 64
"""What the first entry names as the one before."""
SERVICE = "service"
"""The actor where nobody acted but Rasad itself."""


class Act(StrEnum):
    """What was done. A later issue adds its own; what is written once is never renamed."""

    PERSON_ADDED = "person_added"
    DESIGNATION_RECORDED = "designation_recorded"
    DESIGNATION_ENDED = "designation_ended"
    KEY_ISSUED = "key_issued"
    KEY_REVOKED = "key_revoked"
    CARD_DRAFTED = "card_drafted"
    CONSULTATION_RECORDED = "consultation_recorded"
    VERSION_SUBMITTED = "version_submitted"
    VOTE_CAST = "vote_cast"
    AGREEMENT_SUSPENDED = "agreement_suspended"
    AGREEMENT_RESUMED = "agreement_resumed"
    AGREEMENT_WITHDRAWN = "agreement_withdrawn"
    AGREEMENT_NARROWED = "agreement_narrowed"
    DISPATCH_INTENDED = "dispatch_intended"
    DISPATCH_PERMITTED = "dispatch_permitted"
    DISPATCH_REFUSED = "dispatch_refused"
    DISPATCH_SENT = "dispatch_sent"
    DISPATCH_ANSWERED = "dispatch_answered"
    DISPATCH_LOST = "dispatch_lost"
    DISPATCH_REFERRED = "dispatch_referred"
    DISPATCH_SETTLED = "dispatch_settled"
    MEASUREMENT_STOPPED = "measurement_stopped"
    CESSATION_RECORDED = "cessation_recorded"
    RESULTS_QUARANTINED = "results_quarantined"
    RETENTION_RUN = "retention_run"
    MEMORANDUM_SIGNED = "memorandum_signed"
    NOTICE_RECORDED = "notice_recorded"
    NOTICE_RULED = "notice_ruled"
    NO_NOTICE_CONFIRMED = "no_notice_confirmed"
    AMENDMENT_RECORDED = "amendment_recorded"
    TARGET_ADDED = "target_added"
    TARGET_CHANGED = "target_changed"
    TARGET_CHANGE_PROPOSED = "target_change_proposed"
    TARGET_DRIFTED = "target_drifted"
    TARGET_CONFIRMED = "target_confirmed"
    REMINDER_ACKNOWLEDGED = "reminder_acknowledged"
    TERMS_ACCEPTED = "terms_accepted"
    POLICY_SET = "policy_set"
    PLAN_OPENED = "plan_opened"
    PLAN_CHANGED = "plan_changed"
    PLAN_ENDORSED = "plan_endorsed"
    ACTIVITY_ADDED = "activity_added"
    ACTIVITY_CHANGED = "activity_changed"
    MILESTONE_ADDED = "milestone_added"
    MILESTONE_CHANGED = "milestone_changed"
    REVIEW_RECORDED = "review_recorded"
    CAMPAIGN_APPLIED = "campaign_applied"
    CAMPAIGN_PAUSED = "campaign_paused"
    CAMPAIGN_RESUMED = "campaign_resumed"
    CAMPAIGN_STOPPED = "campaign_stopped"
    ROUND_ASKED_FOR = "round_asked_for"
    PROBE_EXCLUDED = "probe_excluded"
    PROBE_INCLUDED = "probe_included"
    REQUEST_MADE = "request_made"
    REQUEST_EXTENDED = "request_extended"
    REQUEST_CANCELLED = "request_cancelled"
    CREDITS_ALLOTTED = "credits_allotted"


class SubjectKind(StrEnum):
    """What something was done to. What happens under an agreement is done to the agreement."""

    AGREEMENT = "agreement"
    PERSON = "person"
    DESIGNATION = "designation"
    KEY = "key"
    TARGET = "target"
    MEASUREMENT = "measurement"
    MEMORANDUM = "memorandum"
    PLAN = "plan"
    """Its activities and milestones too."""
    REVIEW = "review"
    POLICY = "policy"
    TERMS = "terms"
    REMINDER = "reminder"
    CAMPAIGN = "campaign"
    PROBE = "probe"
    REQUEST = "request"


class Subject(NamedTuple):
    """One of them, by its number or name."""

    kind: SubjectKind
    id: int | str


@dataclass(frozen=True, kw_only=True, slots=True)
class Deed:
    """What was done, before it has its place in the chain."""

    at: int
    """Seconds since the epoch, UTC."""
    act: Act
    person_id: int | None
    """Who did it; None where it was the service itself."""
    subject: Subject
    party: Party | None = None
    """On whose behalf."""
    designation_id: int | None = None
    """By which designation."""
    version: int | None = None
    """Of the subject."""
    digest: str | None = None
    """Of that version."""
    reason: str | None = None
    request_id: str | None = None
    answer: str | None = None
    """The platform's, as the JSON text that it gave."""
    details: Mapping[str, Any] | None = None
    """What else belongs to it; anything that JSON can say."""


class Entry(NamedTuple):
    """A deed at its place in the chain, as it is held: texts and whole numbers, whatever they say."""

    number: int
    """1, 2, 3 and so on without gaps."""
    at: int
    act: str
    actor: str
    """The number of a person, or `service`."""
    party: str | None
    designation_id: int | None
    subject_kind: str
    subject_id: str
    version: int | None
    digest: str | None
    reason: str | None
    request_id: str | None
    answer: str | None
    details: str | None
    """A JSON object."""
    previous: str
    """The hash of the entry before."""
    hash: str


PLACE = frozenset({"number", "previous", "hash"})
"""The fields that say where an entry stands; all others are what it says."""


def enter(deed: Deed, number: int, previous: str) -> Entry:
    """Give a deed its place behind the entry with the hash `previous`."""
    entry = Entry(
        number=number,
        at=deed.at,
        act=deed.act.value,
        actor=SERVICE if deed.person_id is None else str(deed.person_id),
        party=None if deed.party is None else deed.party.value,
        designation_id=deed.designation_id,
        subject_kind=deed.subject.kind.value,
        subject_id=str(deed.subject.id),
        version=deed.version,
        digest=deed.digest,
        reason=_storable(deed.reason),
        request_id=_storable(deed.request_id),
        answer=_storable(deed.answer),
        details=None if deed.details is None else _storable(written(deed.details)),
        previous=previous,
        hash="",
    )
    return entry._replace(hash=hash_of(entry))


def says(entry: Entry) -> dict[str, Any]:
    """What an entry says, without its place."""
    return {name: value for name, value in entry._asdict().items() if name not in PLACE}


def content_of(entry: Entry) -> str:
    """The digest of what it says: step 1."""
    return digest_of(says(entry))


def link_hash(*, number: int, previous: str, content: str, subject_kind: str, subject_id: str) -> str:
    """The hash of an entry from its place, its subject and the digest of what it says: step 2."""
    link = {"number": number, "previous": previous, "content": content}
    return digest_of({**link, "subject_kind": subject_kind, "subject_id": subject_id})


def hash_of(entry: Entry) -> str:
    """The hash that an entry must have, by what it says and where it stands."""
    return link_hash(
        number=entry.number,
        previous=entry.previous,
        content=content_of(entry),
        subject_kind=entry.subject_kind,
        subject_id=entry.subject_id,
    )


def in_utc(at: int) -> str:
    """An instant as people read it, `2026-11-24T08:00:00Z`; of a damaged entry the number as it is."""
    return _told(at, UTC).replace("+00:00", "Z")


def in_dushanbe(at: int) -> str:
    """The same by the clocks of Dushanbe, `2026-11-24T13:00:00+05:00`."""
    return _told(at, ZoneInfo(DUSHANBE))


def readable(text: str) -> str:
    """Text that can be written anywhere, also where it is damaged."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _told(at: int, zone: Any) -> str:
    try:
        return datetime.fromtimestamp(at, zone).isoformat()
    except (ValueError, OverflowError, OSError):  # beyond what calendars go to
        return str(at)


def _storable(text: str | None) -> str | None:
    """What both databases hold: a strange answer of the platform's must not undo that it was recorded."""
    if text is None:
        return None
    return text.encode("utf-8", "backslashreplace").decode("utf-8").replace("\0", "\\x00")
