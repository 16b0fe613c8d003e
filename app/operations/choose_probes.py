"""Choose probes for a purpose, by what is known of them and what was chosen before, which is noted where it changes."""

from collections import Counter
from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection

from app.operations.acting import Acting, require_role
from app.store.choices import add_choice, find_choice, find_choices, find_exclusions
from app.store.decisions import find_unsent
from app.store.dispatches import Dispatch, find_under_way
from app.store.find_vantage import find_measurements
from app.store.probes import find_probes, list_probes
from measurements.agreements.people import Act
from measurements.agreements.whereabouts import probes_of
from measurements.campaigns.choice import NO_MEMORY, Choice, Circumstances, Judged, Memory, Wanted, choose
from measurements.errors import InvalidFilter
from measurements.filters import asked_country, asked_family
from measurements.results.outcome import Label
from measurements.selections import MOST_PROBES
from measurements.units import iso


def choose_probes(
    connection: Connection, purpose: str, wanted: Wanted, now: int, *, label: Label, instead_of: Collection[int] = ()
) -> Choice:
    """The probes to ask for a purpose; what was chosen for it before stays as far as it can.

    `instead_of`: dispatches that it is to take the place of, which burden no host then. Raises `InvalidFilter`.
    """
    before = find_choice(connection, label, purpose)
    memory = NO_MEMORY if before is None else before.memory
    choice = _choose(connection, wanted, now, label, memory, instead_of)
    if before is None or wanted != before.wanted or Memory(frozenset(choice.probe_ids), choice.resting) != memory:
        add_choice(connection, label, purpose, wanted, choice, now)
    return choice


def propose_probes(acting: Acting, wanted: Wanted, *, label: Label, purpose: str | None = None) -> Choice:
    """What would be chosen now, beside what was for a purpose, if one is given; nothing is noted.

    Raises `InvalidFilter`.
    """
    require_role(acting.caller, Act.READ_PROBES)
    before = None if purpose is None else find_choice(acting.connection, label, purpose)
    memory = NO_MEMORY if before is None else before.memory
    return _choose(acting.connection, wanted, acting.now_at, label, memory, ())


def find_probes_to_refresh(connection: Connection, label: Label) -> tuple[set[int], set[str]]:
    """The probes that are chosen, or named in what is under way, and the countries in which some are wanted.

    What is known of them must not become old.
    """
    choices = find_choices(connection, label)
    named = {probe_id for one in choices for probe_id in (*one.memory.chosen, *one.memory.resting)}
    for dispatch in (*find_under_way(connection, label), *find_unsent(connection, label)):
        named |= _named(dispatch)
    return named, {code for one in choices for code in one.wanted.country_codes}


def choice_entry(choice: Choice, wanted: Wanted, label: Label) -> dict[str, Any]:
    """The choice in plain values under the names of the wire."""
    return {
        "label": label.value,
        "address_family": wanted.address_family,
        "n_probes": len(choice.chosen),
        "n_networks": len({one.operator for one in choice.chosen}),
        "churn": choice.churn,
        "added": list(choice.added),
        "removed": list(choice.removed),
        "chosen": [_judged(one, wanted) for one in choice.chosen],
        "left_out": [_judged(one, wanted) for one in choice.left_out],
    }


def _choose(
    connection: Connection, wanted: Wanted, now: int, label: Label, memory: Memory, instead_of: Collection[int]
) -> Choice:
    wanted = _require_sensible(wanted)
    known = list_probes(connection, label, country_codes=wanted.country_codes)
    moved = memory.chosen - {one.probe_id for one in known}
    excluded = {
        one.probe_id: one.reason or "" for one in find_exclusions(connection, label).values() if one.is_excluded
    }
    asked = _packets_per_day(connection, label, now, instead_of)
    circumstances = Circumstances(now, excluded, asked)
    return choose([*known, *find_probes(connection, moved, label)], wanted, circumstances, memory)


def _packets_per_day(connection: Connection, label: Label, now: int, without: Collection[int]) -> Counter[int]:
    """Probe -> what everything under way, or permitted and about to be, asks of it."""
    running = [one for one in find_under_way(connection, label) if not one.has_ended(now)]
    counted = [one for one in (*running, *find_unsent(connection, label)) if one.dispatch_id not in without]
    atlas_ids = [one.atlas_id for one in counted if one.atlas_id is not None]
    held = find_measurements(connection, atlas_ids, label)
    taking_part = {one.atlas_id: one.participants or frozenset[int]() for one in held}
    asked: Counter[int] = Counter()
    for one in counted:
        for probe_id in _named(one) | taking_part.get(one.atlas_id or 0, frozenset()):
            asked[probe_id] += one.intent.packets_per_probe_and_day
    return asked


def _named(dispatch: Dispatch) -> frozenset[int]:
    return frozenset(probe_id for one in dispatch.intent.selections for probe_id in probes_of(one))


def _require_sensible(wanted: Wanted) -> Wanted:
    asked_family(wanted.address_family)
    for field, least, most in (("n_probes", 1, MOST_PROBES), ("per_network", 1, MOST_PROBES)):
        number = getattr(wanted, field)
        if number is not None and not least <= number <= most:
            raise InvalidFilter(field, f"{number} probes; from {least} to {most} may be chosen")
    return wanted._replace(country_codes=tuple(sorted(set(map(asked_country, wanted.country_codes)))))


def _judged(one: Judged, wanted: Wanted) -> dict[str, Any]:
    probe = one.probe
    return {
        "probe_id": probe.probe_id,
        "asn": probe.asn(wanted.address_family),
        "organisation": one.operator,
        "country_code": probe.country_code,
        "is_anchor": probe.is_anchor,
        "status": probe.status,
        "observed_at": iso(probe.observed_at),
        "reason": one.why.value,
        "explanation": one.why.explanation,
        "detail": one.detail,
    }
