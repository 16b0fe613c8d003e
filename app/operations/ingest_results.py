"""Ingest: recordings in, results, samples and bins out, in batches that each stand or fall alone.

Reading and understanding is spread over processes; writing is done by this one, in order. What a batch
left behind is complete, so an ingest that was cut off is finished by running it again.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import NamedTuple

from app.files import Recording, read_blocks
from app.operations.batches import Counts, Source, cut_batches
from app.operations.hold_back import hold_back
from app.operations.prepare_records import Preparer
from app.store.engine import Transaction
from app.store.series import SeriesNumbers
from measurements.clock import Clock
from measurements.errors import UnreadableFile
from measurements.results.outcome import DataClass, Label
from measurements.results.reading import looks_like_result
from measurements.results.splitting import split_records


class FileNote(NamedTuple):
    """A file that was not ingested to its end, and why."""

    name: str
    status: str
    """`skipped` (holds no result at all) or `failed` (could not be read to its end)."""
    reason: str


class Progress(NamedTuple):
    """How far an ingest is. Bytes are as stored, so compressed; 0 in total when the size is unknown."""

    n_read: int
    done_bytes: int
    total_bytes: int
    name: str


@dataclass(kw_only=True, slots=True)
class IngestReport(Counts):
    """What an ingest did."""

    by_type: Counter[str] = field(default_factory=Counter)
    by_label: Counter[str] = field(default_factory=Counter)
    n_files: int = 0
    notes: list[FileNote] = field(default_factory=list)
    seconds: float = 0.0


class _Batch(NamedTuple):
    recording: Recording
    bodies: list[bytes]
    done_bytes: int


@dataclass(kw_only=True, slots=True)
class _Reader:
    """Cuts recordings into batches, and notes what could not be read."""

    recordings: Sequence[Recording]
    report: IngestReport
    done_bytes: int = 0

    def batches(self) -> Iterator[_Batch]:
        for recording in self.recordings:
            start = self.done_bytes
            try:
                if recording.is_stream:
                    yield from self._unless_empty(recording, self._cut(recording, start))
                elif self._holds_results(recording):
                    self.report.n_files += 1
                    yield from self._cut(recording, start)
                else:
                    self._skip(recording)
            except UnreadableFile as error:
                self.report.notes.append(
                    FileNote(recording.name, "failed", str(error).removeprefix(f"{recording.name}: "))
                )
            self.done_bytes = start + recording.size_bytes

    def _skip(self, recording: Recording) -> None:
        self.report.notes.append(FileNote(recording.name, "skipped", "holds no result"))

    def _unless_empty(self, recording: Recording, batches: Iterator[_Batch]) -> Iterator[_Batch]:
        """A stream can be read only once: whether it holds a result is known when its first batch comes, or none."""
        first = next(batches, None)
        if first is None:
            self._skip(recording)
            return
        self.report.n_files += 1
        yield from chain((first,), batches)

    def _cut(self, recording: Recording, start: int) -> Iterator[_Batch]:
        """Batches up to the end, or to where the file is damaged; what was cut off there is a record too."""
        damage: list[UnreadableFile] = []
        for bodies in cut_batches(self._split(recording, start, damage)):
            yield _Batch(recording, bodies, self.done_bytes)
        if damage:
            raise damage[0]

    def _split(self, recording: Recording, start: int, damage: list[UnreadableFile]) -> Iterator[bytes]:
        def advance(position: int) -> None:
            self.done_bytes = start + position

        bodies = split_records(_up_to_damage(read_blocks(recording, advance), damage))
        return hold_back(bodies) if recording.is_stream else bodies

    @staticmethod
    def _holds_results(recording: Recording) -> bool:
        return any(map(looks_like_result, split_records(read_blocks(recording, lambda _: None))))


def _up_to_damage(blocks: Iterator[bytes], damage: list[UnreadableFile]) -> Iterator[bytes]:
    """The blocks, and their end where the file is damaged; why is noted."""
    try:
        yield from blocks
    except UnreadableFile as error:
        damage.append(error)


def ingest_results(
    transaction: Transaction,
    recordings: Sequence[Recording],
    *,
    label: Label,
    clock: Clock,
    preparer: Preparer,
    data_class: DataClass = DataClass.PUBLIC,
    on_progress: Callable[[Progress], None] = lambda _: None,
    report: IngestReport | None = None,
) -> IngestReport:
    """Ingest recordings and say what became of every record; each batch is a unit of work.

    What is made of the records is held under their data class. Safe to repeat, and to run beside another. A `report`
    handed in is kept up to date, for whoever may interrupt.
    """
    started = clock.monotonic()
    report = report or IngestReport()
    reader = _Reader(recordings=recordings, report=report)
    series = SeriesNumbers()
    total_bytes = sum(recording.size_bytes for recording in recordings)
    for batch, records in preparer.prepare(reader.batches(), lambda batch: [(body, label) for body in batch.bodies]):
        source = Source(
            kind="stdin" if batch.recording.path is None else "file", name=batch.recording.name, data_class=data_class
        )
        retrieved_at = int(clock.now().timestamp())
        with transaction() as connection:
            tally = source.write(connection, records, retrieved_at, series)
        report.count(tally, len(records))
        report.by_label.update(record.label for record in records)
        report.by_type.update(record.type or "unknown" for record in records)
        on_progress(Progress(report.read, batch.done_bytes, total_bytes, batch.recording.name))
    report.seconds = clock.monotonic() - started
    return report
