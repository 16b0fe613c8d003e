"""What is followed on the platform, and how far collecting it is."""

from collections.abc import Mapping
from typing import NamedTuple

import orjson
from sqlalchemy import Connection, Row, RowMapping, Select, select

from app.store import tables
from app.store.bulk import replace_rows
from measurements.campaigns.collecting import Owed, Position
from measurements.results.outcome import DataClass, Label

COLUMNS = (
    "atlas_id", "label", "data_class", "agreement_id", "followed_at", "since_at", "stop_at", "probe_ids",
    "polled_until_at",
)  # fmt: skip
MARK_COLUMNS = ("atlas_id", "label", "probe_id", "until_at")
OWED_COLUMNS = ("atlas_id", "label", "probe_id", *Owed._fields)
RECHECK_COLUMNS = ("atlas_id", "label", "age_s", "until_at")


class Followed(NamedTuple):
    """A measurement that is kept complete. Instants are seconds since the epoch, UTC."""

    atlas_id: int
    label: Label
    data_class: DataClass
    agreement_id: int | None
    """Under which it was dispatched; None for what others have measured."""
    followed_at: int
    settled_at: int | None
    """From when on nothing more was expected; it is not asked for any longer."""
    failing_since_at: int | None
    failure: str | None
    """Why the last attempt failed; None when it did not."""
    position: Position


def follow(
    connection: Connection,
    atlas_id: int,
    label: Label,
    position: Position,
    followed_at: int,
    *,
    data_class: DataClass = DataClass.PUBLIC,
    agreement_id: int | None = None,
) -> bool:
    """Follow a measurement from now on; False where it is followed already, which changes nothing."""
    if find_followed(connection, label, atlas_id) is not None:
        return False
    row = (
        atlas_id, label.value, data_class.value, agreement_id, followed_at, position.since_at, position.stop_at,
        None if position.probe_ids is None else orjson.dumps(position.probe_ids).decode(), position.polled_until_at,
    )  # fmt: skip
    replace_rows(connection, tables.followed, COLUMNS, [row])
    _write_rechecks(connection, atlas_id, label, position.rechecked)
    return True


def unfollow(connection: Connection, atlas_id: int, label: Label) -> bool:
    """Follow it no longer; what was collected stays. False where it was not followed."""
    column = tables.followed.c
    deleted = connection.execute(
        tables.followed.delete().where(column.atlas_id == atlas_id, column.label == label.value)
    )
    return deleted.rowcount > 0


def list_followed(connection: Connection, label: Label, *, only_unsettled: bool = False) -> list[Followed]:
    """Everything followed under a label, by number."""
    query = _query().where(tables.followed.c.label == label.value).order_by(tables.followed.c.atlas_id)
    if only_unsettled:
        query = query.where(tables.followed.c.settled_at.is_(None))
    return [_followed(connection, row) for row in connection.execute(query).all()]


def find_followed(connection: Connection, label: Label, atlas_id: int) -> Followed | None:
    """One followed measurement; None where it is not."""
    column = tables.followed.c
    row = connection.execute(_query().where(column.label == label.value, column.atlas_id == atlas_id)).first()
    return row and _followed(connection, row)


def save_poll(connection: Connection, followed: Followed, position: Position, now_at: int) -> None:
    """Note what a poll and its catch-ups achieved. Marks only ever move forward, whoever else polls.

    Unless they lie ahead of now: a clock that was wrong once set them, and they are set right.
    """
    held = _same(connection, followed)
    if held is None:
        return
    before = held.position.watermarks
    moved = [
        (followed.atlas_id, followed.label.value, probe_id, until_at)
        for probe_id, until_at in position.watermarks.items()
        if until_at > before.get(probe_id, -1) or before.get(probe_id, -1) > now_at
    ]
    replace_rows(connection, tables.watermarks, MARK_COLUMNS, moved)
    returned = {probe_id: owed for probe_id, owed in position.owed.items() if owed != held.position.owed.get(probe_id)}
    _write_owed(connection, followed, returned)
    polled = held.position.polled_until_at
    _update(
        connection,
        followed,
        polled_until_at=position.polled_until_at if polled > now_at else max(polled, position.polled_until_at),
    )


def save_rechecks(connection: Connection, followed: Followed, rechecked: Mapping[int, int]) -> None:
    """Note up to where ages were re-checked."""
    if _same(connection, followed) is not None:
        _write_rechecks(connection, followed.atlas_id, followed.label, rechecked)


def save_owed(connection: Connection, followed: Followed, owed: Mapping[int, Owed | None]) -> None:
    """Note what probes owe after they were asked again; one that came back once more meanwhile owes as it did."""
    held = _same(connection, followed)
    if held is None:
        return
    asked = {
        probe_id: after
        for probe_id, after in owed.items()
        if held.position.owed.get(probe_id) == followed.position.owed.get(probe_id)
    }
    _write_owed(connection, followed, {probe_id: after for probe_id, after in asked.items() if after is not None})
    column = tables.owed.c
    done = [probe_id for probe_id, after in asked.items() if after is None]
    connection.execute(
        tables.owed.delete().where(
            column.atlas_id == followed.atlas_id, column.label == followed.label.value, column.probe_id.in_(done)
        )
    )


def save_outcome(connection: Connection, followed: Followed, kind: str, failure: str | None, now_at: int) -> None:
    """Note why an attempt failed, and since when they do; what succeeds clears only a failure of its own kind."""
    held = _same(connection, followed)
    if held is None:
        return
    if failure is not None:
        since_at = now_at if held.failing_since_at is None else held.failing_since_at
        _update(connection, followed, failing_since_at=since_at, failure=f"{kind}: {failure}")
    elif held.failure is not None and held.failure.startswith(f"{kind}: "):
        _update(connection, followed, failing_since_at=None, failure=None)


def save_stop(connection: Connection, followed: Followed, stop_at: int | None) -> None:
    """Note when the platform says the measurement stops or stopped."""
    if _same(connection, followed) is not None:
        _update(connection, followed, stop_at=stop_at)


def save_settled(connection: Connection, followed: Followed, now_at: int) -> None:
    """Note that nothing more is expected of it."""
    if _same(connection, followed) is not None:
        _update(connection, followed, settled_at=now_at)


def _same(connection: Connection, followed: Followed) -> Followed | None:
    """As it is held now; None where it was unfollowed meanwhile, or followed anew from another instant on."""
    held = find_followed(connection, followed.label, followed.atlas_id)
    is_same = held is not None and (held.followed_at, held.position.since_at) == (
        followed.followed_at,
        followed.position.since_at,
    )
    return held if is_same else None


def _write_rechecks(connection: Connection, atlas_id: int, label: Label, rechecked: Mapping[int, int]) -> None:
    rows = [(atlas_id, label.value, age_s, until_at) for age_s, until_at in rechecked.items()]
    replace_rows(connection, tables.rechecks, RECHECK_COLUMNS, rows)


def _write_owed(connection: Connection, followed: Followed, owed: Mapping[int, Owed]) -> None:
    rows = [(followed.atlas_id, followed.label.value, probe_id, *one) for probe_id, one in owed.items()]
    replace_rows(connection, tables.owed, OWED_COLUMNS, rows)


def _update(connection: Connection, followed: Followed, **values: int | str | None) -> None:
    column = tables.followed.c
    connection.execute(
        tables.followed.update()
        .where(column.atlas_id == followed.atlas_id, column.label == followed.label.value)
        .values(**values)
    )


def _query() -> Select[tuple[object, ...]]:
    return select(tables.followed)


def _followed(connection: Connection, row: Row[tuple[object, ...]]) -> Followed:
    held = row._mapping  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping
    probe_ids = held["probe_ids"]
    return Followed(
        atlas_id=held["atlas_id"],
        label=Label(held["label"]),
        data_class=DataClass(held["data_class"]),
        agreement_id=held["agreement_id"],
        followed_at=held["followed_at"],
        settled_at=held["settled_at"],
        failing_since_at=held["failing_since_at"],
        failure=held["failure"],
        position=Position(
            since_at=held["since_at"],
            stop_at=held["stop_at"],
            polled_until_at=held["polled_until_at"],
            rechecked=_marks(connection, "rechecks", "age_s", held),
            watermarks=_marks(connection, "watermarks", "probe_id", held),
            probe_ids=None if probe_ids is None else tuple(orjson.loads(probe_ids)),
            owed=_owed(connection, held),
        ),
    )


def _marks(connection: Connection, table: str, key: str, of: RowMapping) -> dict[int, int]:
    column = tables.metadata.tables[table].c
    query = select(column[key], column.until_at).where(column.atlas_id == of["atlas_id"], column.label == of["label"])
    return {row[0]: row[1] for row in connection.execute(query)}


def _owed(connection: Connection, of: RowMapping) -> dict[int, Owed]:
    column = tables.owed.c
    query = select(column.probe_id, column.from_at, column.returned_at, column.asked_s).where(
        column.atlas_id == of["atlas_id"], column.label == of["label"]
    )
    return {row[0]: Owed(*row[1:]) for row in connection.execute(query)}
