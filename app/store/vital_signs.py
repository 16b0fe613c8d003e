"""What processes note of themselves, so that others, and whoever looks from outside, can tell how the service is."""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import Connection, select

from app.store import tables
from app.store.bulk import replace_rows
from measurements.results.outcome import Label

COLUMNS = ("label", "worker", "name", "value", "noted_at")
EVERYBODYS = ""
FORGOTTEN_S = 7 * 86_400


class Sign(StrEnum):
    """What is noted. Of a worker, unless it says that it is everybody's."""

    ALIVE = "alive"
    """1 from its beginning on, 0 when it has ended as it should."""
    STREAM_CONNECTED = "stream_connected"
    """1 or 0."""
    STREAM_SEEN_AT = "stream_seen_at"
    """When it was last connected, or else when it began to try; seconds since the epoch."""
    STREAM_RECONNECTS = "stream_reconnects"
    """So many, ever. Everybody's."""
    STREAM_DROPPED = "stream_dropped"
    """So many results, ever. Everybody's."""
    BALANCE = "balance"
    """Of credits. Everybody's, as the next ones."""
    SPENT_PAST_DAY = "spent_past_day"
    BACKUP_BYTES = "backup_bytes"


class Noted(NamedTuple):
    """One of them."""

    worker: str
    sign: Sign
    value: int
    noted_at: int


def note_signs(connection: Connection, label: Label, worker: str, values: Mapping[Sign, int], noted_at: int) -> None:
    """Note values in place of what was noted before."""
    rows = [(label.value, worker, sign.value, value, noted_at) for sign, value in values.items()]
    replace_rows(connection, tables.vital_signs, COLUMNS, rows)


def add_to_sign(connection: Connection, label: Label, sign: Sign, more: int, noted_at: int) -> None:
    """Count on what is everybody's."""
    held = next((one.value for one in find_signs(connection, label) if one[:2] == (EVERYBODYS, sign)), 0)
    note_signs(connection, label, EVERYBODYS, {sign: held + more}, noted_at)


def find_signs(connection: Connection, label: Label) -> list[Noted]:
    """All of a label, by worker and name; what a newer version notes is left out."""
    column = tables.vital_signs.c
    query = select(column.worker, column.name, column.value, column.noted_at).where(column.label == label.value)
    rows = connection.execute(query.order_by(column.worker, column.name)).all()
    return [Noted(row[0], Sign(row[1]), row[2], row[3]) for row in rows if row[1] in set(Sign)]


def forget_signs(connection: Connection, label: Label, now_at: int) -> None:
    """Forget the workers of long ago."""
    column = tables.vital_signs.c
    connection.execute(
        tables.vital_signs.delete().where(
            column.label == label.value, column.worker != EVERYBODYS, column.noted_at < now_at - FORGOTTEN_S
        )
    )
