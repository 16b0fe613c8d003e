"""Where the time of an ingest goes: each stage alone, in one process, on the same records."""

import pickle
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import orjson

from app.files import find_recordings, read_blocks
from app.store.engine import create_engine_for, writing
from app.store.migrate import upgrade
from app.store.raw import Delivery, source_number
from app.store.records import Record, Row, prepare, prepare_flat, unflatten
from app.store.series import SeriesNumbers
from app.store.writer import write_batch
from measurements.results.outcome import Label
from measurements.results.parsing import parse
from measurements.results.reading import read_record
from measurements.results.splitting import split_records

T = TypeVar("T")
BATCH_RECORDS = 2_000


def stages(recording: Path, folder: Path) -> dict[str, float]:
    """Microseconds per record that each stage takes, of all records in a file; on a new SQLite file in `folder`."""
    pieces, cutting = _timed(lambda: _cut(recording))
    decoded = [orjson.loads(piece) for piece in pieces]
    _, parsing = _timed(lambda: [parse(record) for record in decoded])
    _, reading = _timed(lambda: [read_record(piece, Label.MEASURED) for piece in pieces])
    records, preparing = _timed(lambda: [prepare(piece, Label.MEASURED) for piece in pieces])
    flat = [prepare_flat(piece, Label.MEASURED) for piece in pieces]
    _, handing = _timed(lambda: _hand_over(flat))
    _, writing_s = _timed(lambda: _write(records, f"sqlite:///{folder / 'stages.db'}"))
    seconds = {
        "cutting the file": cutting,
        "JSON, identity": reading - parsing,
        "parsing": parsing,
        "compressing, packing": preparing - reading,
        "handing over": handing,
        "writing": writing_s,
    }
    return {name: spent / len(pieces) * 1e6 for name, spent in seconds.items()}


def told(spent: Mapping[str, float]) -> str:
    """The stages in words."""
    return "µs per record: " + ", ".join(f"{name} {value:.0f}" for name, value in spent.items())


def _timed(work: Callable[[], T]) -> tuple[T, float]:
    started = time.perf_counter()
    return work(), time.perf_counter() - started


def _cut(recording: Path) -> list[bytes]:
    return list(split_records(read_blocks(find_recordings([str(recording)])[0], lambda _: None)))


def _batches(records: Sequence[T]) -> list[Sequence[T]]:
    return [records[start : start + BATCH_RECORDS] for start in range(0, len(records), BATCH_RECORDS)]


def _hand_over(records: Sequence[Row]) -> None:
    """What it costs that another process prepared them."""
    for batch in _batches(records):
        packed = pickle.dumps(batch)
        [unflatten(row) for row in pickle.loads(packed)]  # noqa: S301 - our own, made on the line above


def _write(records: Sequence[Record], url: str) -> None:
    upgrade(url)
    engine, series = create_engine_for(url), SeriesNumbers()
    for batch in _batches(records):
        with writing(engine) as connection:
            write_batch(connection, batch, Delivery(source_number(connection, "file", "bench"), 0), series)
    engine.dispose()
