"""How a request stands, worked out from what happened, and in words why something did not, and what to do about it."""

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from measurements.agreements.reasons import Reason
from measurements.units import iso


class State(StrEnum):
    """How a request, or a measurement that it asks for, stands."""

    WAITING_FOR_CONSENT = "waiting_for_consent"
    REFUSED = "refused"
    PLANNED = "planned"
    SENT = "sent"
    RUNNING = "running"
    FINISHED = "finished"
    STOPPED = "stopped"
    FAILED = "failed"
    CANCELLED = "cancelled"


ORDER = (
    State.RUNNING, State.SENT, State.PLANNED, State.WAITING_FOR_CONSENT, State.FINISHED, State.STOPPED, State.REFUSED,
    State.FAILED, State.CANCELLED,
)  # fmt: skip
"""What is most alive comes first: as that the whole stands."""


class Facts(NamedTuple):
    """What happened to a dispatch. Instants are seconds since the epoch."""

    start_at: int
    stop_at: int
    reason: Reason
    """What the gate said last."""
    sent_at: int | None
    atlas_id: int | None
    failure: str | None
    trouble: str | None
    """Why it did not go out when it was last tried; it is tried again."""
    stop_asked_at: int | None
    stopped_at: int | None


class Progress(NamedTuple):
    """How something stands, and why."""

    state: State
    explanation: str


def progress_of(facts: Facts, now: int, cancelled_at: int | None = None) -> Progress:
    """How a dispatch stands."""
    if facts.sent_at is None:
        return _unsent(facts, cancelled_at)
    if facts.failure is not None:
        return Progress(
            State.FAILED, f"RIPE Atlas did not take it: {facts.failure}. Ask for it again once that is mended."
        )
    if facts.atlas_id is None:
        return Progress(State.SENT, "It was sent, and RIPE Atlas has not answered yet; it is looked up by its tag.")
    return _known(facts, now, cancelled_at)


def waiting(agreement_id: int | None, says: Iterable[str]) -> Progress:
    """What nothing covers: the nearest agreement, and what is missing in it."""
    if agreement_id is None:
        told = (
            "No agreement covers it, and none comes near. Draft a card (`rasad agreement open`), so that the parties "
            "can vote on it."
        )
    else:
        missing = "; ".join(says)
        told = (
            f"No agreement covers it. Agreement {agreement_id} comes nearest: {missing}. Ask for what it covers, or "
            f"draft another version (`rasad agreement draft {agreement_id}`), so that the parties can vote on it."
        )
    return Progress(State.WAITING_FOR_CONSENT, f"{told} It is dispatched by itself once an agreement covers it.")


def given_up(stop_at: int) -> Progress:
    """What nothing covered before its time was over."""
    return Progress(State.REFUSED, f"No agreement covered it before its time was over, at {iso(stop_at)}.")


def whole(states: Iterable[State]) -> State:
    """How the whole of a request stands, by its measurements; finished where it has none."""
    return min(states, key=ORDER.index, default=State.FINISHED)


def _unsent(facts: Facts, cancelled_at: int | None) -> Progress:
    if facts.failure is not None:
        return Progress(State.FAILED, f"It was not sent: {facts.failure}.")
    if cancelled_at is not None:
        return Progress(State.CANCELLED, f"It was cancelled at {iso(cancelled_at)}, before it was sent.")
    if facts.reason is not Reason.AGREED:
        return Progress(State.REFUSED, facts.reason.explanation)
    if facts.trouble is not None:
        return Progress(State.PLANNED, f"RIPE Atlas did not take it for now: {facts.trouble}. It is tried again.")
    return Progress(State.PLANNED, f"It is permitted, and sent within moments; it begins at {iso(facts.start_at)}.")


def _known(facts: Facts, now: int, cancelled_at: int | None) -> Progress:
    what = f"Measurement {facts.atlas_id} of RIPE Atlas"
    if facts.stopped_at is not None:
        return _over(what, facts, facts.stopped_at, cancelled_at)
    if facts.reason is not Reason.AGREED:
        why = "the request was cancelled" if cancelled_at is not None else facts.reason.explanation
        return Progress(State.RUNNING, f"{what} is being stopped: {why}")
    if now < facts.start_at:
        return Progress(State.SENT, f"{what} begins at {iso(facts.start_at)}.")
    if now >= facts.stop_at:
        return Progress(State.FINISHED, f"{what} ended at {iso(facts.stop_at)}.")
    return Progress(State.RUNNING, f"{what} runs until {iso(facts.stop_at)}.")


def _over(what: str, facts: Facts, stopped_at: int, cancelled_at: int | None) -> Progress:
    """What RIPE Atlas was read to have stopped."""
    if stopped_at >= facts.stop_at:
        return Progress(State.FINISHED, f"{what} ended at {iso(facts.stop_at)}.")
    if cancelled_at is not None:
        return Progress(State.CANCELLED, f"{what} was stopped at {iso(stopped_at)}: the request was cancelled.")
    why = facts.reason.explanation if facts.reason is not Reason.AGREED else "RIPE Atlas says that it has stopped."
    return Progress(State.STOPPED, f"{what} was stopped at {iso(stopped_at)}. {why}")
