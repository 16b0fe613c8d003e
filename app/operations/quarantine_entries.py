"""Quarantine entries: a record that could not be used, why, and its text made safe to show."""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from app.operations.result_entries import deliveries_on_the_wire
from app.operations.sight import Sight, provenance_of
from app.store.find_quarantine import QuarantineRow
from app.store.find_results import DeliveryRow
from app.store.records import unpack_body
from measurements.agreements.release import Held
from measurements.results.quarantine import QuarantineReason
from measurements.units import iso

EXCERPT_LENGTH = 200
TEXT_LENGTH = 100_000
_UNSAFE = re.compile(
    r"[^\t\n\r\x20-\x7e\xa1-\ud7ff\ue000-\uffef\U00010000-\U0010fffd]|[\u200b-\u200f\u2028-\u202e\u2066-\u2069]"
)
"""Control characters, and those that change the direction of text or hide in it."""


class QuarantineEntry(NamedTuple):
    """A quarantined record and how it came."""

    row: QuarantineRow
    raw: bytes
    """The record as it was delivered, whatever it is."""
    deliveries: tuple[DeliveryRow, ...]
    held: Held
    """Under which data class and agreement."""

    @property
    def explanation(self) -> str:
        """Why, in words for people who never read a record."""
        reason = self.row.reason
        return QuarantineReason(reason).explanation if reason in set(QuarantineReason) else ""


def read_quarantine_entry(row: QuarantineRow, deliveries: Sequence[DeliveryRow], sight: Sight) -> QuarantineEntry:
    """Unpack a quarantined record."""
    held = sight.as_held(row.label, row.atlas_id, row.data_class, row.agreement_id)
    return QuarantineEntry(row, unpack_body(row.body), tuple(deliveries), held)


def safe_text(raw: bytes, length: int) -> str:
    r"""At most `length` characters of bytes of any kind, what could harm a terminal or a page as `\xNN`."""
    text = raw[: 4 * length].decode("utf-8", errors="backslashreplace")[:length]
    return _UNSAFE.sub(lambda found: found.group().encode("unicode_escape").decode("ascii"), text)


def quarantine_on_the_wire(entry: QuarantineEntry, *, is_whole: bool = False) -> dict[str, Any]:
    """The entry in plain values under the names of the wire; the text whole, or its beginning."""
    row = entry.row
    length = TEXT_LENGTH if is_whole else EXCERPT_LENGTH
    return {
        "id": row.id,
        "reason": row.reason,
        "explanation": entry.explanation,
        "detail": row.detail,
        "atlas_id": row.atlas_id,
        "probe_id": row.probe_id,
        "measured_at": None if row.measured_at is None else iso(row.measured_at),
        "type": row.type,
        "label": row.label,
        **provenance_of(entry.held),
        "retrieved_at": iso(row.retrieved_at),
        "size_bytes": len(entry.raw),
        "text": safe_text(entry.raw, length),
        "is_text_cut": len(entry.raw.decode("utf-8", errors="replace")) > length,
        "sources": deliveries_on_the_wire(entry.deliveries),
    }
