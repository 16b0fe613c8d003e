"""How campaigns and their rounds stand, and why results of a round are missing: closed sets."""

from enum import StrEnum
from typing import NamedTuple


class State(StrEnum):
    """How a campaign stands."""

    ACTIVE = "active"
    PAUSED = "paused"
    """Nothing is measured until it goes on."""
    STOPPED = "stopped"
    """Nothing is measured any more, unless it is applied again."""


class RoundState(StrEnum):
    """How a round stands."""

    OPEN = "open"
    CLOSED = "closed"
    MISSED = "missed"
    """Nobody was there to plan it in time."""


class Missing(StrEnum):
    """Why results of a cell are missing in a round that is closed; the first that holds."""

    REFUSED = "refused"
    """The gate said no."""
    NOT_SENT = "not_sent"
    """Nobody sent it in time."""
    PLATFORM_REFUSED = "platform_refused"
    UNANSWERED = "unanswered"
    """It was sent, and whether it exists is not known."""
    STOPPED_EARLY = "stopped_early"
    FEWER_PROBES = "fewer_probes"
    """RIPE Atlas found fewer probes than were asked for."""
    PROBES_SILENT = "probes_silent"
    """Some probes sent nothing, or not all of their rounds."""
    NOT_YET = "not_yet"
    """The round is open still: it may come."""


class Closing(NamedTuple):
    """What is said of a cell when its round is closed."""

    n_expected: int
    n_received: int
    credits: int
    """What the results received cost."""
    missing: Missing | None
    """None where nothing is missing."""
    explanation: str | None


class Fate(NamedTuple):
    """What became of a cell's dispatch, as far as it matters for what is missing."""

    refused: str | None
    """What the gate said last, in plain words, where it said no."""
    failure: str | None
    is_sent: bool
    is_answered: bool
    stopped_at: int | None


class Counted(NamedTuple):
    """What was to come of a cell, and what came."""

    n_rounds: int
    """Each probe was to measure so many times."""
    n_probes: int
    """Asked for."""
    n_participants: int | None
    """Chosen by RIPE Atlas; None where it has not said."""
    n_heard: int
    """Probes of which there is a result."""
    n_received: int
    """Results."""
    credits_per_result: int


def close_cell(fate: Fate, counted: Counted, until_at: int, *, is_open: bool = False) -> Closing:
    """What is expected and received, and why the rest is missing; of a round that is open still, as it stands."""
    n_probes = counted.n_probes if counted.n_participants is None else counted.n_participants
    n_expected = counted.n_rounds * n_probes
    missing, explanation = _missing(fate, counted, until_at, is_short=counted.n_received < n_expected)
    if is_open and missing in _MAY_COME and fate.failure is None:
        missing, explanation = Missing.NOT_YET, "the round is open still"
    if missing in _NOTHING_RAN:
        n_expected = counted.n_rounds * counted.n_probes
    credits_ = counted.n_received * counted.credits_per_result
    return Closing(n_expected, counted.n_received, credits_, missing, explanation)


_MAY_COME = frozenset({Missing.NOT_SENT, Missing.UNANSWERED, Missing.PROBES_SILENT})
_NOTHING_RAN = frozenset({Missing.REFUSED, Missing.NOT_SENT, Missing.PLATFORM_REFUSED, Missing.UNANSWERED})


def _missing(fate: Fate, counted: Counted, until_at: int, *, is_short: bool) -> tuple[Missing | None, str | None]:
    if not fate.is_sent and fate.refused is not None:
        return Missing.REFUSED, fate.refused
    if not fate.is_sent:
        return Missing.NOT_SENT, fate.failure or "nobody sent it in time"
    if fate.failure is not None:
        return Missing.PLATFORM_REFUSED, fate.failure
    if not fate.is_answered:
        return Missing.UNANSWERED, "RIPE Atlas's answer was lost, and what it was has not been found out"
    return _of_probes(fate, counted, until_at, is_short=is_short)


def _of_probes(fate: Fate, counted: Counted, until_at: int, *, is_short: bool) -> tuple[Missing | None, str | None]:
    is_early = fate.stopped_at is not None and fate.stopped_at < until_at
    if is_short and is_early:
        return Missing.STOPPED_EARLY, fate.refused or "it was stopped before its end"
    n_probes = counted.n_probes if counted.n_participants is None else counted.n_participants
    if is_short:
        return Missing.PROBES_SILENT, f"{counted.n_heard} of {n_probes} probes were heard"
    if n_probes < counted.n_probes:
        return Missing.FEWER_PROBES, f"RIPE Atlas chose {n_probes} probes; {counted.n_probes} were asked for"
    return None, None
