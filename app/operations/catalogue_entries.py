"""Targets of the catalogue as they are told, with what waits to be said of them."""

from typing import Any

from app.operations.designate import ETAG_CHARACTERS
from measurements.agreements.catalogue import CatalogueEntry, Consent
from measurements.agreements.protection import Loosening
from measurements.canonical import digest_of
from measurements.units import iso

INSTANTS = ("drifted_at", "review_at", "opted_out_at", "notified_at", "looked_at", "opted_in_at")
LOOKED = frozenset({"drifted_at", "looked_at", "seen_addresses", "is_review_due"})
"""What the worker sees, and nobody says."""


def catalogue_entry(entry: CatalogueEntry, now: int) -> dict[str, Any]:
    """The entry in plain values under the names of the wire."""
    seen = entry.seen_addresses
    return {
        **entry._asdict(),
        "consent": entry.consent and _consent(entry.consent),
        "publicness": entry.publicness.value,
        "owner_party": entry.owner_party and entry.owner_party.value,
        "allowed_types": sorted(entry.allowed_types),
        "pinned_addresses": sorted(entry.pinned_addresses),
        "seen_addresses": None if seen is None else sorted(seen),
        "max_packets_per_s": str(entry.max_packets_per_s),
        **{name: _moment(getattr(entry, name)) for name in INSTANTS},
        "is_review_due": entry.review_at <= now,
    }


def waiting_entry(loosening: Loosening | None) -> dict[str, Any] | None:
    """What waits to be confirmed, in plain values; None where nothing does."""
    if loosening is None:
        return None
    return {
        "number": loosening.number,
        "proposed_at": iso(loosening.proposed_at),
        "party": loosening.party and loosening.party.value,
        "changes": changes(loosening.before, loosening.after),
    }


def changes(before: CatalogueEntry, after: CatalogueEntry) -> list[dict[str, Any]]:
    """What is said otherwise of a target, each field with what was said of it before."""
    was, now = catalogue_entry(before, 0), catalogue_entry(after, 0)
    return [
        {"field": name, "before": was[name], "after": now[name]}
        for name in CatalogueEntry._fields
        if was[name] != now[name]
    ]


def etag_of(entry: CatalogueEntry) -> str:
    """A word that is another one after every change (RFC 9110, 8.8.3), with its quotes."""
    return f'"{digest_of(catalogue_entry(entry, 0))[:ETAG_CHARACTERS]}"'


def basis_of(entry: CatalogueEntry) -> str:
    """Digest of all that people have said of a target."""
    return digest_of({name: value for name, value in catalogue_entry(entry, 0).items() if name not in LOOKED})


def _consent(consent: Consent) -> dict[str, Any]:
    return {
        "reference": consent.reference,
        "from_at": iso(consent.from_at),
        "until_at": _moment(consent.until_at),
    }


def _moment(at: int | None) -> str | None:
    return None if at is None else iso(at)
