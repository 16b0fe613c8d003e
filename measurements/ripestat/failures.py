"""What can go wrong at the door to RIPEstat, as one family.

RipestatFailure
├── Unreachable         no connection, or one that broke before an answer began
├── TimedOut            the time for the whole call, or between two signs of life, was over
├── TooMany             429: asked too often
├── ServerFailed        5xx, in HTTP or in the envelope; maintenance; or a page for people where data was expected
├── CutOff              an answer that ended before its end
├── Unreadable          an answer that makes no sense
└── Refused             any other answer that is no success: what was asked is not accepted
"""

from measurements.errors import RasadError


class UnusableEndpoint(RasadError):
    """An address or a name of ours that RIPEstat cannot be asked with."""


class RipestatFailure(RasadError):
    """A question to RIPEstat was not answered. The message says what was asked and what came back."""

    is_retryable = False
    """Whether the same question may be answered later, without anybody changing anything."""

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        query_id: str | None = None,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        """Of HTTP, or of the envelope where HTTP has none to say; None where no answer came."""
        self.query_id = query_id
        """By which RIPEstat can find the question again."""
        self.retry_after_s = retry_after_s
        """How long it asks to wait; None where it does not say."""


class Unreachable(RipestatFailure):
    """No connection, or one that broke before an answer began."""

    is_retryable = True


class TimedOut(RipestatFailure):
    """The time for the whole call, or between two signs of life, was over."""

    is_retryable = True


class TooMany(RipestatFailure):
    """Asked too often (429)."""

    is_retryable = True


class ServerFailed(RipestatFailure):
    """RIPEstat's own fault, or its maintenance; it passes."""

    is_retryable = True


class CutOff(RipestatFailure):
    """An answer ended before its end."""

    is_retryable = True


class Unreadable(RipestatFailure):
    """An answer that makes no sense."""


class Refused(RipestatFailure):
    """RIPEstat does not accept what was asked, or wants to be asked elsewhere, which is not done."""
