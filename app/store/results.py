"""Writes results, and keeps apart what is delivered under one key; whole batches at a time."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, select

from app.store import tables
from app.store.bulk import Row, insert_rows, next_id, stage_rows
from app.store.conflicts import Body, Standing, settle
from app.store.raw import Kept
from app.store.records import Key, ResultRow, prepare, unpack_body
from app.store.samples import Feeding, remove_samples, write_samples
from app.store.series import SeriesNumbers
from measurements.results.outcome import Label

COLUMNS = (
    "id", "raw_id", "label", "data_class", "agreement_id", "retrieved_at", "atlas_id", "probe_id", "measured_at",
    "stored_at", "digest", "type", "target", "destination", "address_family", "protocol", "outcome", "is_clock_trusted",
    "is_datable", "is_conflict", "is_in_series",
)  # fmt: skip
STANDING_COLUMNS = (
    "raw_id", "retrieved_at", "data_class", "agreement_id", "stored_at", "is_clock_trusted", "is_datable",
    "is_conflict", "is_in_series",
)  # fmt: skip
"""What a later delivery may change."""
Identity = tuple[Key, bytes]
"""A result: what names it, and the digest of what it says."""


class Numbering(NamedTuple):
    """The numbers that results had before, so that a rebuild changes none."""

    ids: Mapping[Identity, int]
    last: int
    """The highest of all; new results get higher ones."""


class _Held(NamedTuple):
    id: int
    standing: Standing


@dataclass(slots=True)
class _Plan:
    """What is to be done for a batch."""

    new: list[Row] = field(default_factory=list)
    moved: list[Row] = field(default_factory=list)
    """Results that stand otherwise now: number and STANDING_COLUMNS."""
    leaving: list[int] = field(default_factory=list)
    """Results that no longer feed the series they did."""
    entering: list[Feeding] = field(default_factory=list)
    """Results that feed one from now on."""
    unread: list[tuple[int, Body, Key]] = field(default_factory=list)
    """Such results too, of which no body is at hand."""


def write_results(
    connection: Connection, kept: Sequence[Kept], series: SeriesNumbers, before: Numbering | None = None
) -> int:
    """Write the results among records whose bodies were kept, and say how many of them nobody had delivered before."""
    delivered: dict[Key, list[tuple[Kept, ResultRow]]] = {}
    for item in kept:
        if item.record.result is not None:
            delivered.setdefault(item.record.result.key, []).append((item, item.record.result))
    numbering = before or Numbering({}, 0)
    first = max(next_id(connection, tables.results), numbering.last + 1)
    plan = _plan(delivered, _find_held(connection, list(delivered)), numbering.ids, first)
    _update_standings(connection, plan.moved)
    remove_samples(connection, plan.leaving)
    insert_rows(connection, tables.results, COLUMNS, plan.new)
    plan.entering += _read_again(connection, plan.unread)
    write_samples(connection, plan.entering, series)
    return len(plan.new)


def find_by_key(connection: Connection, table: str, keys: Sequence[Key]) -> Iterator[tuple[Key, bytes, int]]:
    """The key, digest and number of all results in a table that have one of the keys."""
    staged = stage_rows(connection, "staged_keys", "results", Key._fields, keys)
    found = connection.exec_driver_sql(
        "SELECT DISTINCT held.atlas_id, held.probe_id, held.measured_at, held.label, held.digest, held.id "
        # CROSS: read the short side first
        f"FROM {staged} AS staged CROSS JOIN {table} AS held "
        "WHERE held.atlas_id = staged.atlas_id AND held.probe_id = staged.probe_id "
        "AND held.measured_at = staged.measured_at AND held.label = staged.label"
    )
    return ((Key(*row[:4]), bytes(row[4]), row[5]) for row in found)


def _find_held(connection: Connection, keys: Sequence[Key]) -> dict[Key, dict[bytes, _Held]]:
    """What is held under keys, by digest."""
    staged = stage_rows(connection, "staged_keys", "results", Key._fields, keys)
    found = connection.exec_driver_sql(
        "SELECT held.atlas_id, held.probe_id, held.measured_at, held.label, held.id, held.is_conflict, "
        "held.is_in_series, held.raw_id, raw.body_digest, held.retrieved_at, held.data_class, "
        "held.agreement_id, held.digest, "
        # CROSS: read the short side first
        f"held.stored_at, held.is_clock_trusted, held.is_datable FROM {staged} AS staged CROSS JOIN results AS held "
        "JOIN raw_records AS raw ON raw.id = held.raw_id "
        "WHERE held.atlas_id = staged.atlas_id AND held.probe_id = staged.probe_id "
        "AND held.measured_at = staged.measured_at AND held.label = staged.label"
    )
    held: dict[Key, dict[bytes, _Held]] = {}
    for row in found:
        body = Body(*row[7:])
        held.setdefault(Key(*row[:4]), {})[body.digest] = _Held(row[4], Standing(body, row[5], row[6]))
    return held


def _plan(
    delivered: Mapping[Key, Sequence[tuple[Kept, ResultRow]]],
    held: Mapping[Key, Mapping[bytes, _Held]],
    ids: Mapping[Identity, int],
    number: int,
) -> _Plan:
    plan = _Plan()
    nothing: dict[bytes, _Held] = {}
    for key, items in delivered.items():
        before = held.get(key, nothing)
        if not before and len(items) == 1:  # as nearly always: what follows would come to the same, in thrice the time
            item, only = items[0]
            result_id = ids.get((key, only.digest), number) if ids else number
            number += result_id == number
            _add(plan, result_id, only, settle([_body(item, only)])[0])
            continue
        at_hand = {item.record.body_digest: result for item, result in items}
        bodies = [known.standing.body for known in before.values()]
        for standing in settle([*bodies, *(_body(item, result) for item, result in items)]):
            known = before.get(standing.body.digest)
            result = at_hand.get(standing.body.body_digest)
            if known is not None:
                if known.standing != standing:
                    _move(plan, known, standing, key, result)
            elif result is not None:
                result_id = ids.get((key, result.digest), number)
                number += result_id == number
                _add(plan, result_id, result, standing)
    return plan


def _add(plan: _Plan, number: int, result: ResultRow, standing: Standing) -> None:
    plan.new.append(_row(number, result, standing))
    if standing.is_in_series:
        plan.entering.append(Feeding(number, standing.body.data_class, result))


def _move(plan: _Plan, known: _Held, standing: Standing, key: Key, result: ResultRow | None) -> None:
    body = standing.body
    read_from = (
        body.raw_id,
        body.retrieved_at,
        body.data_class,
        body.agreement_id,
        body.stored_at,
        body.is_clock_trusted,
        body.is_datable,
    )
    plan.moved.append((known.id, *read_from, standing.is_conflict, standing.is_in_series))
    fed, feeds = known.standing.is_in_series, standing.is_in_series
    is_same_series = fed and feeds and known.standing.body.data_class == body.data_class
    if fed and not is_same_series:
        plan.leaving.append(known.id)
    if feeds and not is_same_series:
        if result is None:
            plan.unread.append((known.id, body, key))
        else:
            plan.entering.append(Feeding(known.id, body.data_class, result))


def _update_standings(connection: Connection, rows: Sequence[Row]) -> None:
    if rows:
        results = tables.results
        names = ("number", *STANDING_COLUMNS)
        statement = results.update().where(results.c.id == bindparam("number"))
        connection.execute(statement, [dict(zip(names, row, strict=True)) for row in rows])


def _read_again(connection: Connection, unread: Sequence[tuple[int, Body, Key]]) -> Iterator[Feeding]:
    """Results from the bodies held. Rare: who comes to feed a series was delivered just now, unless rules changed."""
    raw = tables.raw_records
    for number, body, key in unread:
        packed = connection.execute(select(raw.c.body).where(raw.c.id == body.raw_id)).scalar_one()
        if not packed:  # erased as agreed
            continue
        result = prepare(unpack_body(packed), Label(key.label)).result
        if result is not None:
            yield Feeding(number, body.data_class, result)


def _body(item: Kept, result: ResultRow) -> Body:
    raw_id, record, retrieved_at, data_class, agreement_id = item
    return Body(
        raw_id, record.body_digest, retrieved_at, data_class, agreement_id, result.digest, result.stored_at,
        result.is_clock_trusted, result.is_datable,
    )  # fmt: skip


def _row(number: int, result: ResultRow, standing: Standing) -> Row:
    (atlas_id, probe_id, measured_at, label), _, _, *said, _, _, _ = result
    body, is_conflict, is_in_series = standing
    raw_id, _, retrieved_at, data_class, agreement_id, digest, stored_at, is_clock_trusted, is_datable = body
    return (
        number, raw_id, label, data_class, agreement_id, retrieved_at, atlas_id, probe_id, measured_at, stored_at,
        digest, *said, is_clock_trusted, is_datable, is_conflict, is_in_series,
    )  # fmt: skip
