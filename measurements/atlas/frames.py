"""The stream's words: each text frame is a JSON list of a type and a payload."""

import re
from typing import NamedTuple

import orjson

from measurements.atlas import payloads
from measurements.atlas.gateway import Subscription

RESULT = "atlas_result"
ERROR = "atlas_error"
_HEAD = re.compile(rb'\s*\[\s*"([a-z_]+)"\s*,?\s*').match
_SPACE = b" \t\r\n"


class Frame(NamedTuple):
    """What a frame is, and its payload as it stood there."""

    type: str
    payload: bytes


def read_frame(text: bytes) -> Frame | None:
    """A frame's type and payload, without looking into the payload; None where it is no frame of this protocol.

    The payload is cut out and not decoded: a result is kept as it came.
    """
    head = _HEAD(text)
    tail = text.rstrip(_SPACE)
    if head is None or not tail.endswith(b"]"):
        return None
    frame = Frame(head[1].decode("ascii"), tail[head.end() : -1].rstrip(_SPACE))
    is_object = frame.payload.startswith(b"{") and frame.payload.endswith(b"}")
    return None if frame.type == RESULT and not is_object else frame


def subscribe(subscription: Subscription, *, has_backlog: bool) -> bytes:
    """Asks for the results of a subscription, the recent ones first where wanted."""
    return _frame("atlas_subscribe", subscription._replace(has_backlog=has_backlog))


def unsubscribe(subscription: Subscription) -> bytes:
    """Takes the same subscription back."""
    return _frame("atlas_unsubscribe", subscription)


def _frame(kind: str, subscription: Subscription) -> bytes:
    return orjson.dumps([kind, payloads.subscription_body(subscription)])
