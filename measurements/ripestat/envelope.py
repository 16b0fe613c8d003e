"""RIPEstat's envelope: what every answer comes in. Members that are not known here are let pass.

Whether an answer is one, four places say: the status of HTTP, `status`, `status_code`, and whether there is `data`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, NamedTuple

import orjson

from measurements.errors import UnreadableObject
from measurements.objects import Object, instant_at
from measurements.ripestat.failures import CutOff, Refused, RipestatFailure, ServerFailed, TooMany, Unreadable

SUPPORTED = "supported"
INFO = "info"
LONGEST_QUOTE = 300


class Message(NamedTuple):
    """Something that RIPEstat has to say about its answer."""

    level: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """An answer that is one."""

    call: str
    """Of which data call, such as `network-info`; empty where it does not say."""
    data: Object
    query_id: str | None
    answered_at: int | None
    """By RIPEstat's clock, seconds since the epoch; it writes no zone and means UTC."""
    messages: tuple[Message, ...]
    body: bytes = field(repr=False)
    """Verbatim."""

    @property
    def warnings(self) -> tuple[str, ...]:
        """The messages that are more than information, in words."""
        return tuple(f"{one.level}: {one.text}" for one in self.messages if one.level.lower() != INFO)


def read_envelope(name: str, body: bytes, status: int = HTTPStatus.OK, retry_after_s: float | None = None) -> Envelope:
    """Open an answer; `name` is what it is called in messages. Raises the `RipestatFailure` that it stands for."""
    document = _decoded(name, body, status, retry_after_s)
    query_id = _text(document.get("query_id"))
    messages = tuple(_messages(document))
    code = _status(document, status)
    is_ok = status == HTTPStatus.OK == code and document.get("status", "ok") == "ok"
    if not is_ok:
        said = "; ".join(one.text for one in messages) or f"status {document.get('status')!r:.40}"
        raise _kind(code)(
            f"{name}: {code}, {said[:LONGEST_QUOTE]}", status=code, query_id=query_id, retry_after_s=retry_after_s
        )
    data = document.get("data")
    if not isinstance(data, Mapping):
        raise Unreadable(f"{name}: the envelope holds no data", status=code, query_id=query_id)
    return Envelope(
        call=_text(document.get("data_call_name")) or "",
        data=data,
        query_id=query_id,
        answered_at=_answered_at(document),
        messages=messages,
        body=body,
    )


def _decoded(name: str, body: bytes, status: int, retry_after_s: float | None) -> Mapping[str, Any]:
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        document = None
    if isinstance(document, Mapping):
        return document
    if status != HTTPStatus.OK:
        raise _kind(status)(f"{name}: {status}, and no envelope", status=status, retry_after_s=retry_after_s)
    if body.lstrip().startswith(b"<"):
        raise ServerFailed(f"{name}: a page for people where data was expected", status=status)
    if document is None and body.lstrip().startswith(b"{"):
        raise CutOff(f"{name}: the answer was cut off", status=status)
    raise Unreadable(f"{name}: {body[:80]!r} is no envelope", status=status)


def _kind(status: int) -> type[RipestatFailure]:
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return TooMany
    if status in (HTTPStatus.OK, HTTPStatus.REQUEST_TIMEOUT) or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return ServerFailed  # with 200, only `status` is not ok: maintenance
    return Refused


def _status(document: Mapping[str, Any], status: int) -> int:
    """HTTP's own word where it is no success, else the envelope's."""
    code = document.get("status_code", HTTPStatus.OK)
    return code if status == HTTPStatus.OK and isinstance(code, int) else status


def _messages(document: Mapping[str, Any]) -> Iterator[Message]:
    listed = document.get("messages")
    for one in listed if isinstance(listed, list) else ():
        match one:
            case [str(level), str(text), *_]:
                yield Message(level, text)
            case _:
                yield Message("warning", str(one))
    state = _text(document.get("data_call_status")) or SUPPORTED
    if not state.startswith(SUPPORTED):
        yield Message("warning", f"the data call is {state}")


def _answered_at(document: Mapping[str, Any]) -> int | None:
    try:
        return instant_at(document, "time")
    except UnreadableObject:
        return None  # nothing depends on it where the data say their own instant


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
