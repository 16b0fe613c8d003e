"""What is measured and under which agreement, on the wire: for everybody."""

from datetime import datetime
from typing import Literal

from app.api.schemas.base import Answer
from app.api.schemas.memorandum import Standing
from measurements.agreements.agreement import State
from measurements.agreements.card import CardDataClass, Clause
from measurements.agreements.parties import Party
from measurements.results.outcome import Label
from measurements.selections import SelectedBy


class AgreedBy(Answer):
    """A party that approved."""

    party: Party
    name: str
    approved_at: datetime


class MayBeMeasured(Answer):
    """One kind of measurement toward one target."""

    target: str | None
    """Null for DNS queries to the probes' own resolvers."""
    type: Literal["ping", "traceroute", "dns"]
    address_family: Literal[4, 6]
    interval_s: int | None
    """Seconds between rounds, at least; null for one-offs."""


class Probes(Answer):
    """From which probes."""

    by: SelectedBy
    value: str | None
    """Null where single probes were chosen: which ones is their hosts' business."""
    requested: int | Literal["all"]


class Running(Answer):
    """A measurement on RIPE Atlas that everybody may see."""

    atlas_id: int
    address: str
    """Where."""
    target: str | None
    type: str
    address_family: Literal[4, 6]


class Runs(Answer):
    """What runs now under one label."""

    label: Label
    """`measured` on the Internet, or `rehearsed`: practised, and measured nowhere."""
    n_running: int
    """All of them."""
    measurements: list[Running]
    """Those of them that everybody may see on RIPE Atlas."""


class Retention(Answer):
    """For how many days it is kept."""

    raw_days: int
    probe_level_days: int


class Publication(Answer):
    """What must hold before a figure is published."""

    embargo_days: int
    min_probes: int
    min_networks: int


class AgreementInForce(Answer):
    """What the three parties agreed on."""

    label: Label
    """`rehearsed` where it is practice: then all that was dispatched under it was."""
    agreement_id: int
    state: State
    """`agreed`, or `suspended`: then nothing is measured under it for now."""
    version: int
    digest: str
    """SHA-256 of the measurement card that the parties voted on."""
    agreed_at: datetime | None
    agreed_by: list[AgreedBy]
    title: str
    purpose: str
    clause: Clause
    """The item of Article II that it serves."""
    national_priority: str
    data_class: CardDataClass
    retention: Retention
    publication: Publication
    conflicts_of_interest: list[str]
    contacts: list[str]
    """Where a request to stop is heard."""
    is_narrowed: bool
    """Whether a party has had less measured since than was agreed on; what follows is what holds now."""
    measurements: list[MayBeMeasured]
    selections: list[Probes]
    max_probes: int
    starts_at: datetime
    ends_at: datetime
    """Exclusive."""
    is_public: bool
    """Whether everybody may see the measurements on RIPE Atlas."""
    is_publicity_approved: bool
    """Whether all three approved that on its own."""
    runs: list[Runs]


class EndedAgreement(Answer):
    """An agreement that holds no longer."""

    label: Label
    agreement_id: int
    title: str
    digest: str
    state: State
    """`withdrawn` or `expired`."""
    ended_at: datetime
    runs: list[Runs]
    """What has not been seen to have stopped yet."""


class OptedOut(Answer):
    """A target whose owner does not want it to be measured."""

    target: str
    opted_out_at: datetime


class Rehearsed(Answer):
    """Practice on a rehearsal Atlas: nothing of it was measured on the Internet."""

    agreements: list[AgreementInForce]
    ended: list[EndedAgreement]


class Measured(Answer):
    """What is measured now, and under which agreement."""

    generated_at: datetime
    practice_begun_at: datetime | None
    """Since when this is practice: nobody who speaks for a party agreed to anything here. Null where it is none."""
    memorandum: Standing
    agreements: list[AgreementInForce]
    ended: list[EndedAgreement]
    """Withdrawn or expired within the last year, the last one first."""
    rehearsed: Rehearsed
    """The same of what is practice, apart from what is measured."""
    opted_out: list[OptedOut]
    n_opted_out_unnamed: int
    """Others, which are no public service and are not named."""
    how_to_stop: str
