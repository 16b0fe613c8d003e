"""What an error looks like: problem details for HTTP APIs (RFC 9457)."""

from pydantic import Field

from app.api.schemas.base import Answer


class ProblemError(Answer):
    """One thing that is wrong with a request."""

    detail: str
    """What is wrong, and what may be said instead."""
    parameter: str | None = None
    """Which parameter or header it is about; absent where it is the content."""
    pointer: str | None = None
    """Which place of the content, as a JSON pointer (RFC 6901); absent where it is a parameter."""


class Problem(Answer):
    """Why a request was not answered."""

    type: str
    """Kind of problem: a name that does not change, or `about:blank` where the status says it all."""
    title: str
    """The status in words."""
    status: int
    """The status, as in the response's first line."""
    detail: str
    """What happened here, and what to do."""
    instance: str
    """The path that was asked for; of a dispatch that was refused, where it is kept."""
    errors: list[ProblemError] = Field(default_factory=list)
    """What is wrong with the request, one entry each; absent where it is about neither parameters nor content."""
