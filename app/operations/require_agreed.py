"""Before anything is collected: it was dispatched under an agreement, or is public and may be read.

Public results that others had measured may be read without an agreement where nothing of them is collected from
Tajikistan or its institutions, and elsewhere where the three parties have said so (Art. IV, last bullet). What is not
known counts as Tajik. A rehearsal has nothing that is collected from anybody.
"""

from collections.abc import Collection, Iterator
from typing import NamedTuple

from sqlalchemy import Connection

from app.operations.keep_memorandum import find_standing
from app.store.catalogue import find_entry
from app.store.dispatches import find_agreement_of
from app.store.find_registry import find_registry
from app.store.find_vantage import find_measurements, find_snapshots
from app.store.memorandum import find_reading_policies
from measurements.agreements.gate import decide_reading
from measurements.agreements.scope import Facts, Finding, Ground, Subject, examine
from measurements.atlas.failures import NotAgreed
from measurements.atlas.gateway import AtlasGateway
from measurements.campaigns.measurement import Measurement, is_built_in
from measurements.errors import RasadError
from measurements.probes import Snapshot
from measurements.results.outcome import Label
from measurements.selections import MOST_PROBES, these_probes
from measurements.targets import PROBE_RESOLVERS

TAJIKISTAN = "TJ"
OF_PROBES = frozenset({Ground.SOURCE_PROBE, Ground.SOURCE_UNKNOWN})


class NotYetAgreed(RasadError):
    """Collecting would bring data from Tajikistan or its institutions, and the parties have not agreed to that."""


class Wanted(NamedTuple):
    """What is to be collected."""

    label: Label
    atlas_ids: tuple[int, ...]
    probe_ids: Collection[int] | None
    """None for all participants."""


class _Concern(NamedTuple):
    """Why it would be collected from Tajikistan, in words, and as the gate wants it."""

    says: str
    finding: Finding


def require_agreed(connection: Connection, atlas: AtlasGateway, wanted: Wanted, now: int) -> None:
    """Let pass what was dispatched under an agreement, and public results as the parties have said.

    What was measured under an agreement is held to it when it comes in, so that whatever was measured before a
    withdrawal may still be read. Raises `NotYetAgreed`.
    """
    dispatched = find_agreement_of(connection, {(wanted.label.value, one) for one in wanted.atlas_ids})
    others = tuple(one for one in wanted.atlas_ids if (wanted.label.value, one) not in dispatched)
    concern = _concern(connection, wanted._replace(atlas_ids=others), now) if others else None
    if concern is None:
        return
    policies, memorandum = find_reading_policies(connection), find_standing(connection, now)
    decision = decide_reading(concern.finding, policies, memorandum, now)
    if decision.is_permitted:
        return
    try:
        atlas.require_rehearsal()
    except NotAgreed as refusal:
        raise NotYetAgreed(
            f"{concern.says}. {decision.reason.explanation} An amendment of the memorandum says so "
            "(`rasad memorandum amend --allow-reading --text TEXT`); anybody may practise on `rasad rehearsal serve`"
        ) from refusal


def _concern(connection: Connection, wanted: Wanted, now: int) -> _Concern | None:
    """The plainest ground for which it is in scope; None where there is none."""
    if wanted.probe_ids is None:
        told = "all participants would be followed, and some may be in Tajikistan; name probes that are elsewhere"
        return _Concern(told, Finding((Ground.SOURCE_UNKNOWN,), frozenset()))
    latest: dict[int, Snapshot] = {}
    for snapshot in sorted(find_snapshots(connection, wanted.probe_ids), key=lambda one: one.observed_at):
        if snapshot.country_code == TAJIKISTAN and snapshot.probe_id in wanted.probe_ids:
            told = f"probe {snapshot.probe_id} is or was in Tajikistan"
            return _Concern(told, Finding((Ground.SOURCE_PROBE,), frozenset()))
        latest[snapshot.probe_id] = snapshot
    facts = Facts(find_registry(connection, now, wanted.label), latest, now)
    for subject, what in _subjects(connection, wanted):
        finding = examine(subject, facts)
        if finding.is_in_scope:
            return _Concern(_in_words(finding, what, wanted.probe_ids, latest), finding)
    return None


def _in_words(finding: Finding, what: str, probe_ids: Collection[int], latest: dict[int, Snapshot]) -> str:
    if Ground.SOURCE_UNKNOWN in finding.grounds:
        unknown = next(one for one in sorted(probe_ids) if one not in latest or latest[one].country_code is None)
        return f"where probe {unknown} is, is not known (`rasad ingest-probes FILE` tells)"
    says = finding.grounds[0].explanation
    hint = " (`rasad registry refresh` does)" if finding.grounds == (Ground.REGISTRY_UNKNOWN,) else ""
    return f"{what}: {says}{hint}"


def _subjects(connection: Connection, wanted: Wanted) -> Iterator[tuple[Subject, str]]:
    """What is measured, as far as scope goes, and what to call it: who reports, and for each measurement whom it asks.

    Built-ins ask the same of everybody in the world, and concern nobody's institution.
    """
    probe_ids = sorted(wanted.probe_ids or ())
    for start in range(0, len(probe_ids), MOST_PROBES):
        selections = (these_probes(*probe_ids[start : start + MOST_PROBES]),)
        yield Subject(None, selections=selections), "of the probes that are named"
    known = {one.atlas_id: one for one in find_measurements(connection, wanted.atlas_ids, wanted.label)}
    for atlas_id in wanted.atlas_ids:
        if not is_built_in(atlas_id):
            yield _subject(connection, known.get(atlas_id)), f"measurement {atlas_id}"


def _subject(connection: Connection, measurement: Measurement | None) -> Subject:
    if measurement is None or not measurement.target:
        return Subject("unknown")
    is_of_resolvers = measurement.target == PROBE_RESOLVERS
    entry = None if is_of_resolvers else find_entry(connection, measurement.target)
    return Subject(
        None if is_of_resolvers else measurement.target,
        (*measurement.addresses, *(sorted(entry.pinned_addresses) if entry else ())),
        is_tagged_tajik=entry is not None and entry.is_tajik,
        names=() if measurement.queried_name is None else (measurement.queried_name,),
    )
