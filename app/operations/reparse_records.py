"""Reparse: rebuild everything from the raw records and say what changed; or try quarantined records again."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from sqlalchemy import Connection

from app.operations.prepare_records import Job, Preparer
from app.store.rebuild import Changes, RawRow, compare, read_raw, replay, set_aside, update_raw
from app.store.records import Record, unpack_body
from app.store.series import SeriesNumbers
from app.store.writer import Kept, write_results
from measurements.clock import Clock
from measurements.results.outcome import Label
from measurements.results.quarantine import QuarantineReason
from measurements.results.splitting import Piece

BATCH_RECORDS = 2_000
CUT_OFF = frozenset({QuarantineReason.TRUNCATED.value, QuarantineReason.TOO_LARGE.value})
"""Reasons that say how a record was delivered, which its bytes alone do not show."""


@dataclass(kw_only=True, slots=True)
class ReparseReport:
    """What a reparse found. `by_status` counts records by `before>now`, of those that are read differently."""

    read: int = 0
    by_status: Counter[str] = field(default_factory=Counter)
    changes: Changes | None = None
    seconds: float = 0.0


def reparse_records(
    connection: Connection, *, clock: Clock, preparer: Preparer, on_progress: Callable[[int], None] = lambda _: None
) -> ReparseReport:
    """Rebuild results, samples and bins from all raw records, in the caller's unit of work: all of it, or nothing.

    Readers go on seeing what was there before; other writers wait.
    """
    started = clock.monotonic()
    report = ReparseReport()
    series = SeriesNumbers()
    set_aside(connection)
    for rows, records in _prepared(preparer, read_raw(connection, BATCH_RECORDS)):
        report.by_status.update(replay(connection, rows, records, series))
        report.read += len(rows)
        on_progress(report.read)
    report.changes = compare(connection)
    report.seconds = clock.monotonic() - started
    return report


def retry_quarantine(connection: Connection, *, clock: Clock, preparer: Preparer) -> ReparseReport:
    """Read every quarantined record again, in the caller's unit of work; those that can be read now become results."""
    started = clock.monotonic()
    report = ReparseReport()
    series = SeriesNumbers()
    for rows, records in _prepared(preparer, read_raw(connection, BATCH_RECORDS, is_kept_too=False)):
        report.by_status.update(update_raw(connection, rows, records))
        report.read += len(rows)
        _take_in(connection, rows, records, series)
    report.seconds = clock.monotonic() - started
    return report


def _take_in(connection: Connection, rows: list[RawRow], records: list[Record], series: SeriesNumbers) -> None:
    kept = [Kept(row.id, record, row.retrieved_at, row.data_class) for row, record in zip(rows, records, strict=True)]
    write_results(connection, kept, series)


def _prepared(preparer: Preparer, batches: Iterable[list[RawRow]]) -> Iterable[tuple[list[RawRow], list[Record]]]:
    return preparer.prepare(batches, lambda rows: list(map(_job, rows)))


def _job(row: RawRow) -> Job:
    return Piece(unpack_body(row.body), is_whole=row.fields[1] not in CUT_OFF), Label(row.label)
