"""Reviews and accepted terms on the wire."""

from datetime import date, datetime
from typing import Annotated

from pydantic import Field

from app.api.schemas.base import Answer, Content, Line
from app.api.schemas.plans import Unbinding
from measurements.agreements.parties import Party
from measurements.agreements.platform_terms import Service
from measurements.agreements.reviews import Cadence

MOST = 100
Digest = Annotated[str, Field(pattern="^[0-9a-f]{64}$", examples=["0" * 64])]
"""SHA-256, in hexadecimal digits."""


class NewMaterial(Content):
    """Something that was shown."""

    name: Line = Field(examples=["briefing-2026-q4.pdf"])
    sha256: Digest
    """Of its bytes."""


class NewFollowUp(Content):
    """Something that somebody means to do next."""

    what: Line = Field(examples=["Send the figures of December"])
    party: Party | None = Field(default=None, examples=["ripe_ncc"])
    """Who; null for all."""
    due_on: date | None = Field(default=None, examples=["2027-01-15"])


class NewReview(Content):
    """A review that was held. It is told once."""

    held_on: date = Field(examples=["2026-11-20"])
    """In Dushanbe."""
    parties: list[Party] = Field(min_length=1, max_length=len(Party), examples=[["ripe_ncc", "tojiktelecom"]])
    """Who took part."""
    people: list[Line] = Field(default=[], max_length=MOST, examples=[["Zarina Rahimova"]])
    """Who was there, by name."""
    material: list[NewMaterial] = Field(default=[], max_length=MOST)
    """What was shown."""
    decisions: list[Line] = Field(default=[], max_length=MOST, examples=[["Measure for another quarter"]])
    follow_ups: list[NewFollowUp] = Field(default=[], max_length=MOST)


class NewCadence(Content):
    """How often the parties mean to meet from now on."""

    cadence: Cadence = Field(examples=[Cadence.QUARTERLY.value])


class NewAcceptance(Content):
    """Terms that whoever asks accepts."""

    service: Service = Field(examples=[Service.RIPE_ATLAS.value])
    version: Line = Field(examples=["3.3, 27 March 2019"])
    """Their number or date, as they call themselves."""
    address: Line = Field(examples=["https://atlas.ripe.net/legal/"])
    """Where they were read."""
    sha256: Digest | None = None
    """Of the text that was read."""


class Material(Answer):
    """Something that was shown."""

    name: str
    sha256: str


class FollowUp(Answer):
    """Something that somebody means to do next."""

    what: str
    party: Party | None
    due_on: date | None


class Review(Unbinding):
    """A review that was held."""

    review_id: int
    held_on: date
    parties: list[Party]
    people: list[str]
    material: list[Material]
    decisions: list[str]
    follow_ups: list[FollowUp]


class NextReview(Answer):
    """When the parties mean to meet again."""

    cadence: Cadence
    next_on: date | None
    """By which day, in Dushanbe; null while no memorandum is in force."""


class ReviewPage(NextReview):
    """Reviews in order of their numbers."""

    reviews: list[Review]
    next_cursor: str | None
    """Pass it as `cursor` for the next page; null on the last."""


class Acceptance(Answer):
    """Terms that somebody accepted."""

    acceptance_id: int
    service: Service
    version: str
    address: str
    sha256: str | None
    """Of the text that was read; null where nobody kept it."""
    person_id: int
    name: str | None
    """Of the person."""
    party: Party | None
    """On whose behalf; null for whoever runs the service."""
    accepted_at: datetime


class AcceptancePage(Answer):
    """Accepted terms in order of their numbers."""

    acceptances: list[Acceptance]
    next_cursor: str | None
    """Pass it as `cursor` for the next page; null on the last."""
