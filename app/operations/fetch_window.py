"""Fetch one window of a measurement's results from the platform into the database, halved where it has to be.

Every batch is a unit of work of its own. A window that fails half-way leaves what it brought: the next attempt finds
it there.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http import HTTPStatus

from app.operations.batches import COUNTED, Counts, Source, cut_batches
from app.operations.prepare_records import Preparer
from app.store.engine import Transaction
from app.store.records import Record
from app.store.series import SeriesNumbers
from measurements.atlas.failures import AtlasFailure, CutOff, Phase, TimedOut
from measurements.atlas.gateway import AtlasGateway
from measurements.campaigns.collecting import SHORTEST_OF_SILENCE_S, SHORTEST_S, Window, halves
from measurements.clock import Clock
from measurements.results.outcome import Label


@dataclass(kw_only=True, slots=True)
class Fetched(Counts):
    """What came of asking."""

    n_requests: int = 0
    n_halved: int = 0
    newest: dict[int, int] = field(default_factory=dict)
    """Probe id -> measured last, of what was read."""

    def add(self, other: "Fetched") -> None:
        """Add what came of other questions."""
        for name in (*COUNTED, "n_requests", "n_halved"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.by_reason.update(other.by_reason)
        for probe_id, measured_at in other.newest.items():
            self._heard(probe_id, measured_at)

    def hear(self, records: Iterable[Record]) -> None:
        """Note of whom something was heard, and from when it is."""
        for record in records:
            if record.probe_id is not None and record.measured_at is not None:
                self._heard(record.probe_id, record.measured_at)

    def _heard(self, probe_id: int, measured_at: int) -> None:
        self.newest[probe_id] = max(self.newest.get(probe_id, measured_at), measured_at)


@dataclass(frozen=True, kw_only=True, slots=True)
class Fetcher:
    """Everything that fetching needs, made once for many windows."""

    transaction: Transaction
    atlas: AtlasGateway
    clock: Clock
    preparer: Preparer
    label: Label
    origin: str
    """The address of the platform, by which a delivery names its source."""
    series: SeriesNumbers = field(default_factory=SeriesNumbers)
    on_batch: Callable[[Fetched], None] = lambda _: None
    """Called before every question and after every batch: a lease is renewed, a bar moves on, or it raises to stop."""

    def fetch(self, atlas_id: int, window: Window, fetched: Fetched) -> None:
        """Fetch a window. Raises the `AtlasFailure` of a window that is too short to be halved, or cannot help it."""
        try:
            self._fetch(atlas_id, window, fetched)
        except AtlasFailure as failure:
            least_s = _least_worth_asking_for_s(failure)
            parts = None if least_s is None else halves(window, int(self.clock.now().timestamp()), least_s)
            if parts is None:
                raise
            fetched.n_halved += 1
            for part in parts:
                self.fetch(atlas_id, part, fetched)

    def write_lines(self, kind: str, lines: list[bytes], fetched: Fetched) -> None:
        """Write results that came in another way than by asking."""
        for _, records in self.preparer.prepare([lines], self._jobs):
            self._write(kind, f"{self.origin}/{kind}", records, fetched)

    def _fetch(self, atlas_id: int, window: Window, fetched: Fetched) -> None:
        fetched.n_requests += 1
        self.on_batch(fetched)
        with self.atlas.results(
            atlas_id, start_at=window.from_at, stop_at=window.to_at, probe_ids=window.probe_ids
        ) as lines:
            for _, records in self.preparer.prepare(cut_batches(lines), self._jobs):
                self._write("atlas", f"{self.origin}/measurements/{atlas_id}/results", records, fetched)
                self.on_batch(fetched)

    def _jobs(self, lines: list[bytes]) -> list[tuple[bytes, Label]]:
        return [(line, self.label) for line in lines]

    def _write(self, kind: str, name: str, records: list[Record], fetched: Fetched) -> None:
        retrieved_at = int(self.clock.now().timestamp())
        source = Source(kind=kind, name=name, is_repeating=True)
        with self.transaction() as connection:
            tally = source.write(connection, records, retrieved_at, self.series)
        fetched.count(tally, len(records))
        fetched.hear(records)


def _least_worth_asking_for_s(failure: AtlasFailure) -> int | None:
    """How short the halves of a window that failed like this may be; None where half as much would fail alike."""
    is_silence = isinstance(failure, TimedOut) and failure.phase is Phase.WAIT
    if is_silence or failure.status == HTTPStatus.GATEWAY_TIMEOUT:
        return SHORTEST_OF_SILENCE_S
    is_cut = isinstance(failure, CutOff | TimedOut) and failure.phase in (Phase.READ, Phase.DECODE)
    return SHORTEST_S if is_cut else None
