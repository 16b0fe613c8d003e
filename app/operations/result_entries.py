"""Result entries: one result as it goes over the wire, its parts read from the raw record again."""

from collections.abc import Sequence
from statistics import fmean
from typing import Any, NamedTuple

import orjson

from app.operations.sight import Sight, provenance_of
from app.store.find_results import DeliveryRow, FoundResult
from app.store.records import unpack_body
from measurements.agreements.release import Held
from measurements.errors import UnreadableResult
from measurements.estimators import TooFew, median
from measurements.results.parsing import parse
from measurements.results.result import Dns, Ping, Result, Traceroute
from measurements.series.sample import is_possible_interception
from measurements.units import iso


class ResultEntry(NamedTuple):
    """A result, what it says, and how it came."""

    row: FoundResult
    raw: bytes
    """The record as it was delivered: one JSON object. Nothing where it was erased, as its agreement says."""
    result: Result | None
    """What it says; None where it was erased, or this version of the code reads it no longer, until `rasad reparse`."""
    deliveries: tuple[DeliveryRow, ...]
    held: Held
    """Under which data class and agreement."""

    @property
    def flags(self) -> list[str]:
        """What to know before using it, in fixed words."""
        row = self.row
        found = {
            "conflict": row.is_conflict,
            "clock_not_trusted": not row.is_clock_trusted,
            "not_in_series": not row.is_in_series,
            "possible_interception": self.result is not None and is_possible_interception(self.result),
            "needs_reparse": self.result is None and bool(self.raw),
            "raw_erased": not self.raw,
        }
        return [flag for flag, is_raised in found.items() if is_raised]


def held_as(sight: Sight, row: FoundResult) -> Held:
    """As what a result is held."""
    return sight.as_held(row.label, row.atlas_id, row.data_class, row.agreement_id)


def read_entry(row: FoundResult, deliveries: Sequence[DeliveryRow], held: Held) -> ResultEntry:
    """Read the parts of a result from its raw record."""
    if not row.body:
        return ResultEntry(row, b"", None, tuple(deliveries), held)
    raw = unpack_body(row.body)
    try:
        result = parse(orjson.loads(raw))
    except UnreadableResult:
        result = None
    return ResultEntry(row, raw, result, tuple(deliveries), held)


def entry_on_the_wire(entry: ResultEntry) -> dict[str, Any]:
    """The entry in plain values under the names of the wire; instants as ISO 8601, milliseconds unrounded."""
    row = entry.row
    return {
        "id": row.id,
        "atlas_id": row.atlas_id,
        "probe_id": row.probe_id,
        "measured_at": iso(row.measured_at),
        "type": row.type,
        "target": row.target,
        "destination": row.destination,
        "address_family": row.address_family or None,
        "protocol": row.protocol or None,
        "outcome": row.outcome,
        "error": entry.result.error if entry.result else None,
        **(_parts(entry.result) if entry.result else {}),
        "flags": entry.flags,
        "label": row.label,
        **provenance_of(entry.held),
        "stored_at": None if row.stored_at is None else iso(row.stored_at),
        "retrieved_at": iso(row.retrieved_at),
        "sources": deliveries_on_the_wire(entry.deliveries),
    }


def deliveries_on_the_wire(deliveries: Sequence[DeliveryRow]) -> list[dict[str, Any]]:
    """Where a record came from, and when, in plain values."""
    return [{**delivery._asdict(), "retrieved_at": iso(delivery.retrieved_at)} for delivery in deliveries]


def _parts(result: Result) -> dict[str, Any]:
    detail = result.detail
    if isinstance(detail, Ping):
        return _ping(detail)
    if isinstance(detail, Traceroute):
        return _traceroute(detail)
    return _dns(detail)


def _ping(ping: Ping) -> dict[str, Any]:
    rtts = sorted(ping.rtts_ms)
    middle = median(rtts)
    return {
        "n_sent": ping.n_sent,
        "n_received": ping.n_received,
        "n_duplicates": ping.n_duplicates,
        "n_send_errors": ping.n_send_errors,
        "rtt_min_ms": rtts[0] if rtts else None,
        "rtt_mean_ms": fmean(rtts) if rtts else None,
        "rtt_median_ms": None if isinstance(middle, TooFew) else middle,
        "rtt_max_ms": rtts[-1] if rtts else None,
    }


def _traceroute(path: Traceroute) -> dict[str, Any]:
    return {
        "is_destination_reached": path.is_destination_reached,
        "hop_count": path.hop_count,
        "last_rtt_ms": path.last_rtt_ms,
        "hops": [{**hop._asdict(), "replies": [reply._asdict() for reply in hop.replies]} for hop in path.hops],
    }


def _dns(dns: Dns) -> dict[str, Any]:
    return {
        "is_by_probe_resolver": dns.is_by_probe_resolver,
        "answers": [answer._asdict() for answer in dns.answers],
    }
