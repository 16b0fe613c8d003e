"""The memorandum's clock on the wire: how it stands, and what people told of it."""

from datetime import date, datetime
from typing import Annotated

from pydantic import AfterValidator, Field

from app.api.schemas.base import Answer, Content, Line, Moment
from measurements.agreements.parties import Party
from measurements.agreements.term import About, Outlook, State, Timing

LONGEST = 4000
Day = date
"""A calendar day, such as 2026-03-02."""


def _said(text: str) -> str:
    if not text.strip():
        raise ValueError("says nothing")
    return text.strip()


Passage = Annotated[
    str,
    Field(min_length=1, max_length=LONGEST, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f]*$"),
    AfterValidator(_said),
]
"""Words of a person, in several lines if need be."""


class Nothing(Content):
    """Nothing needs to be said."""


class NewSignature(Content):
    """The day on which a party signed."""

    party: Party = Field(examples=[Party.TOJIKTELECOM.value])
    signed_on: Day = Field(examples=["2026-03-02"])
    """In Dushanbe. It is told once."""


class NewNotice(Content):
    """A party's written word that it wishes no extension."""

    party: Party = Field(examples=[Party.TOJIKTELECOM.value])
    sent_at: Moment = Field(examples=["2027-09-12T10:00:00+05:00"])
    recipients: list[Party] = Field(min_length=1, max_length=len(Party), examples=[[Party.RIPE_NCC.value]])
    """To whom it went. One notice is enough, also where it did not go to both others."""
    channel: Line = Field(default="letter", examples=["letter"])
    """How it was sent."""


class NewRuling(Content):
    """What a person rules about a notice that was sent when the last day was over in one zone and not in another."""

    notice_id: int = Field(ge=1, le=2**53, examples=[1])
    is_in_time: bool = Field(examples=[False])
    reason: Line = Field(examples=["Letter 4 of the parties"])


class NewConfirmation(Content):
    """A representative's word that nobody gave notice for a term."""

    ends_on: Day = Field(examples=["2026-12-31"])
    """The last day of the term that is meant, as it was read: it has to be the current one."""


class NewAmendment(Content):
    """A change of the memorandum; it holds once all three parties approve of it. One of the two has to be said."""

    text: Passage = Field(examples=["Extended to mid-2028"])
    """What it says."""
    ends_on: Day | None = Field(default=None, examples=["2028-06-30"])
    """The day on which the memorandum ends then."""
    is_reading_allowed: bool | None = None
    """Whether public results from Tajikistan may be read without an agreement."""


class Standing(Answer):
    """How the memorandum stands now."""

    state: State
    words: str
    """The same in words."""
    outlook: Outlook
    """What becomes of the current term at its end, as far as is known."""
    outlook_words: str
    is_in_force: bool
    ends_on: Day
    """The last day of the term that runs, or of the last that ran; in Dushanbe."""
    last_notice_on: Day
    """The last day on which a notice keeps it from being extended."""
    stop_at: datetime
    """Nothing may be planned to run until later."""
    missing_signatures: list[Party]


class Reminder(Answer):
    """A day on which the representatives are reminded."""

    on: Day
    about: About
    is_past: bool


class Signature(Answer):
    """A party signed."""

    party: Party
    signed_on: Day
    recorded_at: datetime


class Ruling(Answer):
    """What a person ruled about a notice."""

    is_in_time: bool
    reason: str
    ruled_by: int
    """The person's number."""
    ruled_at: datetime


class Notice(Answer):
    """A party gave notice."""

    id: int
    party: Party
    sent_at: datetime
    recipients: list[Party]
    not_sent_to: list[Party]
    """Parties it should have gone to as well."""
    channel: str
    recorded_at: datetime
    timing: Timing
    """Whether it was in time to end the current term."""
    ruling: Ruling | None
    """Null where nobody ruled on it."""


class Confirmation(Answer):
    """A representative confirmed that nobody gave notice for the term that ends on a day."""

    ends_on: Day
    party: Party
    confirmed_at: datetime


class Approval(Answer):
    """A party approved."""

    party: Party
    approved_at: datetime


class Amendment(Answer):
    """A change of the memorandum that was proposed."""

    id: int
    text: str
    ends_on: Day | None
    is_reading_allowed: bool | None
    proposed_at: datetime
    approvals: list[Approval]
    is_agreed: bool
    """Whether all three approved: then it holds."""


class Memorandum(Standing):
    """How the memorandum stands, what comes next, and all that was told of it."""

    reminders: list[Reminder]
    """The dates of the current term."""
    signatures: list[Signature]
    notices: list[Notice]
    confirmations: list[Confirmation]
    amendments: list[Amendment]
    etag: str
    """Another one after every change, also where time alone brought it."""
