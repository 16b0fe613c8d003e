"""How answers look: JSON with sorted keys, and one envelope for everything that is refused."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, NamedTuple

import orjson
from starlette.requests import Request
from starlette.responses import Response

from app.rehearsal.contract import Body

WITH_ERRORS, WITHOUT_ERRORS = 102, 104
"""`code` of a refusal: with single mistakes listed, or in general."""


class Mistake(NamedTuple):
    """One thing wrong with a request: where, as a JSON pointer into the body or a query parameter, and what."""

    detail: str
    pointer: str | None = None
    parameter: str | None = None

    def on_the_wire(self) -> Body:
        """As a member of `errors`."""
        source = {"parameter": self.parameter} if self.parameter is not None else {"pointer": self.pointer or ""}
        return {"source": source, "detail": self.detail}


class Refused(Exception):
    """A request that is answered with an error."""

    def __init__(self, status: int, detail: str, mistakes: Sequence[Mistake] = ()) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.mistakes = tuple(mistakes)


def invalid(*mistakes: Mistake) -> Refused:
    """A request with these mistakes in it."""
    many = "There was a problem with your request" if len(mistakes) == 1 else "There were problems with your request"
    return Refused(HTTPStatus.BAD_REQUEST, many, mistakes)


def not_found() -> Refused:
    """There is no such thing, or not for whoever asks."""
    return Refused(HTTPStatus.NOT_FOUND, "Not found.")


def forbidden() -> Refused:
    """The key may not do this."""
    return Refused(HTTPStatus.FORBIDDEN, "You do not have permission to perform this action.")


def method_not_allowed(method: str) -> Refused:
    """The address has no such method."""
    return Refused(HTTPStatus.METHOD_NOT_ALLOWED, f'Method "{method}" not allowed.')


def dumped(value: Any) -> bytes:
    """Any JSON value as bytes, keys sorted."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def json_answer(value: Any, status: int = HTTPStatus.OK, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer."""
    return Response(dumped(value), status_code=status, media_type="application/json", headers=headers)


def refusal(refused: Refused, headers: Mapping[str, str] | None = None) -> Response:
    """What a refused request is told."""
    error: Body = {
        "status": int(refused.status),
        "code": WITH_ERRORS if refused.mistakes else WITHOUT_ERRORS,
        "title": HTTPStatus(refused.status).phrase,
        "detail": refused.detail,
    }
    if refused.mistakes:
        error["errors"] = [mistake.on_the_wire() for mistake in refused.mistakes]
    return json_answer({"error": error}, refused.status, headers)


def failure(_request: Request, _error: Exception) -> Response:
    """What is said when the rehearsal itself is at fault."""
    return refusal(Refused(HTTPStatus.INTERNAL_SERVER_ERROR, "Internal server error."))
