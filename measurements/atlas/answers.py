"""What an answer of RIPE Atlas says: a JSON value, or the failure that its status and body stand for."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any

import httpx
import orjson

from measurements.atlas.failures import (
    AccountBusy,
    AtlasFailure,
    Complaint,
    CutOff,
    KeyMissing,
    NoCredits,
    NoProbes,
    NotAllowed,
    NotFound,
    Phase,
    Redirected,
    Refused,
    ServerFailed,
    TargetBusy,
    TooMany,
    Unreadable,
)
from measurements.atlas.transport import Answer
from measurements.connections import retry_after_s

LONGEST_QUOTE = 300
_MEANINGS: tuple[tuple[re.Pattern[str], type[Refused]], ...] = (
    (re.compile(r"concurrent measurements to the same target", re.IGNORECASE), TargetBusy),
    (
        re.compile(r"not permitted to (run more than \d+ concurrent|receive .* results per day)", re.IGNORECASE),
        AccountBusy,
    ),
    (re.compile(r"not covered by our network|no (suitable )?probes", re.IGNORECASE), NoProbes),
    (re.compile(r"\bcredits?\b", re.IGNORECASE), NoCredits),
)
"""The platform tells these apart by its words only."""
_BY_STATUS: Mapping[int, type[AtlasFailure]] = {
    HTTPStatus.UNAUTHORIZED: KeyMissing,
    HTTPStatus.FORBIDDEN: NotAllowed,
    HTTPStatus.PAYMENT_REQUIRED: NoCredits,
    HTTPStatus.NOT_FOUND: NotFound,
    HTTPStatus.REQUEST_TIMEOUT: ServerFailed,
    HTTPStatus.TOO_MANY_REQUESTS: TooMany,
}
_ADVICE: Mapping[type[AtlasFailure], str] = {
    NotAllowed: "the key lacks the grant for this",
    KeyMissing: "there is no key, or none that the platform knows",
    NotFound: "the platform knows nothing there; check the number",
    TooMany: "asked too often; ask again later and for more at once",
    ServerFailed: "the platform's own fault; it passes",
    Redirected: "it wants to be asked elsewhere, and a key is not taken there; set that address if it is right",
    TargetBusy: "read a built-in of this target instead, or try again later",
    AccountBusy: "stop a measurement, or have the quota raised",
    NoProbes: "widen the selection",
    NoCredits: "the account cannot pay for it",
    Refused: "change what was asked",
}


def decoded(name: str, answer: Answer, now: datetime) -> Any:
    """The JSON value of a successful answer; `name` is the call's. Raises the failure that it stands for otherwise."""
    if not HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
        raise failure_of(name, answer, now)
    try:
        return orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        raise not_json(name, answer.status, answer.headers, answer.body) from None


def not_json(name: str, status: int, headers: httpx.Headers, body: bytes) -> AtlasFailure:
    """What stands where JSON was expected: most often a page of something on the way."""
    if body.lstrip().startswith(b"<") or "html" in headers.get("content-type", ""):
        return ServerFailed(
            f"{name}: a page for people where data was expected; it passes", phase=Phase.DECODE, status=status
        )
    if body.lstrip().startswith((b"{", b"[")):
        return CutOff(f"{name}: the answer was cut off", phase=Phase.DECODE, status=status)
    return Unreadable(f"{name}: {body[:80]!r} is no JSON", phase=Phase.DECODE, status=status)


def failure_of(name: str, answer: Answer, now: datetime) -> AtlasFailure:
    """The failure that an unsuccessful answer stands for."""
    error = _error_object(answer.body)
    complaints = tuple(_complaints(error))
    words = [text for text in (error.get("detail"), *(one.detail for one in complaints)) if isinstance(text, str)]
    kind = _kind(answer.status, " ".join(words))
    said = "; ".join(_with_pointer(one) for one in complaints) or "".join(words[:1])
    quote = f"{said[:LONGEST_QUOTE]!r}: " if said else ""
    code = error.get("code")
    return kind(
        f"{name}: {answer.status}, {quote}{_ADVICE[kind]}",
        phase=Phase.READ,
        status=answer.status,
        code=code if isinstance(code, int) else None,
        complaints=complaints,
        retry_after_s=retry_after_s(answer.headers, now),
    )


def _kind(status: int, words: str) -> type[AtlasFailure]:
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return ServerFailed
    if status < HTTPStatus.BAD_REQUEST:
        return Redirected
    by_words = (kind for pattern, kind in _MEANINGS if pattern.search(words))
    return _BY_STATUS.get(status) or next(by_words, Refused)


def _error_object(body: bytes) -> Mapping[str, Any]:
    """The error's members, inside `error` as documented or at the top as some clients have seen them."""
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    if not isinstance(value, Mapping):
        return {}
    error = value.get("error", value)
    return error if isinstance(error, Mapping) else {"detail": str(error)}


def _complaints(error: Mapping[str, Any]) -> Iterator[Complaint]:
    listed = error.get("errors")
    for one in listed if isinstance(listed, list) else ():
        if isinstance(one, Mapping):
            source = one.get("source")
            place = source if isinstance(source, Mapping) else {}
            yield Complaint(str(place.get("pointer") or place.get("parameter") or ""), str(one.get("detail", "")))


def _with_pointer(complaint: Complaint) -> str:
    return f"{complaint.pointer}: {complaint.detail}" if complaint.pointer else complaint.detail


def ignored_filters(value: Any) -> frozenset[str]:
    """Query parameters that the platform says it has ignored, which it does with a 200."""
    warnings = value.get("warnings") if isinstance(value, Mapping) else None
    sources = (
        [one.get("source") for one in warnings or () if isinstance(one, Mapping)] if isinstance(warnings, list) else []
    )
    return frozenset(str(source.get("parameter")) for source in sources if isinstance(source, Mapping))
