"""Errors on the wire: problem details for HTTP APIs (RFC 9457), for every status from 400 on."""

from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Any

import orjson
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from app.clocks import NoClock
from app.operations.check_readiness import check_readiness
from app.store.failures import StoreFailure
from measurements.errors import InvalidFilter, NotFound, StoreError

MEDIA_TYPE = "application/problem+json"
TYPES = "urn:rasad:problem:"
"""Problem types are names, not addresses: this service has no address of its own that would last."""
RETRY_AFTER_S = 5
DOCS = "/docs"
"""Where people see what can be asked for."""

_log = structlog.get_logger("rasad.api")


class NotAcceptable(HTTPException):
    """The client accepts no media type that is offered."""

    def __init__(self, offered: Sequence[str], how_to_ask: str = "") -> None:
        told = f"Offered here: {' and '.join(offered)}. {how_to_ask}".strip()
        super().__init__(HTTPStatus.NOT_ACCEPTABLE, told, {"Vary": "Accept"})


def add_error_handlers(app: FastAPI) -> None:
    """Turn every error that Rasad can name, and any other, into a problem."""
    handlers: dict[type[Exception], Callable[[Request, Any], Response]] = {
        InvalidFilter: _on_invalid_filter,
        RequestValidationError: _on_invalid_request,
        NotFound: _on_not_found,
        StoreError: _on_store_error,
        StoreFailure: _on_store_failure,
        NoClock: _on_no_clock,
        HTTPException: _on_http_exception,
        Exception: _on_bug,
    }
    for error, handler in handlers.items():
        app.add_exception_handler(error, handler)


def problem(
    request: Request,
    status: HTTPStatus,
    detail: str,
    *,
    name: str | None = None,
    errors: Sequence[dict[str, str]] = (),
    headers: dict[str, str] | None = None,
) -> Response:
    """A problem as an answer; `name` is the kind of problem, and the status alone where it has none."""
    content: dict[str, Any] = {
        "type": TYPES + name if name else "about:blank",
        "title": status.phrase,
        "status": status.value,
        "detail": detail,
        "instance": request.url.path,
    }
    if errors:
        content["errors"] = list(errors)
    return Response(orjson.dumps(content), status.value, headers, MEDIA_TYPE)


def _on_invalid_filter(request: Request, error: InvalidFilter) -> Response:
    return _invalid(request, [{"detail": str(error), "parameter": error.field}])


def _on_invalid_request(request: Request, error: RequestValidationError) -> Response:
    return _invalid(request, [_explained(request, found) for found in error.errors()])


def _invalid(request: Request, errors: Sequence[dict[str, str]]) -> Response:
    detail = "; ".join(f"{error['parameter']}: {error['detail']}" for error in errors)
    return problem(request, HTTPStatus.BAD_REQUEST, detail, name="invalid-parameter", errors=errors)


def _explained(request: Request, found: dict[str, Any]) -> dict[str, str]:
    parameter = str(found["loc"][1]) if len(found["loc"]) > 1 else str(found["loc"][0])
    if found["type"] != "extra_forbidden":
        return {"detail": found["msg"].removeprefix("Value error, "), "parameter": parameter}
    known = ", ".join(known_parameters(request)) or "none"
    return {"detail": f"no such parameter here; known are: {known}", "parameter": parameter}


def known_parameters(request: Request) -> dict[str, dict[str, Any]]:
    """Query parameter of what is asked for -> its schema, as the OpenAPI describes it."""
    asked = getattr(request.scope.get("route"), "name", None)
    operations = (operation for path in request.app.openapi()["paths"].values() for operation in path.values())
    parameters = (found.get("parameters", []) for found in operations if found["operationId"] == asked)
    return {one["name"]: one["schema"] for known in parameters for one in known if one["in"] == "query"}


def _on_not_found(request: Request, error: NotFound) -> Response:
    return problem(request, HTTPStatus.NOT_FOUND, str(error))


def _on_store_error(request: Request, error: StoreError) -> Response:
    return _unavailable(request, str(error))


def _on_store_failure(request: Request, error: StoreFailure) -> Response:
    """A statement failed: because the database is away or behind, or because of us."""
    readiness = check_readiness(request.app.state.service.engine)
    if readiness.is_ready and not getattr(error, "connection_invalidated", False):
        return _on_bug(request, error)
    return _unavailable(request, readiness.reason or "The connection to the database was lost.")


def _on_no_clock(request: Request, error: NoClock) -> Response:
    return _unavailable(request, str(error), "clock")


def _unavailable(request: Request, detail: str, name: str = "database") -> Response:
    headers = {"Retry-After": str(RETRY_AFTER_S)}
    return problem(request, HTTPStatus.SERVICE_UNAVAILABLE, detail, name=name, headers=headers)


def _on_http_exception(request: Request, error: HTTPException) -> Response:
    status = HTTPStatus(error.status_code)
    if status is HTTPStatus.NOT_FOUND:
        return problem(request, status, f"There is nothing at {request.url.path}; {DOCS} shows what there is.")
    if status is HTTPStatus.METHOD_NOT_ALLOWED:
        detail = f"Everything is read only here: ask with GET or HEAD; {DOCS} shows for what."
        return problem(request, status, detail, headers={"Allow": "GET, HEAD"})
    return problem(request, status, error.detail, headers=dict(error.headers or {}))


def _on_bug(request: Request, error: Exception) -> Response:
    _log.error("request failed", path=request.url.path, query=request.url.query, exc_info=error)
    return problem(request, HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong that should not; it was logged.")
