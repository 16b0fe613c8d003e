"""Writes batches of records: raw first, then results, samples and bins, all in one unit of work.

The same records in any order, in any batches, from any number of processes leave the same rows behind.
"""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection

from app.store.raw import Delivery, write_raw
from app.store.records import Record
from app.store.results import write_results
from app.store.samples import move_samples
from app.store.series import SeriesNumbers, name_agreements
from measurements.results.outcome import RecordStatus
from measurements.results.quarantine import QuarantineReason


class Tally(NamedTuple):
    """What became of a batch: `read = kept + duplicate + quarantined + unsupported`.

    A body that was held before is a duplicate if a result was read from it, and stays quarantined or unsupported if
    that is what it is. One that an older version put aside and this one can read is taken in, and counts as kept.
    """

    kept: int
    duplicate: int
    quarantined: int
    unsupported: int
    by_reason: Counter[str]
    """The quarantined ones."""

    def plus(self, other: "Tally") -> "Tally":
        """Both together."""
        return Tally(
            self.kept + other.kept,
            self.duplicate + other.duplicate,
            self.quarantined + other.quarantined,
            self.unsupported + other.unsupported,
            self.by_reason + other.by_reason,
        )

    def with_erased(self, n: int) -> "Tally":
        """With records of which nothing is kept, since they were erased as agreed: quarantined without a trace."""
        if not n:
            return self
        by_reason = self.by_reason + Counter({QuarantineReason.ERASED.value: n})
        return self._replace(quarantined=self.quarantined + n, by_reason=by_reason)


NOTHING = Tally(0, 0, 0, 0, Counter())


def write_batch(connection: Connection, records: Sequence[Record], delivery: Delivery, series: SeriesNumbers) -> Tally:
    """Write one batch inside the caller's unit of work and say what became of it."""
    arrival = write_raw(connection, records, delivery)
    for data_class, result_ids in arrival.tightened.items():
        move_samples(connection, result_ids, data_class, series)
    if arrival.tightened:
        name_agreements(connection)
    kept = write_results(connection, arrival.unused, series)
    return Tally(
        kept=kept,
        duplicate=arrival.by_status[RecordStatus.KEPT] - kept,
        quarantined=arrival.by_status[RecordStatus.QUARANTINED],
        unsupported=arrival.by_status[RecordStatus.UNSUPPORTED],
        by_reason=arrival.by_reason,
    )
