"""Counts what the service does, cheaply enough to be asked every few seconds."""

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import Connection, case, func, select

from app.store import tables
from measurements.agreements.reasons import Reason
from measurements.results.outcome import Label


class TaskCount(NamedTuple):
    """How it goes with a kind of task, over the past days that are remembered."""

    last_success_at: int | None
    """When one of its kind was last finished without a failure."""
    n_failed: int


def count_received(connection: Connection, label: Label, from_at: int, to_at: int) -> dict[int, int]:
    """Atlas's number -> results measured in [from_at, to_at), of followed measurements and the probes heard of them."""
    marks, results = tables.watermarks.c, tables.results.c
    query = (
        select(results.atlas_id, func.count())
        .select_from(tables.watermarks)
        .join(tables.results, (results.atlas_id == marks.atlas_id) & (results.probe_id == marks.probe_id))
        .where(marks.label == label.value, results.label == label.value)
        .where(marks.until_at >= from_at, results.measured_at >= from_at, results.measured_at < to_at)
        .group_by(results.atlas_id)
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def count_dispatches(connection: Connection) -> dict[tuple[str, str], int]:
    """Label and state -> how many dispatches there are."""
    column = tables.dispatches.c
    state = case(
        (column.failure.is_not(None), "failed"),
        (column.stopped_at.is_not(None), "stopped"),
        (column.sent_at.is_(None), "intended"),
        (column.atlas_id.is_(None), "unanswered"),
        (column.stop_asked_at.is_not(None), "stopping"),
        else_="running",
    ).label("state")
    query = select(column.label, state, func.count()).group_by(column.label, "state")
    return {(row[0], row[1]): row[2] for row in connection.execute(query)}


def count_refusals(connection: Connection) -> dict[tuple[str, str], int]:
    """Label and reason -> how often the gate has said no, ever."""
    column = tables.decisions.c
    query = (
        select(tables.dispatches.c.label, column.reason, func.count())
        .select_from(tables.decisions)
        .join(tables.dispatches)
        .where(column.reason != Reason.AGREED)
        .group_by(tables.dispatches.c.label, column.reason)
    )
    return {(row[0], row[1]): row[2] for row in connection.execute(query)}


def count_tasks(connection: Connection) -> dict[tuple[str, str], TaskCount]:
    """Label and kind of task -> how it goes; those of single measurements are counted together."""
    column = tables.ticks.c
    succeeded_at = case((column.failure.is_(None), column.finished_at))
    query = select(column.task, func.max(succeeded_at), func.count(column.failure))
    query = query.where(column.finished_at.is_not(None)).group_by(column.task)
    return _by_kind((row[0], row[1], row[2]) for row in connection.execute(query))


def _by_kind(rows: Iterable[tuple[str, int | None, int]]) -> dict[tuple[str, str], TaskCount]:
    found: dict[tuple[str, str], TaskCount] = {}
    for task, at, n_failed in rows:
        label, _, kind = task.partition(" ")
        first, _, number = kind.rpartition(" ")
        key = (label, first if number.isdecimal() else kind)
        before = found.get(key, TaskCount(None, 0))
        newest = max((one for one in (before.last_success_at, at) if one is not None), default=None)
        found[key] = TaskCount(newest, before.n_failed + n_failed)
    return found
