"""Keep the catalogue of targets: whom a measurement would reach, and what its owner allows.

Whatever is said of a target afresh, what its owner said stays: a consent, a notice, an opt-out. So does a drift, until
somebody who speaks for a party says that the name is right to lead where it does now.
"""

import ipaddress
from collections.abc import Collection
from typing import Any

from app.operations.acting import Acting, require, require_role
from app.operations.agree import speaking
from app.operations.catalogue_entries import catalogue_entry, etag_of
from app.operations.designate import ChangedMeanwhile
from app.operations.lines import require_lines
from app.operations.loosen_targets import say
from app.store import catalogue as store
from measurements.agreements.addresses import has_drifted
from measurements.agreements.audit import Act as Done
from measurements.agreements.audit import SubjectKind
from measurements.agreements.card import DEFINITIONS
from measurements.agreements.catalogue import CatalogueEntry, Consent
from measurements.agreements.people import Act, may
from measurements.errors import InvalidContent, NotFound, NotPossible, RasadError
from measurements.targets import normal_address


class StateNotSaid(RasadError):
    """Something that exists is to be changed, and nobody says in which state it was read."""


def list_catalogue(acting: Acting) -> list[CatalogueEntry]:
    """All targets, by name."""
    require_role(acting.caller, Act.READ_AGREEMENTS)
    return store.find_entries(acting.connection)


def put_target(acting: Acting, entry: CatalogueEntry, etags: Collection[str] | None = None) -> CatalogueEntry:
    """Add a target, or say otherwise of one; gives it as it is held. An owner that opted out stays out.

    A party's own is that party's matter. What protects its owner less than before waits to be confirmed: see
    `loosen_targets`. `etags` are those by which the caller knows it, `*` for however it is, none
    for one that is new; None where it need not be as it was. Raises `ChangedMeanwhile`, `StateNotSaid`, `NotPermitted`
    and `InvalidContent`.
    """
    require_role(acting.caller, Act.KEEP_RECORDS)
    before = store.find_entry(acting.connection, entry.name)
    for party in sorted({party for party in (entry.owner_party, before and before.owner_party) if party}):
        require(acting, Act.KEEP_RECORDS, party=party)
    _require_sensible(entry)
    if etags is not None:
        _require_as_read(before, etags)
    if before is not None:
        return say(acting, before, _renewed(acting, before, entry))
    store.put_entry(acting.connection, entry, acting.now_at)
    acting.note(Done.TARGET_ADDED, SubjectKind.TARGET, entry.name, details=catalogue_entry(entry, acting.now_at))
    return entry


def confirm_addresses(acting: Acting, name: str, addresses: frozenset[str]) -> CatalogueEntry:
    """Say for a party that a target's name is right to lead to addresses: those that were last seen, all of them."""
    speaking(acting, Act.CONFIRM_TARGET)
    entry = require_target(acting, name)
    if not entry.seen_addresses:
        raise NotPossible("nothing_seen", f"no address of {name!r:.80} was seen; the worker looks daily")
    if entry.seen_addresses != addresses:
        raise NotPossible("seen_otherwise", f"it was seen to lead to {', '.join(sorted(entry.seen_addresses))}")
    told = {"pinned_addresses": sorted(entry.seen_addresses), "before": sorted(entry.pinned_addresses)}
    entry = entry._replace(pinned_addresses=entry.seen_addresses, drifted_at=None)
    store.put_entry(acting.connection, entry, acting.now_at)
    acting.note(Done.TARGET_CONFIRMED, SubjectKind.TARGET, name, details=told)
    return entry


def record_consent(acting: Acting, name: str, consent: Consent) -> CatalogueEntry:
    """Note that an owner consents, by which letter, from when on and until when; it holds once it is confirmed."""
    _require_consent(consent)
    return _say(acting, name, "its owner consented", consent=consent)


def consent_again(acting: Acting, name: str, consent: Consent) -> CatalogueEntry:
    """Note that an owner that opted out consents again, by which letter; it holds once it is confirmed.

    The opt-out stays on record, and holds again when the consent is over.
    """
    _require_consent(consent)
    require_role(acting.caller, Act.KEEP_RECORDS)
    if not require_target(acting, name).has_opted_out(acting.now_at):
        raise NotPossible(
            "not_opted_out", f"the owner of {name!r:.80} has not opted out; `consent` notes what it wrote"
        )
    return _say(acting, name, "its owner consented again", consent=consent, opted_in_at=acting.now_at)


def withdraw_consent(acting: Acting, name: str) -> None:
    """Note that an owner took its consent back: from now on nothing is measured, and what runs is stopped."""
    consent = require_target(acting, name).consent
    if consent is None or not consent.holds_at(acting.now_at):
        raise NotPossible("no_consent", f"no consent holds now of the owner of {name!r:.80}")
    _say(acting, name, "its owner took its consent back", consent=consent._replace(until_at=acting.now_at))


def note_notice(acting: Acting, name: str, reference: str) -> None:
    """Note that the owner of a public service was told that it is measured, and by which letter."""
    if not reference.strip():
        raise InvalidContent([("/reference", "says nothing")])
    _say(acting, name, f"its owner was told: {reference.strip()}", notified_at=acting.now_at)


def opt_out(acting: Acting, name: str) -> CatalogueEntry:
    """Note that an owner does not want to be measured: nothing is, from now on. To say it twice changes nothing."""
    require_role(acting.caller, Act.KEEP_RECORDS)
    entry = require_target(acting, name)
    if entry.opted_out_at is not None and entry.opted_in_at is None:
        return entry
    return _say(acting, name, "its owner opted out", opted_out_at=acting.now_at, opted_in_at=None)


def require_target(acting: Acting, name: str) -> CatalogueEntry:
    """A target of the catalogue. Raises `NotFound`."""
    require_role(acting.caller, Act.READ_AGREEMENTS)
    entry = store.find_entry(acting.connection, name)
    if entry is None:
        raise NotFound(f"There is no target {name!r:.80} in the catalogue.")
    return entry


def _renewed(acting: Acting, before: CatalogueEntry, entry: CatalogueEntry) -> CatalogueEntry:
    """What is said afresh, with what stays. Only who may confirm a drift ends it by naming the addresses seen."""
    pinned = entry.pinned_addresses or before.pinned_addresses
    leads_elsewhere = before.seen_addresses is not None and has_drifted(pinned, before.seen_addresses)
    may_end = may(acting.caller, Act.CONFIRM_TARGET).is_permitted and not leads_elsewhere
    return entry._replace(
        consent=entry.consent or before.consent,
        pinned_addresses=pinned,
        drifted_at=None if may_end else before.drifted_at,
        opted_out_at=before.opted_out_at,
        opted_in_at=before.opted_in_at,
        notified_at=before.notified_at,
        looked_at=before.looked_at,
        seen_addresses=before.seen_addresses,
    )


def _require_as_read(before: CatalogueEntry | None, etags: Collection[str]) -> None:
    if before is not None and not etags:
        raise StateNotSaid(f"The target {before.name} is in the catalogue: say which state of it you mean to change.")
    if etags and (before is None or not {"*", etag_of(before)} & set(etags)):
        raise ChangedMeanwhile("The target is not in the catalogue as it was read; read it again.")


def _say(acting: Acting, name: str, why: str, **changes: Any) -> CatalogueEntry:
    require_role(acting.caller, Act.KEEP_RECORDS)
    before = require_target(acting, name)
    return say(acting, before, before._replace(**changes), why)


def _require_consent(consent: Consent) -> None:
    require_lines(reference=consent.reference)
    if consent.until_at is not None and consent.until_at <= consent.from_at:
        raise InvalidContent([("/until_at", "a consent ends after it begins")])


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
    problems.extend(
        ("/pinned_addresses", f"{one!r:.60} is no address as RFC 5952 has it, such as 193.0.14.129")
        for one in sorted(entry.pinned_addresses)
        if not _is_address(one)
    )
    if entry.consent and entry.consent.until_at is not None and entry.consent.until_at <= entry.consent.from_at:
        problems.append(("/consent/until_at", "is not after the beginning"))
    if problems:
        raise InvalidContent(problems)


def _is_address(text: str) -> bool:
    try:
        return str(ipaddress.ip_address(text)) == text
    except ValueError:
        return False
