"""Batches: how large they are, how one is written, and what is counted of it; alike for files, polls and the stream."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from app.operations.hold_to_consent import Covered, Measured, find_covered, hold_to_consent, measured
from app.operations.refuse_erased import refuse_erased
from app.store.raw import Delivery, source_number
from app.store.records import Record
from app.store.series import SeriesNumbers
from app.store.writer import NOTHING, Tally, write_batch
from measurements.results.outcome import DataClass

BATCH_RECORDS = 4_000
BATCH_BYTES = 4 * 1024 * 1024
"""A batch is closed by whichever comes first, so that memory stays flat whatever the records. A smaller one would
commit the same pages of the database's indexes more often."""
COUNTED = ("read", "kept", "duplicate", "quarantined", "unsupported")


@dataclass(kw_only=True, slots=True)
class Counts:
    """What became of records: `read = kept + duplicate + quarantined + unsupported`."""

    read: int = 0
    kept: int = 0
    duplicate: int = 0
    quarantined: int = 0
    unsupported: int = 0
    by_reason: Counter[str] = field(default_factory=Counter)
    """The quarantined ones."""

    def count(self, tally: Tally, n_read: int) -> None:
        """Add a batch of so many records."""
        self.read += n_read
        self.kept += tally.kept
        self.duplicate += tally.duplicate
        self.quarantined += tally.quarantined
        self.unsupported += tally.unsupported
        self.by_reason.update(tally.by_reason)


def cut_batches(bodies: Iterable[bytes]) -> Iterator[list[bytes]]:
    """Batches of the records, in their order."""
    batch: list[bytes] = []
    n_bytes = 0
    for body in bodies:
        batch.append(body)
        n_bytes += len(body)
        if len(batch) >= BATCH_RECORDS or n_bytes >= BATCH_BYTES:
            yield batch
            batch, n_bytes = [], 0
    if batch:
        yield batch


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """Where a batch comes from, and as what it is held."""

    kind: str
    name: str
    data_class: DataClass = DataClass.PUBLIC
    is_repeating: bool = False
    """Whether it gives the same again and again, as the platform does when it is asked."""

    def write(
        self, connection: Connection, records: Sequence[Record], retrieved_at: int, series: SeriesNumbers
    ) -> Tally:
        """Write a batch inside the caller's unit of work. What was measured under an agreement is held under it."""
        source_id = source_number(connection, self.kind, self.name)
        may_stay = refuse_erased(connection, records, retrieved_at)
        covered = find_covered(connection, may_stay)
        tally = NOTHING.with_erased(len(records) - len(may_stay))
        for held_as, part in self._parts(hold_to_consent(may_stay, covered), covered).items():
            delivery = Delivery(source_id, retrieved_at, *held_as, is_repeating=self.is_repeating)
            tally = tally.plus(write_batch(connection, part, delivery, series))
        return tally

    def _parts(
        self, records: list[Record], covered: Mapping[Measured, Covered]
    ) -> dict[tuple[DataClass, int | None], list[Record]]:
        """The records by data class and agreement."""
        if not covered:
            return {(self.data_class, None): records}
        parts: dict[tuple[DataClass, int | None], list[Record]] = {}
        for record in records:
            cover = covered.get(measured(record))
            held_as: tuple[DataClass, int | None] = (self.data_class, None)
            if cover is not None:
                held_as = max(self.data_class, cover.data_class, key=lambda each: each.strictness), cover.agreement_id
            parts.setdefault(held_as, []).append(record)
        return parts
