"""Ingest measurement objects of the platform: what is expected, of whom and how often."""

from collections.abc import Sequence

from app.files import Recording
from app.operations.ingest_objects import ObjectsReport, ingest_objects
from app.store.engine import Transaction
from app.store.registry import write_measurements
from measurements.campaigns.measurement import Measurement, read_measurement
from measurements.clock import Clock
from measurements.errors import UnreadableObject
from measurements.objects import Object
from measurements.results.outcome import Label
from measurements.results.parsing import UNSUPPORTED_TYPES

TYPES = UNSUPPORTED_TYPES | {"ping", "traceroute", "dns"}


def ingest_measurements(
    transaction: Transaction, recordings: Sequence[Recording], *, label: Label, clock: Clock
) -> ObjectsReport:
    """Take in measurement objects: API lists, arrays, single objects, one per line. Safe to repeat."""
    return ingest_objects(
        transaction,
        recordings,
        read=_read,
        label_of=lambda _: label,
        write=write_measurements,
        retrieved_at=int(clock.now().timestamp()),
    )


def _read(record: Object) -> Measurement:
    measurement = read_measurement(record)
    if measurement.type not in TYPES:
        raise UnreadableObject("type", f"{measurement.type!r:.50} is no type of measurement")
    return measurement
