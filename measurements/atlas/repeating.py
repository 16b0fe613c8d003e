"""Calls that are repeated where that is safe: later and later, with some chance in it, and not for ever.

How long the platform asks to wait, in seconds or as a date, counts more than our own patience, and for every call, not
only for the one that was told; waiting is by the clock that is handed in.
"""

from collections.abc import Callable
from typing import TypeVar

import tenacity

from measurements.atlas.endpoint import Limits
from measurements.atlas.failures import AtlasFailure, Phase, TooMany
from measurements.clock import Clock

T = TypeVar("T")
OnRepeat = Callable[[AtlasFailure, float], None]
"""Is told why a call is repeated, and in how many seconds."""
UNSENT = frozenset({Phase.CONNECT, Phase.TLS})
"""Phases in which nothing of a request has been sent yet."""
LONGEST_QUIET_S = 3_600
"""Nobody is asked for longer to wait than that; a mistaken answer must not keep us away for days."""


def is_transient(error: BaseException) -> bool:
    """Whether a call that creates nothing may be repeated after this."""
    return isinstance(error, AtlasFailure) and error.is_retryable


def is_before_sending(error: BaseException) -> bool:
    """Whether nothing was sent when it happened."""
    return isinstance(error, AtlasFailure) and error.phase in UNSENT and error.status is None


def is_unsent(error: BaseException) -> bool:
    """Whether even a call that creates something may be repeated after this."""
    return is_transient(error) and is_before_sending(error)


class Repeating:
    """Repeats calls by one clock and one set of limits."""

    def __init__(self, clock: Clock, limits: Limits, on_repeat: OnRepeat = lambda _failure, _wait_s: None) -> None:
        self._clock = clock
        self._limits = limits
        self._on_repeat = on_repeat
        self._quiet_until = float("-inf")

    def until_done(self, call: Callable[[], T], *, when: Callable[[BaseException], bool] = is_transient) -> T:
        """What the call gives in the end; its last failure when `retry_s` are over or waiting would take longer."""
        deadline = self._clock.deadline(self._limits.retry_s)

        def is_too_late(state: tenacity.RetryCallState) -> bool:
            return state.upcoming_sleep >= deadline.left()

        attempts = tenacity.Retrying(
            retry=tenacity.retry_if_exception(when),
            wait=self._wait_s,
            stop=is_too_late,
            sleep=self._clock.sleep,
            before_sleep=self._tell,
            reraise=True,
        )
        return attempts(lambda: self._unless_quiet(call))

    def _unless_quiet(self, call: Callable[[], T]) -> T:
        """What the call gives; not even made where the platform has asked for quiet until later."""
        left_s = self._quiet_until - self._clock.monotonic()
        if left_s > 0:
            why = f"the platform wants to be asked nothing for another {left_s:.0f} s"
            raise TooMany(why, phase=Phase.CONNECT, retry_after_s=left_s)
        try:
            return call()
        except AtlasFailure as failure:
            if failure.retry_after_s is not None:
                self._quiet_until = self._clock.monotonic() + min(failure.retry_after_s, LONGEST_QUIET_S)
            raise

    def _tell(self, state: tenacity.RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, AtlasFailure):
            self._on_repeat(error, state.upcoming_sleep)

    def _wait_s(self, state: tenacity.RetryCallState) -> float:
        """Between half and all of a time that doubles; or what the platform asked for, and a little more."""
        doubling = tenacity.wait_exponential(multiplier=self._limits.first_wait_s, max=self._limits.longest_wait_s)
        half_s = doubling(state) / 2
        chance_s = tenacity.wait_random(0, half_s)(state)
        error = state.outcome.exception() if state.outcome else None
        asked_s = error.retry_after_s if isinstance(error, AtlasFailure) else None
        return half_s + chance_s if asked_s is None else asked_s + min(chance_s, self._limits.first_wait_s)
