"""An agreement: versions of a card, who was consulted, who voted, and how it stands.

Nothing but facts is kept: a version was submitted, a party voted on its digest, a party withdrew. How an agreement
stands is worked out from them, so that no state can contradict what happened. Instants are seconds since the epoch.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from measurements.agreements.card import Card, digest
from measurements.agreements.parties import Designation, Party


class Choice(StrEnum):
    """What a party says to a version."""

    APPROVE = "approve"
    DECLINE = "decline"
    REQUEST_CHANGES = "request_changes"


class Consultation(NamedTuple):
    """A record that a version was discussed before it was submitted (Art. IV, last bullet)."""

    held_at: int
    parties: frozenset[Party]
    """Who took part."""
    shown: str
    comments: str


class Vote(NamedTuple):
    """A party's word on one digest. It need not say why."""

    party: Party
    digest: str
    choice: Choice
    approves_publicity: bool
    """Its own word on measurements that everybody may see on RIPE Atlas: there is no way back."""
    designation_id: int
    cast_at: int


class Version(NamedTuple):
    """A card as it was put before the parties."""

    number: int
    card: Card
    consultations: tuple[Consultation, ...] = ()
    submitted_at: int | None = None
    votes: tuple[Vote, ...] = ()

    @property
    def digest(self) -> str:
        """What a vote on it is on."""
        return digest(self.card)


class Cause(StrEnum):
    """Why an agreement is suspended."""

    DISPUTE = "dispute"
    RESOURCES = "resources"


class Suspension(NamedTuple):
    """Nothing is measured for some time."""

    cause: Cause
    party: Party
    from_at: int
    until_at: int | None
    """None while it lasts."""


class Withdrawal(NamedTuple):
    """A party's word that it takes part no longer. It need not say why, and one is enough."""

    party: Party
    at: int


class Narrowing(NamedTuple):
    """A party's word that less is to be measured than the parties agreed on: a card that holds as well."""

    card: Card
    party: Party
    at: int


class Agreement(NamedTuple):
    """Everything that happened to one agreement."""

    agreement_id: int
    versions: tuple[Version, ...]
    suspensions: tuple[Suspension, ...] = ()
    withdrawals: tuple[Withdrawal, ...] = ()
    narrowings: tuple[Narrowing, ...] = ()


class State(StrEnum):
    """How a version, or an agreement, stands."""

    DRAFT = "draft"
    CONSULTATION = "consultation"
    SUBMITTED = "submitted"
    CHANGES_REQUESTED = "changes_requested"
    DECLINED = "declined"
    AGREED = "agreed"
    SUPERSEDED = "superseded"
    SUSPENDED = "suspended"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


Designations = Mapping[int, Designation]
"""By their number."""


def is_valid(vote: Vote, version: Version, designations: Designations) -> bool:
    """Whether a vote counts: on this digest, after submission, cast by whom the party had designated at that time."""
    designation = designations.get(vote.designation_id)
    return (
        designation is not None
        and designation.party is vote.party
        and designation.holds_at(vote.cast_at)
        and vote.digest == version.digest
        and version.submitted_at is not None
        and version.submitted_at <= vote.cast_at
    )


def valid_votes(version: Version, designations: Designations) -> dict[Party, Vote]:
    """The vote of each party. The first counts: whoever thinks otherwise later withdraws."""
    votes: dict[Party, Vote] = {}
    for vote in sorted(version.votes, key=lambda vote: vote.cast_at):
        if is_valid(vote, version, designations):
            votes.setdefault(vote.party, vote)
    return votes


def agreed_at(version: Version, designations: Designations) -> int | None:
    """When the last of the three approved; None where one has not. Consultation comes first, or nothing is agreed."""
    votes = valid_votes(version, designations)
    approvals = [vote for vote in votes.values() if vote.choice is Choice.APPROVE]
    if len(approvals) < len(Party) or not _was_consulted(version):
        return None
    return max(vote.cast_at for vote in approvals)


def is_publicity_approved(version: Version, designations: Designations) -> bool:
    """Whether all three approved that everybody may see the measurements."""
    votes = valid_votes(version, designations).values()
    return len(votes) == len(Party) and all(vote.approves_publicity for vote in votes)


def version_state(version: Version, designations: Designations, now: int) -> State:
    """How one version stands by itself."""
    if version.submitted_at is None or version.submitted_at > now:
        return State.CONSULTATION if version.consultations else State.DRAFT
    agreed = agreed_at(version, designations)
    if agreed is not None and agreed <= now:
        return State.AGREED
    said = {vote.choice for vote in valid_votes(version, designations).values() if vote.cast_at <= now}
    if Choice.DECLINE in said:
        return State.DECLINED
    return State.CHANGES_REQUESTED if Choice.REQUEST_CHANGES in said else State.SUBMITTED


def effective(agreement: Agreement, designations: Designations, now: int) -> Version | None:
    """The version that holds: the newest that was agreed; None where none was."""
    agreed = [one for one in agreement.versions if version_state(one, designations, now) is State.AGREED]
    return max(agreed, key=lambda version: version.number, default=None)


def state_of(agreement: Agreement, designations: Designations, now: int) -> State:
    """How an agreement stands."""
    if any(one.at <= now for one in agreement.withdrawals):
        return State.WITHDRAWN
    version = effective(agreement, designations, now)
    if version is None:
        return version_state(_newest(agreement.versions), designations, now)
    if now >= version.card.until_at:
        return State.EXPIRED
    if any(one.from_at <= now and (one.until_at is None or now < one.until_at) for one in agreement.suspensions):
        return State.SUSPENDED
    return State.AGREED


def cards_in_force(agreement: Agreement, version: Version, now: int) -> tuple[Card, ...]:
    """The card that was agreed on, and every narrower one that a party has set since."""
    agreed = max((vote.cast_at for vote in version.votes), default=0)
    return (version.card, *(one.card for one in agreement.narrowings if agreed <= one.at <= now))


def _was_consulted(version: Version) -> bool:
    """Whether every party took part in a consultation before submission."""
    submitted_at = version.submitted_at
    heard = [one.parties for one in version.consultations if submitted_at is not None and one.held_at <= submitted_at]
    return frozenset(Party) <= frozenset[Party]().union(*heard)


def _newest(versions: Sequence[Version]) -> Version:
    return max(versions, key=lambda version: version.number)
