"""Answer a request once: the same one under the same idempotency key gets the same answer, and nothing is redone."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import orjson

from app.operations.acting import Acting
from app.store.answers import KeptAnswer, find_answer, keep_answer
from measurements.errors import RasadError


class KeyReused(RasadError):
    """Something else was asked under this idempotency key before."""


class Asked(NamedTuple):
    """A request that may come again."""

    idempotency_key: str
    digest: bytes
    """Of what is asked for, and with what content."""


class Answer(NamedTuple):
    """What is answered."""

    content: Mapping[str, Any]
    etag: str | None = None
    status: int = 201
    shown_once: frozenset[str] = frozenset()
    """Names of what is kept nowhere; null in every later answer."""


class Answered(NamedTuple):
    """An answer as it goes out."""

    body: bytes
    etag: str | None
    status: int
    is_repeated: bool


def answer_once(acting: Acting, asked: Asked, act: Callable[[Acting], Answer]) -> Answered:
    """Act and keep the answer in one unit of work, or give the answer that was kept.

    Raises `KeyReused` where something else was asked under the same key.
    """
    person_id = acting.caller.person.person_id
    kept = find_answer(acting.connection, person_id, asked.idempotency_key)
    if kept is not None:
        if kept.request_digest != asked.digest:
            raise KeyReused("Something else was asked under this Idempotency-Key before; take a new one.")
        return Answered(kept.content, kept.etag, kept.status, is_repeated=True)
    answer = act(acting)
    without_secrets = {name: None if name in answer.shown_once else value for name, value in answer.content.items()}
    body = orjson.dumps(without_secrets)
    keep_answer(
        acting.connection,
        person_id,
        asked.idempotency_key,
        KeptAnswer(asked.digest, answer.status, answer.etag, body),
        acting.now_at,
    )
    return Answered(orjson.dumps(answer.content), answer.etag, answer.status, is_repeated=False)
