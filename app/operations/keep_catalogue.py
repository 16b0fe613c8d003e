"""Keep the catalogue of targets: whom a measurement would reach, and what its owner allows."""

from typing import Any

from app.operations.acting import Acting, require_role
from app.store import catalogue as store
from measurements.agreements.audit import Act as Done
from measurements.agreements.audit import SubjectKind
from measurements.agreements.card import DEFINITIONS
from measurements.agreements.catalogue import CatalogueEntry
from measurements.agreements.people import Act
from measurements.errors import InvalidContent, NotFound
from measurements.targets import normal_address
from measurements.units import iso


def list_catalogue(acting: Acting) -> list[CatalogueEntry]:
    """All targets, by name."""
    require_role(acting.caller, Act.READ_AGREEMENTS)
    return store.find_entries(acting.connection)


def put_target(acting: Acting, entry: CatalogueEntry) -> None:
    """Add a target, or say otherwise of one. An owner that opted out stays out."""
    require_role(acting.caller, Act.KEEP_RECORDS)
    _require_sensible(entry)
    before = store.find_entry(acting.connection, entry.name)
    if before is not None:
        entry = entry._replace(opted_out_at=before.opted_out_at)
    store.put_entry(acting.connection, entry, acting.now_at)
    done = Done.TARGET_ADDED if before is None else Done.TARGET_CHANGED
    acting.note(done, SubjectKind.TARGET, entry.name, details=catalogue_entry(entry))


def opt_out(acting: Acting, name: str) -> None:
    """Note that an owner does not want to be measured: nothing is, from now on."""
    require_role(acting.caller, Act.KEEP_RECORDS)
    entry = store.find_entry(acting.connection, name)
    if entry is None:
        raise NotFound(f"There is no target {name!r:.80} in the catalogue.")
    if entry.opted_out_at is None:
        store.put_entry(acting.connection, entry._replace(opted_out_at=acting.now_at), acting.now_at)
        acting.note(Done.TARGET_CHANGED, SubjectKind.TARGET, name, reason="its owner opted out")


def catalogue_entry(entry: CatalogueEntry) -> dict[str, Any]:
    """The entry in plain values under the names of the wire."""
    consent = entry.consent
    return {
        **entry._asdict(),
        "consent": consent and {"reference": consent.reference, "from_at": iso(consent.from_at)},
        "allowed_types": sorted(entry.allowed_types),
        "pinned_addresses": sorted(entry.pinned_addresses),
        "max_packets_per_s": str(entry.max_packets_per_s),
        **{name: _moment(getattr(entry, name)) for name in ("drifted_at", "review_at", "opted_out_at")},
    }


def _require_sensible(entry: CatalogueEntry) -> None:
    problems = [
        (f"/{name}", "says nothing") for name in ("name", "owner", "contact") if not getattr(entry, name).strip()
    ]
    if not entry.allowed_types or not entry.allowed_types <= DEFINITIONS.keys():
        problems.append(("/allowed_types", f"are some of {', '.join(sorted(DEFINITIONS))}"))
    if entry.max_packets_per_s <= 0:
        problems.append(("/max_packets_per_s", "is more than 0"))
    if entry.name != normal_address(entry.name.rstrip(".").lower()):
        problems.append(("/name", "is written in small letters, an address as RFC 5952 has it"))
    if problems:
        raise InvalidContent(problems)


def _moment(at: int | None) -> str | None:
    return None if at is None else iso(at)
