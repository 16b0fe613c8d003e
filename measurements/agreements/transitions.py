"""What may be done to an agreement, in which state and by whom: every transition, in one place.

Withdrawing is always possible. While a party has nobody who represents it, nothing new is put before the parties and
nobody votes; what runs goes on.
"""

from enum import StrEnum
from typing import NamedTuple

from measurements.agreements.agreement import Agreement, Designations, State, Version, state_of, version_state
from measurements.agreements.parties import unrepresented


class Transition(StrEnum):
    """Something that is done to an agreement."""

    DRAFT = "draft"
    CONSULT = "consult"
    SUBMIT = "submit"
    VOTE = "vote"
    SUSPEND = "suspend"
    RESUME = "resume"
    NARROW = "narrow"
    WITHDRAW = "withdraw"


class Refusal(StrEnum):
    """Why it is not done."""

    WITHDRAWN = "withdrawn"
    NOT_OPEN = "not_open"
    NOT_CONSULTED = "not_consulted"
    NOT_SUBMITTED = "not_submitted"
    NOT_AGREED = "not_agreed"
    NOT_SUSPENDED = "not_suspended"
    MAY_NOT_BE_NARROWED = "may_not_be_narrowed"
    FROZEN = "frozen"

    @property
    def explanation(self) -> str:
        """In plain words."""
        return _EXPLANATIONS[self]


_EXPLANATIONS = {
    Refusal.WITHDRAWN: "a party has withdrawn; begin another agreement",
    Refusal.NOT_OPEN: "this version was submitted; draft another one",
    Refusal.NOT_CONSULTED: "not every party was consulted about this version yet",
    Refusal.NOT_SUBMITTED: "nothing is put before the parties that could be voted on",
    Refusal.NOT_AGREED: "the parties have not agreed on it, or not any more",
    Refusal.NOT_SUSPENDED: "it is not suspended",
    Refusal.MAY_NOT_BE_NARROWED: "the card does not say that a party may narrow it; draft another version",
    Refusal.FROZEN: "a party has nobody who represents it; until it designates someone, nothing is decided",
}

OF_VERSION = {
    Transition.CONSULT: (frozenset({State.DRAFT, State.CONSULTATION}), Refusal.NOT_OPEN),
    Transition.SUBMIT: (frozenset({State.CONSULTATION}), Refusal.NOT_CONSULTED),
    Transition.VOTE: (frozenset({State.SUBMITTED}), Refusal.NOT_SUBMITTED),
}
"""In which states of its newest version something is done to that; and why not in others."""
OF_AGREEMENT = {
    Transition.SUSPEND: (frozenset({State.AGREED}), Refusal.NOT_AGREED),
    Transition.RESUME: (frozenset({State.SUSPENDED}), Refusal.NOT_SUSPENDED),
    Transition.NARROW: (frozenset({State.AGREED, State.SUSPENDED}), Refusal.NOT_AGREED),
}
"""The same of the agreement as a whole."""
FROZEN = frozenset({Transition.SUBMIT, Transition.VOTE})


class Outcome(NamedTuple):
    """What becomes of a version that is drafted: whether it takes the place of the newest one, or comes after it."""

    number: int
    is_new: bool


def refusal(act: Transition, agreement: Agreement, designations: Designations, now: int) -> Refusal | None:
    """Why something cannot be done to an agreement now; None where it can."""
    state = state_of(agreement, designations, now)
    if state is State.WITHDRAWN:
        return Refusal.WITHDRAWN
    if act in FROZEN and unrepresented(designations.values(), now):
        return Refusal.FROZEN
    if act in OF_VERSION:
        states, why = OF_VERSION[act]
        return None if version_state(newest(agreement), designations, now) in states else why
    if act in OF_AGREEMENT:
        states, why = OF_AGREEMENT[act]
        return None if state in states else why
    return None


def newest(agreement: Agreement) -> Version:
    """The version that is drafted, consulted about or voted on."""
    return max(agreement.versions, key=lambda version: version.number)


def place_of_draft(agreement: Agreement) -> Outcome:
    """A draft is replaced; what was submitted is followed by another version."""
    version = newest(agreement)
    if version.submitted_at is None and not version.consultations:
        return Outcome(version.number, is_new=False)
    return Outcome(version.number + 1, is_new=True)
