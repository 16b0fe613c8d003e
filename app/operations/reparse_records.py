"""Reparse: rebuild everything from the raw records and say what changed; or try quarantined records again."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from sqlalchemy import Connection

from app.operations.hold_to_consent import Consents, find_covered, hold_to_consent
from app.operations.prepare_records import Job, Preparer
from app.store.rebuild import Changes, RawRow, finish, read_raw, replay, set_aside, take_in, update_raw
from app.store.records import Record, unpack_body
from app.store.series import SeriesNumbers
from measurements.clock import Clock
from measurements.results.outcome import Label

BATCH_RECORDS = 2_000


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
    """Rebuild all that is derived from raw records, in the caller's unit of work: all of it, or nothing.

    Readers go on seeing what was there before; other writers wait.
    """
    started = clock.monotonic()
    report = ReparseReport()
    series = SeriesNumbers()
    aside = set_aside(connection)
    for rows, records in _prepared(connection, preparer, read_raw(connection, BATCH_RECORDS)):
        report.by_status.update(replay(connection, rows, records, series, aside))
        report.read += len(rows)
        on_progress(report.read)
    report.changes = finish(connection, aside)
    report.seconds = clock.monotonic() - started
    return report


def retry_quarantine(connection: Connection, *, clock: Clock, preparer: Preparer) -> ReparseReport:
    """Read every quarantined record again, in the caller's unit of work; those that can be read now become results."""
    started = clock.monotonic()
    report = ReparseReport()
    series = SeriesNumbers()
    for rows, records in _prepared(connection, preparer, read_raw(connection, BATCH_RECORDS, is_kept_too=False)):
        report.by_status.update(update_raw(connection, rows, records))
        report.read += len(rows)
        take_in(connection, rows, records, series)
    report.seconds = clock.monotonic() - started
    return report


def _prepared(
    connection: Connection, preparer: Preparer, batches: Iterable[list[RawRow]]
) -> Iterator[tuple[list[RawRow], list[Record]]]:
    consents = Consents(connection)
    for rows, records in preparer.prepare(batches, lambda rows: list(map(_job, rows))):
        yield rows, hold_to_consent(records, find_covered(connection, records, consents))


def _job(row: RawRow) -> Job:
    return unpack_body(row.body), Label(row.label)
