"""A record on its way into the database: what was read of it, packed as the tables hold it."""

from typing import Any, NamedTuple

from app.compression import compress, decompress
from measurements.results.identity import body_digest
from measurements.results.outcome import Label
from measurements.results.reading import Reading, read_record, storable
from measurements.series.bins import pack_rtts
from measurements.series.sample import Sample, samples_of, subject_of

Row = tuple[Any, ...]


class SampleRow(NamedTuple):
    """A sample without the keys that the database gives it."""

    target: str
    address_family: int
    protocol: str
    ordinal: int
    n_sent: int
    n_received: int
    n_success: int
    rtts: bytes | None
    hop_count: int | None
    instance: str | None


class Key(NamedTuple):
    """What names a result on the platform, beside its label."""

    atlas_id: int
    probe_id: int
    measured_at: int
    label: str


class ResultRow(NamedTuple):
    """A result without the keys that the database gives it."""

    key: Key
    digest: bytes
    stored_at: int | None
    type: str
    target: str
    destination: str | None
    address_family: int
    protocol: str
    outcome: str
    is_clock_trusted: bool
    is_datable: bool
    """Whether it may feed a series; of one that may not there are no samples."""
    samples: tuple[SampleRow, ...]
    """None of a result that feeds no series."""


class Record(NamedTuple):
    """One record: verbatim and compressed, its identity, and what it says if it could be read."""

    label: str
    body_digest: bytes
    body: bytes
    status: str
    reason: str | None
    detail: str | None
    type: str | None
    atlas_id: int | None
    probe_id: int | None
    measured_at: int | None
    stored_at: int | None
    digest: bytes | None
    result: ResultRow | None


def prepare(body: bytes, asked: Label) -> Record:
    """Read and pack one record; all that is costly happens here, outside the database."""
    reading = read_record(body, asked)
    return Record(
        label=reading.label.value,
        body_digest=body_digest(body),
        body=compress(body),
        status=reading.status.value,
        reason=reading.reason,
        detail=reading.detail,
        type=reading.type,
        atlas_id=reading.atlas_id,
        probe_id=reading.probe_id,
        measured_at=reading.measured_at,
        stored_at=reading.stored_at,
        digest=reading.digest or None,
        result=_result_row(reading),
    )


def flatten(record: Record) -> Row:
    """The record as plain tuples: a process hands those over several times faster than named ones."""
    result = record.result
    if result is None:
        return tuple(record)
    return (*record[:-1], (tuple(result.key), *result[1:-1], tuple(map(tuple, result.samples))))


def unflatten(row: Row) -> Record:
    """The record that `flatten` made plain."""
    *fields, result = row
    if result is not None:
        key, *rest, samples = result
        result = ResultRow._make((Key._make(key), *rest, tuple(map(SampleRow._make, samples))))
    return Record._make((*fields, result))


def unpack_body(body: bytes) -> bytes:
    """The record as it was delivered. From any thread."""
    return decompress(body)


def _result_row(reading: Reading) -> ResultRow | None:
    result = reading.result
    if result is None:
        return None
    subject = subject_of(result)
    return ResultRow(
        key=Key(result.atlas_id, result.probe_id, result.measured_at, reading.label.value),
        digest=reading.digest,
        stored_at=reading.stored_at,
        type=result.type,
        target=storable(subject.target),
        destination=None if result.destination is None else storable(result.destination),
        address_family=subject.address_family,
        protocol=subject.protocol,
        outcome=result.outcome.value,
        is_clock_trusted=result.is_clock_trusted,
        is_datable=result.feeds_series,
        samples=tuple(map(_sample_row, samples_of(result))) if result.feeds_series else (),
    )


def _sample_row(sample: Sample) -> SampleRow:
    return SampleRow(
        storable(sample.target),
        sample.address_family,
        storable(sample.protocol),
        sample.ordinal,
        sample.n_sent,
        sample.n_received,
        sample.n_success,
        pack_rtts(sample.rtts_ms) if sample.rtts_ms else None,
        sample.hop_count,
        None if sample.instance is None else storable(sample.instance),
    )
