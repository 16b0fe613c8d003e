"""Who asks: the person behind `Authorization: Bearer …`, or nobody we know; and whether that may ask for this.

Where a request comes from is its connection's own address: what it says of itself in `X-Forwarded-For` and the like
is not looked at.
"""

import math
from collections.abc import Callable
from functools import cache
from http import HTTPStatus
from typing import Annotated, Any

import structlog
from fastapi import BackgroundTasks, Depends, Request, Security
from fastapi.security import HTTPBearer
from starlette.exceptions import HTTPException

from app.api.service import Service, TheService
from app.api.wire import problems
from app.operations.acting import NotPermitted, require_role
from app.operations.recognise_key import NotRecognised, note_key_used, recognise_key
from app.store.failures import StoreFailure
from measurements.agreements.people import Act, Caller, Grounds

SCHEME = "bearer"
_documented = HTTPBearer(auto_error=False, bearerFormat="rsd_…", description="A key, as `rasad keys issue` shows it.")
_log = structlog.get_logger("rasad.keys")


def caller(
    request: Request, service: TheService, background: BackgroundTasks, _: Annotated[Any, Security(_documented)]
) -> Caller | None:
    """The person whose key came along; None where none did. Asked anew for every request: nothing is remembered.

    Raises `NotRecognised`, `LockedOut`, and 429 for a key that asks too often.
    """
    given = request.headers.getlist("authorization")
    if not given:
        return None
    scheme, _separator, text = given[0].partition(" ")
    if len(given) > 1 or scheme.lower() != SCHEME:
        raise NotRecognised("A key is sent as one header: `Authorization: Bearer …`.")
    now_at = service.now_at()
    address = request.client.host if request.client else ""
    found = recognise_key(service.snapshot, service.transaction, text.strip(), address, now_at)
    if wait_s := service.allowance.wait_s(found.key_id):
        headers = {"Retry-After": str(math.ceil(wait_s))}
        raise HTTPException(HTTPStatus.TOO_MANY_REQUESTS, "This key asks too often; wait a little.", headers)
    if found.is_use_due:
        background.add_task(_note_use, service, found.key_id, now_at)
    return found.caller


def known_caller(found: Annotated[Caller | None, Depends(caller)]) -> Caller:
    """The person whose key came along. Raises `NotPermitted` where none did."""
    if found is None:
        raise NotPermitted(Act.SEE_ONESELF, Grounds.KEY_MISSING)
    return found


TheCaller = Annotated[Caller, Depends(known_caller)]


@cache
def requires(act: Act) -> Callable[[Caller | None], None]:
    """A dependency that lets pass whose role and key allow an act about somebody.

    What public data are is decided here: `Act.READ_PUBLIC` is open to everybody. What an agreement restricts becomes
    an act of its own.
    """

    def require(found: Annotated[Caller | None, Depends(caller)]) -> None:
        require_role(found, act)

    return require


def for_act(act: Act, *statuses: int) -> dict[str, Any]:
    """What a route for an act is declared with: who may ask, what it is called in OpenAPI, and its problems."""
    return {
        "dependencies": [Depends(requires(act))],
        "openapi_extra": {"x-act": act.value},
        "responses": problems(401, 403, 429, 503, *statuses),
    }


def _note_use(service: Service, key_id: int, now_at: int) -> None:
    """After the answer has gone out, so that nobody waits for it."""
    try:
        note_key_used(service.transaction, key_id, now_at)
    except StoreFailure as error:
        _log.warning("the use of a key could not be noted", key_id=key_id, why=type(error).__name__)
