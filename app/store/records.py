"""A record on its way into the database: what was read of it, packed as the tables hold it."""

from typing import Any, NamedTuple

from app.compression import compress, decompress
from measurements.canonical import storable
from measurements.results.identity import body_digest
from measurements.results.outcome import Label
from measurements.results.reading import Reading, read_record
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
    return unflatten(prepare_flat(body, asked))


def prepare_flat(body: bytes, asked: Label) -> Row:
    """The same in plain tuples: a process hands those over several times faster than named ones."""
    reading = read_record(body, asked)
    status, label, *said, digest, _ = reading
    return (str(label), body_digest(body), compress(body), str(status), *said, digest or None, _result_row(reading))


def unflatten(row: Row) -> Record:
    """The record that `prepare_flat` gave in plain tuples."""
    *fields, result = row
    if result is not None:
        key, *rest, samples = result
        result = ResultRow._make((Key._make(key), *rest, tuple(map(SampleRow._make, samples))))
    return Record._make((*fields, result))


def unpack_body(body: bytes) -> bytes:
    """The record as it was delivered. From any thread."""
    return decompress(body)


def _result_row(reading: Reading) -> Row | None:
    """The fields of ResultRow."""
    result = reading.result
    if result is None:
        return None
    subject = subject_of(result)
    is_datable = result.feeds_series
    return (
        (result.atlas_id, result.probe_id, result.measured_at, str(reading.label)),
        reading.digest,
        reading.stored_at,
        result.type,
        storable(subject.target),
        None if result.destination is None else storable(result.destination),
        subject.address_family,
        subject.protocol,
        str(result.outcome),
        result.is_clock_trusted,
        is_datable,
        tuple(map(_sample_row, samples_of(result, subject))) if is_datable else (),
    )


def _sample_row(sample: Sample) -> Row:
    """The fields of SampleRow."""
    ordinal, target, address_family, protocol, n_sent, n_received, n_success, rtts_ms, hop_count, instance = sample
    return (
        storable(target),
        address_family,
        storable(protocol),
        ordinal,
        n_sent,
        n_received,
        n_success,
        pack_rtts(rtts_ms) if rtts_ms else None,
        hop_count,
        None if instance is None else storable(instance),
    )
