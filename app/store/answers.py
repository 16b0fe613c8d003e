"""What was answered to a request that may come again: the same answer, and nothing done twice."""

from typing import NamedTuple

from sqlalchemy import Connection, select

from app.store import tables
from app.store.bulk import insert_rows

KEPT_S = 7 * 86_400
"""For how long an answer is kept."""
COLUMNS = ("person_id", "idempotency_key", "request_digest", "status", "etag", "content", "answered_at")


class KeptAnswer(NamedTuple):
    """An answer, and the digest of the request that it was given to."""

    request_digest: bytes
    status: int
    etag: str | None
    content: bytes


def find_answer(connection: Connection, person_id: int, idempotency_key: str) -> KeptAnswer | None:
    """What was answered to a person under this idempotency key."""
    column = tables.answers.c
    query = select(*(column[name] for name in KeptAnswer._fields))
    row = connection.execute(
        query.where(column.person_id == person_id, column.idempotency_key == idempotency_key)
    ).first()
    return None if row is None else KeptAnswer._make(row)


def keep_answer(
    connection: Connection, person_id: int, idempotency_key: str, answer: KeptAnswer, answered_at: int
) -> None:
    """Keep an answer; those that are a week old are forgotten."""
    connection.execute(tables.answers.delete().where(tables.answers.c.answered_at < answered_at - KEPT_S))
    insert_rows(connection, tables.answers, COLUMNS, [(person_id, idempotency_key, *answer, answered_at)])
