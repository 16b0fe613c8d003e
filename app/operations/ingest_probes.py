"""Ingest probe objects of the platform: for which network and country a probe speaks, and since when."""

from collections.abc import Sequence

from app.files import Recording
from app.operations.ingest_objects import ObjectsReport, ingest_objects
from app.store.engine import Transaction
from app.store.registry import write_probes
from measurements.clock import Clock
from measurements.errors import UnreadableObject
from measurements.objects import Object
from measurements.probes import Probe, read_probe
from measurements.results.identity import label_for
from measurements.results.outcome import Label


def ingest_probes(
    transaction: Transaction,
    recordings: Sequence[Recording],
    *,
    label: Label,
    clock: Clock,
    observed_at: int | None = None,
) -> ObjectsReport:
    """Take in probe objects: the daily archive, API lists, arrays, single objects, one per line. Safe to repeat.

    Objects of the archive carry their day; for others `observed_at` is when the platform said so, now unless given.
    """
    retrieved_at = int(clock.now().timestamp())
    at = retrieved_at if observed_at is None else observed_at
    return ingest_objects(
        transaction,
        recordings,
        read=lambda record: _read(record, at),
        label_of=lambda probe: label_for(probe.probe_id, label),
        write=write_probes,
        retrieved_at=retrieved_at,
    )


def _read(record: Object, observed_at: int) -> Probe:
    """Anchors and measurements have an `id` too, of another kind: only probe objects say a country."""
    if "country_code" not in record:
        raise UnreadableObject("country_code", "is missing; this is no probe object")
    return read_probe(record, observed_at)
