"""Errors on the wire: problem details for HTTP APIs (RFC 9457), for every status from 400 on."""

from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Any

import orjson
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.routing import compile_path

from app.clocks import NoClock
from app.operations.acting import NotPermitted
from app.operations.answer_once import KeyReused
from app.operations.check_readiness import WeakSecret, check_readiness
from app.operations.designate import ChangedMeanwhile
from app.operations.keep_catalogue import StateNotSaid
from app.operations.recognise_key import LockedOut, NotRecognised
from app.store.failures import StoreFailure
from measurements.agreements.people import TABLE, Grounds
from measurements.agreements.places import is_told_inside, pointer_of_error
from measurements.errors import InvalidCard, InvalidContent, InvalidFilter, NotFound, NotPossible, StoreError

MEDIA_TYPE = "application/problem+json"
TYPES = "urn:rasad:problem:"
"""Problem types are names, not addresses: this service has no address of its own that would last."""
RETRY_AFTER_S = 5
CHALLENGE = 'Bearer realm="rasad"'
"""How to ask so that one is recognised (RFC 6750)."""
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
        InvalidContent: _on_invalid_content,
        InvalidCard: _on_invalid_content,
        RequestValidationError: _on_invalid_request,
        NotFound: _on_not_found,
        NotRecognised: _on_not_recognised,
        NotPermitted: _on_not_permitted,
        LockedOut: _on_locked_out,
        ChangedMeanwhile: _on_changed_meanwhile,
        StateNotSaid: _on_state_not_said,
        KeyReused: _on_key_reused,
        NotPossible: _on_not_possible,
        StoreError: _on_store_error,
        StoreFailure: _on_store_failure,
        WeakSecret: _on_weak_secret,
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
    explained = [_explained(request, found, error.body) for found in error.errors()]
    places = [(one["pointer"], one["detail"]) for one in explained if "pointer" in one]
    return _invalid(request, [one for one in explained if not is_told_inside(one.get("pointer", ""), places)])


def _on_invalid_content(request: Request, error: InvalidContent | InvalidCard) -> Response:
    return _invalid(request, [{"detail": why, "pointer": pointer} for pointer, why in error.problems])


def _invalid(request: Request, errors: Sequence[dict[str, str]]) -> Response:
    places = (error.get("parameter") or error.get("pointer") or "/" for error in errors)
    detail = "; ".join(f"{place}: {error['detail']}" for place, error in zip(places, errors, strict=True))
    name = "invalid-parameter" if any("parameter" in error for error in errors) else "invalid-content"
    return problem(request, HTTPStatus.BAD_REQUEST, detail, name=name, errors=errors)


def _explained(request: Request, found: dict[str, Any], content: Any) -> dict[str, str]:
    """One thing that is wrong, in words that never repeat what was sent: it may be a secret."""
    place, *within = found["loc"]
    is_unknown = found["type"] == "extra_forbidden"
    said = found["msg"].removeprefix("Value error, ")
    if place == "body":
        pointer = "" if found["type"] == "json_invalid" else pointer_of_error(found, within, content)
        return {"detail": "there is no such field" if is_unknown else said, "pointer": pointer}
    parameter = str(within[0]) if within else str(place)
    if is_unknown:
        known = ", ".join(known_parameters(request)) or "none"
        return {"detail": f"no such parameter here; known are: {known}", "parameter": parameter}
    return {"detail": said, "parameter": parameter}


def known_parameters(request: Request) -> dict[str, dict[str, Any]]:
    """Query parameter of what is asked for -> its schema, as the OpenAPI describes it."""
    asked = getattr(request.scope.get("route"), "name", None)
    operations = (operation for path in request.app.openapi()["paths"].values() for operation in path.values())
    parameters = (found.get("parameters", []) for found in operations if found["operationId"] == asked)
    return {one["name"]: one["schema"] for known in parameters for one in known if one["in"] == "query"}


def _on_not_found(request: Request, error: NotFound) -> Response:
    return problem(request, HTTPStatus.NOT_FOUND, str(error))


def _on_not_recognised(request: Request, error: NotRecognised) -> Response:
    headers = {"WWW-Authenticate": f'{CHALLENGE}, error="invalid_token"'}
    return problem(request, HTTPStatus.UNAUTHORIZED, str(error), name="not-recognised", headers=headers)


def _on_not_permitted(request: Request, error: NotPermitted) -> Response:
    is_known = error.grounds is not Grounds.KEY_MISSING
    challenge = CHALLENGE
    if error.grounds is Grounds.SCOPE_MISSING:
        challenge += f', error="insufficient_scope", scope="{TABLE[error.act].scope}"'
    return problem(
        request,
        HTTPStatus.FORBIDDEN if is_known else HTTPStatus.UNAUTHORIZED,
        str(error),
        name=error.grounds.value.replace("_", "-"),
        headers={"WWW-Authenticate": challenge},
    )


def _on_locked_out(request: Request, error: LockedOut) -> Response:
    headers = {"Retry-After": str(error.wait_s)}
    return problem(request, HTTPStatus.TOO_MANY_REQUESTS, str(error), name="locked-out", headers=headers)


def _on_changed_meanwhile(request: Request, error: ChangedMeanwhile) -> Response:
    return problem(request, HTTPStatus.PRECONDITION_FAILED, str(error))


def _on_state_not_said(request: Request, error: StateNotSaid) -> Response:
    return problem(request, HTTPStatus.PRECONDITION_REQUIRED, f"{error} If-Match takes the `etag` you read.")


def _on_key_reused(request: Request, error: KeyReused) -> Response:
    return problem(request, HTTPStatus.UNPROCESSABLE_ENTITY, str(error), name="idempotency-key-reused")


def _on_not_possible(request: Request, error: NotPossible) -> Response:
    return problem(request, HTTPStatus.CONFLICT, str(error), name=error.reason.replace("_", "-"))


def _on_store_error(request: Request, error: StoreError) -> Response:
    return _unavailable(request, str(error))


def _on_store_failure(request: Request, error: StoreFailure) -> Response:
    """A statement failed: because the database is away or behind, or because of us."""
    readiness = check_readiness(request.app.state.service.engine)
    if readiness.is_ready and not getattr(error, "connection_invalidated", False):
        return _on_bug(request, error)
    return _unavailable(request, readiness.reason or "The connection to the database was lost.")


def _on_weak_secret(request: Request, error: WeakSecret) -> Response:
    return _unavailable(request, str(error), "weak-secret")


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
        methods = _methods_of(request)
        is_only_read = set(methods) == {"GET", "HEAD"}
        what = "This is read only" if is_only_read else "That is not done here"
        detail = f"{what}: ask with {' or '.join(methods)}; {DOCS} shows for what."
        return problem(request, status, detail, headers={"Allow": ", ".join(methods)})
    return problem(request, status, error.detail, headers=dict(error.headers or {}))


def _methods_of(request: Request) -> list[str]:
    """The methods that a path knows; of a page or a file, which the OpenAPI does not describe, those that read."""
    described = request.app.openapi()["paths"]
    found = [described[path] for path in described if compile_path(path)[0].match(request.url.path)]
    methods = {method.upper() for operations in found for method in operations} or {"GET"}
    return sorted(methods | ({"HEAD"} if "GET" in methods else set()))


def _on_bug(request: Request, error: Exception) -> Response:
    _log.error("request failed", path=request.url.path, query=request.url.query, exc_info=error)
    return problem(request, HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong that should not; it was logged.")
