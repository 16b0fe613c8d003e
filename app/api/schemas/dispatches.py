"""Dispatches, what the gate said of them, and what a withdrawal has stopped, on the wire."""

from datetime import date, datetime
from typing import Annotated, Self

from pydantic import Field, model_validator

from app.api.schemas.base import Answer, Content, Moment, OurNumber
from app.api.schemas.plans import ServedActivity
from measurements.agreements.agreement import State
from measurements.agreements.parties import Party
from measurements.agreements.reasons import Caution, Reason
from measurements.agreements.term import Outlook
from measurements.agreements.term import State as MemorandumState
from measurements.campaigns.dispatching import DispatchState
from measurements.results.outcome import Label
from measurements.selections import MOST_PROBES


class NewDispatch(Content):
    """What is to be measured of what was agreed on."""

    entry: Annotated[int, Field(ge=1, le=100, examples=[1])] = 1
    """Which measurement of the card; the first is 1."""
    start_at: Moment | None = None
    """In a minute, unless given."""
    stop_at: Moment | None = None
    """Exclusive; a day later, unless given."""
    n_probes: Annotated[int, Field(ge=1, le=MOST_PROBES)] | None = None
    """At most; as agreed, unless given."""


class Settlement(Content):
    """What a person says of a dispatch whose answer was lost: one of the two."""

    adopt: OurNumber | None = None
    """Which of the measurements found under its tag it is; all others are stopped."""
    give_up: bool = False
    """That it is none of them, and that nobody waits for it any more; all are stopped."""

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        if (self.adopt is None) is not self.give_up:
            raise ValueError("say which it is with adopt, or that it is none with give_up, and not both")
        return self


class Said(Answer):
    """What the gate has said."""

    decided_at: datetime
    is_permitted: bool
    reason: Reason
    explanation: str
    """The same in plain words."""


class Objection(Answer):
    """Something that speaks against it."""

    reason: Reason
    explanation: str


class Cautioned(Answer):
    """Something that should be known before it is done."""

    caution: Caution
    explanation: str


class SaysNow(Answer):
    """What the gate says now."""

    target: str | None
    """Null for DNS queries to the probes' own resolvers."""
    type: str
    is_permitted: bool
    reason: Reason
    explanation: str
    objections: list[Objection]
    """Everything that speaks against it, the plainest first."""
    cautions: list[Cautioned]
    """What does not forbid it, and should be known of it."""


class FoundMeasurement(Answer):
    """A measurement of ours on RIPE Atlas under the tag of a dispatch."""

    atlas_id: int
    is_as_asked: bool
    """Whether it is what was to be dispatched."""
    stopped_at: datetime | None


class DecidedDispatch(SaysNow):
    """A dispatch: whether it may go on, or be sent."""

    dispatch_id: int
    atlas_id: int | None
    is_under_way: bool
    """Whether it may be running on RIPE Atlas."""
    state: DispatchState
    standing: str
    """The same in plain words, and what can be done about it."""
    trouble: str | None
    """What stands in its way for now."""
    retry_at: datetime | None
    """When it is tried again."""
    found: list[FoundMeasurement]
    """What there is under its tag, where that is not exactly what it was sent as."""
    decided: list[Said]
    """What the gate has said of it, in order."""


class DecidedEntry(SaysNow):
    """An entry of the card: whether another dispatch of it may happen."""

    entry: int
    start_at: datetime
    stop_at: datetime
    """What was asked about: a day, or as long as the agreement lasts."""
    n_probes: int


class Memorandum(Answer):
    """How the memorandum stands."""

    state: MemorandumState
    outlook: Outlook
    ends_on: date
    """In Dushanbe."""


class Decisions(Answer):
    """Why things may happen under an agreement now, or may not."""

    agreement_id: int
    decided_at: datetime
    """Now."""
    memorandum: Memorandum
    activity: ServedActivity | None
    """The one of the activity plan that it serves; null where its card names none."""
    dispatches: list[DecidedDispatch]
    entries: list[DecidedEntry]


class Dispatch(Answer):
    """What is to be measured, and what became of it."""

    dispatch_id: int
    agreement_id: int
    label: Label
    """Of what it brings: `measured` on RIPE Atlas, or `rehearsed`."""
    version: int
    digest: str
    """Of the card that it cites."""
    target: str | None
    type: str
    start_at: datetime
    stop_at: datetime | None
    n_probes: int
    is_public: bool
    decisions: list[Said]
    is_under_way: bool
    state: DispatchState
    standing: str
    """The same in plain words, and what can be done about it."""
    trouble: str | None
    """What stands in its way for now."""
    retry_at: datetime | None
    """When it is tried again."""
    found: list[FoundMeasurement]
    """What there is under its tag, where that is not exactly what it was sent as."""
    tag: str
    """By which RIPE Atlas can be asked for it."""
    atlas_id: int | None
    failure: str | None
    """Why there is no measurement."""
    intended_at: datetime
    sent_at: datetime | None
    answered_at: datetime | None
    stop_asked_at: datetime | None
    stopped_at: datetime | None
    """When RIPE Atlas was read to say that it had stopped."""


class DispatchPage(Answer):
    """Dispatches of an agreement in order of their number."""

    dispatches: list[Dispatch]
    next_cursor: str | None
    """Pass it as `cursor` for the next page; null on the last."""


class Stopping(Answer):
    """Something that is being stopped."""

    dispatch_id: int
    atlas_id: int | None


class Withdrawn(Answer):
    """A party has withdrawn: from now on nothing is permitted under the agreement."""

    agreement_id: int
    state: State
    stopping: list[Stopping]
    """What the worker stops now, and reads back until it has stopped: within two minutes where RIPE Atlas answers."""
    cessation: str
    """Where the record of it is, as far as it is complete."""
    etag: str


class WithdrawalOfParty(Answer):
    """A party takes part no longer."""

    party: Party
    withdrawn_at: datetime


class Stopped(Answer):
    """A measurement that had to stop."""

    atlas_id: int | None
    dispatch_id: int
    sent_at: datetime
    stop_asked_at: datetime | None
    """Null also where it had ended by itself."""
    stopped_at: datetime | None


class CessationRecord(Answer):
    """What ceased."""

    agreement_id: int
    withdrawals: list[WithdrawalOfParty]
    is_complete: bool
    """Whether everything was read back as stopped. Then the record never changes."""
    measurements: list[Stopped]


class Cessation(Answer):
    """The cessation record, and what proves it."""

    record: CessationRecord
    digest: str
    """SHA-256 of the record's canonical JSON (RFC 8785), in hexadecimal digits."""
    audit_number: int | None
    """The entry of the audit trail that has the digest; null until everything has stopped."""
