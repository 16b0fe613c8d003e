"""Agreements, and what is done to them, on the wire."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from app.api.schemas.base import Answer, Content, Moment
from app.api.schemas.people import PageFilters
from app.api.schemas.plans import ServedActivity
from measurements.agreements.agreement import Cause, Choice, State
from measurements.agreements.card import Card
from measurements.agreements.parties import Party
from measurements.agreements.transitions import Transition

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
"""SHA-256 in hexadecimal digits."""
Prose = Annotated[str, Field(max_length=4000, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f]*$")]
"""Words of a person, of several lines maybe."""


class AgreementFilters(PageFilters):
    """Which agreements."""

    state: State | None = None
    """Only those that stand like this now."""


class NewConsultation(Content):
    """A discussion of the newest version, before it is submitted."""

    parties: list[Party] = Field(min_length=1, max_length=len(Party), examples=[list(Party)])
    """Who took part; every party has to, before a version is submitted."""
    shown: Annotated[Prose, Field(min_length=1)] = Field(examples=["The card, version 1"])
    """What was shown."""
    comments: Prose = ""
    """What was said."""
    held_at: Moment | None = None
    """When; now, unless given."""


class NewVote(Content):
    """A party's word on what it was shown. It need not say why."""

    digest: Digest
    """Of the card that it was shown."""
    choice: Choice
    approves_publicity: bool = False
    """Its own word on measurements that everybody may see on RIPE Atlas: there is no way back."""


class NewSuspension(Content):
    """Nothing is to be measured for some time."""

    cause: Cause


class Nothing(Content):
    """Nothing has to be said."""


class AgreementLine(Answer):
    """How an agreement stands."""

    agreement_id: int
    state: State
    title: str
    version: int
    """The one that holds; the newest where none does yet."""
    digest: str
    """Of that version's card."""
    starts_at: datetime
    ends_at: datetime
    """Exclusive."""
    n_votes: int
    """On that version."""
    etag: str
    """For `If-Match`, to change it as it was read."""


class AgreementPage(Answer):
    """Agreements in order of their number."""

    agreements: list[AgreementLine]
    next_cursor: str | None
    """Pass it as `cursor` for the next page; null on the last."""


class Consultation(Answer):
    """A version was discussed."""

    held_at: datetime
    parties: list[Party]
    shown: str
    comments: str


class Vote(Answer):
    """A party's word, and who spoke for it."""

    choice: Choice
    digest: str
    approves_publicity: bool
    designation_id: int
    """By which the person spoke for the party."""
    person_id: int | None
    name: str | None
    cast_at: datetime


class Version(Answer):
    """A card as it was put before the parties."""

    number: int
    state: State
    digest: str
    """What a vote on it is on."""
    submitted_at: datetime | None
    consulted: list[Party]
    """Who took part in any consultation."""
    consultations: list[Consultation]
    votes: dict[Party, Vote | None]
    """Of each party; null where it has not voted."""
    card: Card


class Suspension(Answer):
    """Nothing was measured for some time, or is."""

    cause: Cause
    party: Party
    from_at: datetime
    until_at: datetime | None
    """Null while it lasts."""


class Withdrawal(Answer):
    """A party takes part no longer."""

    party: Party
    withdrawn_at: datetime


class Narrowing(Answer):
    """A party has less measured: the card holds beside the one that was voted on."""

    party: Party
    narrowed_at: datetime
    digest: str
    card: Card


class Agreement(AgreementLine):
    """Everything that happened to an agreement, and what may be done to it now."""

    activity: ServedActivity | None
    """The one of the activity plan that it serves; null where its card names none."""
    versions: list[Version]
    suspensions: list[Suspension]
    withdrawals: list[Withdrawal]
    narrowings: list[Narrowing]
    possible: list[Transition]
    """What the state of things allows now, whoever may do it."""
    not_possible: dict[Transition, str]
    """What it does not allow, and why."""


class CheckedCard(Answer):
    """What the parties would vote on."""

    digest: str
    """SHA-256 of the canonical form in UTF-8."""
    canonical_form: str
    card: Card
    """As it was understood, with what was left out filled in."""


class Changed(Answer):
    """How an agreement stands after what was done."""

    agreement_id: int
    state: State
    version: int
    """The newest."""
    version_state: State
    digest: str
    """Of the newest version's card: what a vote is on."""
    etag: str
    """For `If-Match`, to change it further."""
