"""How far a dispatch has come, and with what patience it is sent, looked up, and sent again.

Whether something was made is known to RIPE Atlas alone. Where its answer is lost, a dispatch is looked up by its tag,
and sent again only after two look-ups that found nothing; between them lies more time than the platform needs to show
what it made, and before the first one more than the call can have gone on for.
"""

from enum import StrEnum

LEASE_S = 600
"""So long whoever sends something has it to itself. A call with all its repetitions takes less, and none begins later:
the gate's permission is old by then.
"""
LOOKS_APART_S = 600
"""Between the two look-ups that have to find nothing."""
LOOK_EVERY_S = 60
"""A lost answer is looked up so often at most."""
UNSEEN_AFTER_S = 3_600
"""What could not be looked up for so long is for a person to decide."""
WATCHED_S = 3_600
"""What was sent again is looked up for so long after, lest the first call was carried out late after all."""
LAPSES_AFTER_S = 3_600
"""So long after it should have begun nobody waits any more for what nobody has sent, nor for a one-off."""
FIRST_PAUSE_S, LONGEST_PAUSE_S = 60, 1_800
"""What RIPE Atlas refuses for now is tried again after the first, then after twice as long, up to the other."""


def pause_s(n_sent: int, asked_s: float | None = None) -> int:
    """After how many seconds it is tried again that was sent so often; or when the platform asks to wait for longer."""
    doubled: int = FIRST_PAUSE_S << min(max(n_sent - 1, 0), 10)
    return max(min(doubled, LONGEST_PAUSE_S), int(asked_s or 0))


class DispatchState(StrEnum):
    """How far a dispatch has come."""

    REFUSED = "refused"
    INTENDED = "intended"
    WAITING = "waiting"
    SENDING = "sending"
    LOST = "lost"
    UNDECIDED = "undecided"
    RUNNING = "running"
    STOPPING = "stopping"
    STOPPED = "stopped"
    FAILED = "failed"

    @property
    def explanation(self) -> str:
        """In plain words, and what to do about it."""
        return _EXPLANATIONS[self]


_EXPLANATIONS = {
    DispatchState.REFUSED: "The gate refused it, and nothing was sent; ask for it again when what speaks against it is "
    "settled.",
    DispatchState.INTENDED: "The worker sends it within half a minute.",
    DispatchState.WAITING: "RIPE Atlas did not take it yet. It is tried again later and later until its time has "
    "passed; nothing was made.",
    DispatchState.SENDING: "It is being sent.",
    DispatchState.LOST: "It was sent, and the answer was lost. It is looked up by its tag; it is sent again where two "
    "look-ups ten minutes apart find nothing.",
    DispatchState.UNDECIDED: "It was sent, and what came of it cannot be told without a person: say which measurement "
    "it is, or give it up.",
    DispatchState.RUNNING: "RIPE Atlas has it.",
    DispatchState.STOPPING: "RIPE Atlas was asked to stop it, and is asked until it has.",
    DispatchState.STOPPED: "It has stopped, as RIPE Atlas was read to say.",
    DispatchState.FAILED: "There is no measurement; ask for it again if it is still wanted.",
}
