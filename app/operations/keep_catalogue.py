"""Keep the catalogue of targets: whom a measurement would reach, and what its owner allows."""

from collections.abc import Collection
from ipaddress import ip_address
from typing import Any

from app.operations.acting import Acting, require, require_role
from app.operations.designate import ETAG_CHARACTERS, ChangedMeanwhile
from app.operations.lines import require_lines
from app.store import catalogue as store
from measurements.agreements.audit import Act as Done
from measurements.agreements.audit import SubjectKind
from measurements.agreements.card import DEFINITIONS
from measurements.agreements.catalogue import CatalogueEntry
from measurements.agreements.people import Act
from measurements.canonical import digest_of
from measurements.errors import InvalidContent, NotFound, RasadError
from measurements.targets import normal_address
from measurements.units import iso


class StateNotSaid(RasadError):
    """Something that exists is to be changed, and nobody says in which state it was read."""


def list_catalogue(acting: Acting) -> list[CatalogueEntry]:
    """All targets, by name."""
    require_role(acting.caller, Act.READ_AGREEMENTS)
    return store.find_entries(acting.connection)


def show_target(acting: Acting, name: str) -> CatalogueEntry:
    """One target. Raises `NotFound`."""
    require_role(acting.caller, Act.READ_AGREEMENTS)
    return _require_entry(acting, name)


def put_target(acting: Acting, entry: CatalogueEntry, etags: Collection[str] | None = None) -> CatalogueEntry:
    """Add a target, or say otherwise of one. An owner that opted out stays out; a party's own is that party's matter.

    `etags` are those by which the caller knows it, `*` for however it is, none for one that is new; None where it need
    not be as it was. Raises `ChangedMeanwhile`, `StateNotSaid`, `NotPermitted` and `InvalidContent`.
    """
    require_role(acting.caller, Act.KEEP_RECORDS)
    before = store.find_entry(acting.connection, entry.name)
    owners = {entry.owner_party, before and before.owner_party} - {None}
    for party in sorted(filter(None, owners)):
        require(acting, Act.KEEP_RECORDS, party=party)
    _require_sensible(entry)
    if etags is not None:
        _require_as_read(before, etags)
    if before is not None:
        entry = entry._replace(opted_out_at=before.opted_out_at)
    store.put_entry(acting.connection, entry, acting.now_at)
    done = Done.TARGET_ADDED if before is None else Done.TARGET_CHANGED
    acting.note(done, SubjectKind.TARGET, entry.name, details=catalogue_entry(entry))
    return entry


def opt_out(acting: Acting, name: str) -> CatalogueEntry:
    """Note that an owner does not want to be measured: nothing is, from now on. To say it twice changes nothing."""
    require_role(acting.caller, Act.KEEP_RECORDS)
    entry = _require_entry(acting, name)
    if entry.opted_out_at is not None:
        return entry
    entry = entry._replace(opted_out_at=acting.now_at)
    store.put_entry(acting.connection, entry, acting.now_at)
    acting.note(Done.TARGET_CHANGED, SubjectKind.TARGET, name, reason="its owner opted out")
    return entry


def etag_of(entry: CatalogueEntry) -> str:
    """A word that is another one after every change (RFC 9110, 8.8.3), with its quotes."""
    return f'"{digest_of(catalogue_entry(entry))[:ETAG_CHARACTERS]}"'


def catalogue_entry(entry: CatalogueEntry) -> dict[str, Any]:
    """The entry in plain values under the names of the wire."""
    consent = entry.consent
    return {
        **entry._asdict(),
        "consent": consent
        and {
            "reference": consent.reference,
            "from_at": iso(consent.from_at),
            "until_at": _moment(consent.until_at),
        },
        "publicness": entry.publicness.value,
        "owner_party": entry.owner_party and entry.owner_party.value,
        "allowed_types": sorted(entry.allowed_types),
        "pinned_addresses": sorted(entry.pinned_addresses),
        "max_packets_per_s": str(entry.max_packets_per_s),
        **{name: _moment(getattr(entry, name)) for name in ("drifted_at", "review_at", "opted_out_at")},
    }


def _require_entry(acting: Acting, name: str) -> CatalogueEntry:
    entry = store.find_entry(acting.connection, name)
    if entry is None:
        raise NotFound(f"There is no target {name!r:.80} in the catalogue.")
    return entry


def _require_as_read(before: CatalogueEntry | None, etags: Collection[str]) -> None:
    if before is not None and not etags:
        raise StateNotSaid(f"The target {before.name} is in the catalogue: say which state of it you mean to change.")
    if etags and (before is None or not {"*", etag_of(before)} & set(etags)):
        raise ChangedMeanwhile("The target is not in the catalogue as it was read; read it again.")


def _require_sensible(entry: CatalogueEntry) -> None:
    require_lines(
        name=entry.name, owner=entry.owner, contact=entry.contact,
        **({"consent/reference": entry.consent.reference} if entry.consent else {}),
    )  # fmt: skip
    problems: list[tuple[str, str]] = []
    if not entry.allowed_types or not entry.allowed_types <= DEFINITIONS.keys():
        problems.append(("/allowed_types", f"are some of {', '.join(sorted(DEFINITIONS))}"))
    if entry.max_packets_per_s <= 0:
        problems.append(("/max_packets_per_s", "is more than 0"))
    if entry.name != normal_address(entry.name.rstrip(".").lower()):
        problems.append(("/name", "is written in small letters, an address as RFC 5952 has it"))
    if not all(map(_is_address, entry.pinned_addresses)):
        problems.append(("/pinned_addresses", "are addresses such as 193.0.14.129, as RFC 5952 has them"))
    if entry.consent and entry.consent.until_at is not None and entry.consent.until_at <= entry.consent.from_at:
        problems.append(("/consent/until_at", "is not after the beginning"))
    if problems:
        raise InvalidContent(problems)


def _is_address(text: str) -> bool:
    try:
        return str(ip_address(text)) == text
    except ValueError:
        return False


def _moment(at: int | None) -> str | None:
    return None if at is None else iso(at)
