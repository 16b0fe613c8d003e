"""Whereabouts: whether probes that are chosen by their numbers are of those that a card allows.

A card says `20 probes in TJ`; who measures names twenty. They are within what was agreed on if each of them is known to
be there, by a word of the platform that is not older than registry facts may be. What nobody knows is refused.
"""

import ipaddress
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from measurements.agreements import narrowing
from measurements.agreements.card import Selected
from measurements.agreements.reasons import Reason
from measurements.agreements.registry import Registry
from measurements.agreements.scope import FRESH_S
from measurements.probes import Probe
from measurements.selections import SelectedBy

EVERYWHERE = "WW"
COUNTRIES_OF: Mapping[str, frozenset[str]] = {"central_asia": frozenset({"KG", "KZ", "TJ", "TM", "UZ"})}
"""United Nations, M49. Of other regions nobody here has the list, so that no probe is known to be in one."""


class Whereabouts(NamedTuple):
    """What is known of where probes are, and when it is judged."""

    probes: Mapping[int, Probe]
    """Number -> what the platform last said of it, and when."""
    registry: Registry | None
    """What Tajik networks announce; None where it is not known, or nobody had to look."""
    now: int

    def probe(self, probe_id: int) -> Probe | None:
        """What is known of a probe; None where nothing was said lately."""
        known = self.probes.get(probe_id)
        return None if known is None or self.now - known.observed_at > FRESH_S else known

    def announces(self, asn: int, prefix: str) -> bool | None:
        """Whether a network announces some of a prefix; None where that is not known, or was not lately."""
        if self.registry is None or self.now - self.registry.observed_at > FRESH_S:
            return None
        return self.registry.announces(asn, prefix)


def probes_of(selection: Selected) -> tuple[int, ...]:
    """The probes that it names, ascending; none where it chooses otherwise."""
    return tuple(sorted(set(selection.selection.probe_ids)))


def against(
    selections: Iterable[Selected], allowed: Sequence[Selected], whereabouts: Whereabouts, address_family: int
) -> Reason | None:
    """What speaks against choosing these probes under a card that allows those; None where nothing does.

    Probes named by their numbers count together toward how many the selection allows that they are of.
    """
    n_named = dict.fromkeys(range(len(allowed)), 0)
    for one in selections:
        takes = [_takes_in(wider, one, whereabouts, address_family) for wider in allowed]
        if one.by is not SelectedBy.PROBES:
            if True not in takes:
                return Reason.OTHER_PROBES
            continue
        n_asked = len(probes_of(one)) if one.requested == "all" else one.requested
        places = [n for n, wider in enumerate(allowed) if takes[n] and _has_room(wider, n_named[n], n_asked)]
        if not places:
            return Reason.PROBES_UNKNOWN if None in takes and True not in takes else Reason.OTHER_PROBES
        n_named[places[0]] += n_asked
    return None


def _has_room(wider: Selected, n_named: int, n_asked: int) -> bool:
    return wider.requested == "all" or n_named + n_asked <= wider.requested


def _takes_in(wider: Selected, one: Selected, whereabouts: Whereabouts, address_family: int) -> bool | None:
    """Whether a selection takes in another; None where that is not known."""
    if narrowing.selects(wider, one):
        return True
    if one.by is not SelectedBy.PROBES:
        return False
    named = set(probes_of(wider))
    found: set[bool | None] = set()
    for probe_id in probes_of(one):
        probe = whereabouts.probe(probe_id)
        found.add(probe_id in named if named else _is_inside(wider, probe, address_family))
        found.add(_is_tagged(wider, one, probe))
    if False in found:
        return False
    return None if None in found else True


def _is_tagged(wider: Selected, one: Selected, probe: Probe | None) -> bool | None:
    """Whether it has the tags that it must, and none that it must not; or is asked for with or without them."""
    must = set(wider.include_tags) - set(one.include_tags)
    must_not = set(wider.exclude_tags) - set(one.exclude_tags)
    if not must | must_not:
        return True
    return None if probe is None else must <= set(probe.tags) and must_not.isdisjoint(probe.tags)


def _is_inside(wider: Selected, probe: Probe | None, address_family: int) -> bool | None:
    if wider.by is SelectedBy.AREA and wider.value == EVERYWHERE:
        return True
    if probe is None:
        return None
    if wider.by is SelectedBy.ASN:
        return probe.asn(address_family) == int(wider.value)
    if wider.by is SelectedBy.PREFIX:
        return _is_within(probe, wider.value)
    countries = frozenset({wider.value}) if wider.by is SelectedBy.COUNTRY else COUNTRIES_OF.get(wider.value)
    if countries is None or probe.country_code is None:
        return None  # where the platform draws its borders is not published, nor who takes part in a measurement
    return probe.country_code in countries


def _is_within(probe: Probe, prefix: str) -> bool | None:
    """Whether the prefix of a probe lies within another; one that is wider may or may not be."""
    allowed = ipaddress.ip_network(prefix)
    try:
        held = ipaddress.ip_network(probe.prefix(allowed.version) or "")
    except ValueError:
        return None
    if held.version != allowed.version:
        return None
    if not held.overlaps(allowed):
        return False
    return True if held.prefixlen >= allowed.prefixlen else None
