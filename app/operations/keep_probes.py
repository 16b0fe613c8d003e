"""Keep what is to be known of probes: which are known, and which are not to be chosen, and why.

Some probes answer for addresses that nobody announces: something near them does. What they report says nothing of the
target, so that they are left out until somebody says otherwise.
"""

from typing import Any

from sqlalchemy import Connection

from app.operations.acting import Acting, require_role
from app.operations.lines import require_lines
from app.operations.list_people import Page
from app.store import choices as store
from app.store.choices import Exclusion
from app.store.probes import list_probes
from measurements.agreements.audit import Act as Done
from measurements.agreements.audit import SubjectKind
from measurements.agreements.people import Act
from measurements.errors import NotFound
from measurements.filters import asked_country
from measurements.probes import Probe
from measurements.results.outcome import Label
from measurements.units import iso


def exclude_probe(acting: Acting, label: Label, probe_id: int, reason: str) -> Exclusion:
    """Say that a probe is not to be chosen. To say it again in the same words changes nothing.

    Raises `NotPermitted` and `InvalidContent`.
    """
    require_role(acting.caller, Act.KEEP_RECORDS)
    require_lines(reason=reason)
    held = store.find_exclusions(acting.connection, label).get(probe_id)
    if held is not None and held.is_excluded and held.reason == reason:
        return held
    return _say(acting, label, Exclusion(probe_id, True, reason, acting.now_at, acting.person_id))


def include_probe(acting: Acting, label: Label, probe_id: int) -> Exclusion:
    """Say that a probe may be chosen again. Raises `NotPermitted`, and `NotFound` for one that nobody excluded."""
    require_role(acting.caller, Act.KEEP_RECORDS)
    held = store.find_exclusions(acting.connection, label).get(probe_id)
    if held is None:
        raise NotFound(f"Probe {probe_id} was not excluded.")
    if not held.is_excluded:
        return held
    return _say(acting, label, Exclusion(probe_id, False, None, acting.now_at, acting.person_id))


def list_excluded(acting: Acting, label: Label) -> list[dict[str, Any]]:
    """The probes that are not to be chosen, by their numbers."""
    require_role(acting.caller, Act.READ_PROBES)
    found = store.find_exclusions(acting.connection, label)
    return [exclusion_entry(one, label) for _, one in sorted(found.items()) if one.is_excluded]


def probe_page(
    acting: Acting, label: Label, *, country_code: str | None = None, after: int | None = None, limit: int = 100
) -> Page:
    """One page of the known probes, in order of their numbers. Raises `InvalidFilter`."""
    require_role(acting.caller, Act.READ_PROBES)
    countries = () if country_code is None else (asked_country(country_code),)
    found = list_probes(acting.connection, label, country_codes=countries, after=after, limit=limit + 1)
    shown = found[:limit]
    entries = _entries(acting.connection, shown, label)
    return Page(entries, shown[-1].probe_id if len(found) > len(shown) else None)


def exclusion_entry(exclusion: Exclusion, label: Label) -> dict[str, Any]:
    """The word on a probe in plain values under the names of the wire."""
    return {
        "probe_id": exclusion.probe_id,
        "label": label.value,
        "is_excluded": exclusion.is_excluded,
        "reason": exclusion.reason,
        "said_at": iso(exclusion.said_at),
        "said_by": exclusion.said_by,
    }


def _say(acting: Acting, label: Label, exclusion: Exclusion) -> Exclusion:
    store.add_exclusion(acting.connection, label, exclusion)
    done = Done.PROBE_EXCLUDED if exclusion.is_excluded else Done.PROBE_INCLUDED
    told = {"label": label.value}
    acting.note(done, SubjectKind.PROBE, exclusion.probe_id, reason=exclusion.reason, details=told)
    return exclusion


def _entries(connection: Connection, probes: list[Probe], label: Label) -> list[dict[str, Any]]:
    excluded = store.find_exclusions(connection, label)
    return [_entry(one, label, excluded.get(one.probe_id)) for one in probes]


def _entry(probe: Probe, label: Label, exclusion: Exclusion | None) -> dict[str, Any]:
    is_excluded = exclusion is not None and exclusion.is_excluded
    return {
        "probe_id": probe.probe_id,
        "label": label.value,
        "country_code": probe.country_code,
        "asn_v4": probe.asn_v4,
        "asn_v6": probe.asn_v6,
        "is_anchor": probe.is_anchor,
        "status": probe.status,
        "status_since_at": _moment(probe.status_since_at),
        "last_connected_at": _moment(probe.last_connected_at),
        "tags": list(probe.tags),
        "is_excluded": is_excluded,
        "reason": exclusion.reason if exclusion is not None and is_excluded else None,
        "observed_at": iso(probe.observed_at),
    }


def _moment(at: int | None) -> str | None:
    return None if at is None else iso(at)
