"""The catalogue of targets that may be named on a card."""

from decimal import Decimal
from typing import Any

import orjson
from sqlalchemy import Connection, insert, select

from app.store import tables
from measurements.agreements.catalogue import CatalogueEntry, Consent, Publicness, Said
from measurements.agreements.parties import Party


def find_entries(connection: Connection) -> list[CatalogueEntry]:
    """All of them, by name."""
    rows = connection.execute(select(tables.catalogue).order_by(tables.catalogue.c.name))
    return [entry_of(row, row.looked_at) for row in rows]


def find_entry(connection: Connection, name: str) -> CatalogueEntry | None:
    """One of them; None where no target has that name."""
    row = connection.execute(select(tables.catalogue).where(tables.catalogue.c.name == name)).first()
    return None if row is None else entry_of(row, row.looked_at)


def find_history(connection: Connection) -> tuple[Said, ...]:
    """All that the catalogue ever said of targets, in the order in which it did. The database keeps it by itself."""
    rows = connection.execute(select(tables.catalogue_states).order_by(tables.catalogue_states.c.id))
    return tuple(Said(row.from_at, entry_of(row, looked_at=None)) for row in rows)


def put_entry(connection: Connection, entry: CatalogueEntry, changed_at: int) -> None:
    """Add a target, or say otherwise of one."""
    row = row_of(entry) | {"changed_at": changed_at}
    held = tables.catalogue.c.name == entry.name
    if not connection.execute(tables.catalogue.update().where(held).values(row)).rowcount:
        connection.execute(insert(tables.catalogue).values(row))


def row_of(entry: CatalogueEntry) -> dict[str, Any]:
    """The entry as it is kept."""
    plain = entry._asdict()
    consent: Consent | None = plain.pop("consent")
    return {
        **plain,
        "consent_reference": consent and consent.reference,
        "consent_from_at": consent and consent.from_at,
        "consent_until_at": consent and consent.until_at,
        "allowed_types": _written(entry.allowed_types),
        "pinned_addresses": _written(entry.pinned_addresses),
        "seen_addresses": None if entry.seen_addresses is None else _written(entry.seen_addresses),
        "max_packets_per_s": str(entry.max_packets_per_s),
    }


def entry_of(row: Any, looked_at: int | None) -> CatalogueEntry:
    """The entry that is kept as a row, or was."""
    consent = None
    if row.consent_reference is not None:
        consent = Consent(row.consent_reference, row.consent_from_at, row.consent_until_at)
    return CatalogueEntry(
        name=row.name,
        publicness=Publicness(row.publicness),
        owner=row.owner,
        owner_party=None if row.owner_party is None else Party(row.owner_party),
        contact=row.contact,
        consent=consent,
        allowed_types=frozenset(orjson.loads(row.allowed_types)),
        max_packets_per_s=Decimal(row.max_packets_per_s),
        is_tajik=row.is_tajik,
        pinned_addresses=frozenset(orjson.loads(row.pinned_addresses)),
        drifted_at=row.drifted_at,
        review_at=row.review_at,
        opted_out_at=row.opted_out_at,
        notified_at=row.notified_at,
        looked_at=looked_at,
        seen_addresses=None if row.seen_addresses is None else frozenset(orjson.loads(row.seen_addresses)),
        opted_in_at=row.opted_in_at,
    )


def _written(texts: frozenset[str]) -> str:
    return orjson.dumps(sorted(texts)).decode()
