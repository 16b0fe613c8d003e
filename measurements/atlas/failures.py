"""What can go wrong at the door to RIPE Atlas, as one family that names the phase that failed.

AtlasFailure
├── Unreachable         no connection, or one that broke before an answer began
│   └── Untrusted           the certificate is not one that we trust
├── TimedOut            the time for the phase, or for the whole call, was over
├── TooMany             429: asked too often
├── ServerFailed        5xx, or a page for people where data was expected
├── CutOff              an answer that ended before its end; what came before it stands
├── Unreadable          an answer that makes no sense
├── Redirected          the server wants to be asked elsewhere
├── NotAllowed          401 or 403: this key may not
│   └── KeyMissing          401: there is no key, or none that the platform knows
├── NotFound            404: the platform knows nothing under that number
├── Refused             any other 4xx: the platform does not accept what was asked; nothing was made
│   ├── TargetBusy          too many measurements of this target run already, whoever's they are
│   ├── AccountBusy         this account measures as much as it may already
│   ├── NoProbes            no probe matches a selection
│   └── NoCredits           the account cannot pay for it
├── AnswerLost          something was sent to be created and nobody knows whether it was: look it up by its tag
└── NotAgreed           creating is refused by ourselves
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import ClassVar, NamedTuple

from measurements.errors import RasadError


class Phase(StrEnum):
    """How far a call had come."""

    CONNECT = "connect"
    TLS = "tls"
    SEND = "send"
    WAIT = "wait"
    """Sent; the answer had not begun."""
    READ = "read"
    DECODE = "decode"


class Complaint(NamedTuple):
    """One thing that the platform has against a request."""

    pointer: str
    """Where in the request: `/definitions/0/af`, or the name of a query parameter; empty where it does not say."""
    detail: str


class AtlasFailure(RasadError):
    """A call to RIPE Atlas failed. The message says what to do."""

    is_retryable = False
    """Whether the same call may succeed later, without anybody changing anything."""
    passes: ClassVar[bool] = True
    """Whether what was to be created, and was not, may be accepted some other time as it is.

    Perhaps somebody has to do something meanwhile, such as to set a key; what is asked for may stay what it is.
    """

    def __init__(
        self,
        message: str,
        *,
        phase: Phase,
        status: int | None = None,
        code: int | None = None,
        complaints: Sequence[Complaint] = (),
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(message)
        self.phase = phase
        self.status = status
        """HTTP status; None where no answer came."""
        self.code = code
        """The platform's own number for the error; deprecated by it, and still sent."""
        self.complaints = tuple(complaints)
        self.retry_after_s = retry_after_s
        """How long the platform asks to wait; None where it does not say."""


class Unreachable(AtlasFailure):
    """No connection, or one that broke before an answer began."""

    is_retryable = True


class Untrusted(Unreachable):
    """The server's certificate is not one that we trust; that does not pass by itself."""

    is_retryable = False


class TimedOut(AtlasFailure):
    """The time for the phase, or for the whole call, was over."""

    is_retryable = True


class TooMany(AtlasFailure):
    """Asked too often (429)."""

    is_retryable = True


class ServerFailed(AtlasFailure):
    """The platform's own fault (5xx), or a page for people where data was expected."""

    is_retryable = True


class CutOff(AtlasFailure):
    """An answer ended before its end. What came before it stands; ask for less at once."""

    is_retryable = True


class Unreadable(AtlasFailure):
    """An answer that makes no sense."""


class Redirected(AtlasFailure):
    """The server wants to be asked elsewhere, which is not done: it would take our key along."""


class NotAllowed(AtlasFailure):
    """The key may not do that (401, 403)."""

    passes = False


class KeyMissing(NotAllowed):
    """No key, or one that the platform does not know (401)."""

    passes = True


class NotFound(AtlasFailure):
    """The platform knows nothing under that number (404)."""


class Refused(AtlasFailure):
    """The platform does not accept what was asked (400 and its like). Nothing was made and nothing is charged."""

    passes = False


class TargetBusy(Refused):
    """Too many measurements of this target run already, whoever's they are: read a built-in, or try later."""

    passes = True


class AccountBusy(Refused):
    """The account measures as much as it may already: stop something, or have the quota raised."""

    passes = True


class NoProbes(Refused):
    """No probe matches a selection."""


class NoCredits(Refused):
    """The account cannot pay for it."""

    passes = True


class AnswerLost(AtlasFailure):
    """Something was sent to be created, and the answer was lost or cannot be read.

    It may exist. Look it up by `tag` before anything else; sending it again might make it twice.
    """

    def __init__(self, tag: str | None, cause: AtlasFailure, what: str | None = None) -> None:
        what = what or f"the measurement tagged {tag} was created"
        super().__init__(
            f"whether {what} is not known ({cause}); look it up before asking again",
            phase=cause.phase,
            status=cause.status,
            code=cause.code,
            complaints=cause.complaints,
            retry_after_s=cause.retry_after_s,
        )
        self.tag = tag
        """What to look for; None where something else than a measurement was asked for."""


class NotAgreed(AtlasFailure):
    """Creating is refused by ourselves: the gate did not say yes, and this is no rehearsal."""

    def __init__(self, why: str) -> None:
        super().__init__(
            f"{why}. Nothing is created there but what the gate has just permitted; to practise, start "
            "`rasad rehearsal serve` and set its address",
            phase=Phase.CONNECT,
        )
