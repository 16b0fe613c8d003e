"""Scope: whether something is collected from Tajikistan or its institutions (Art. IV, last bullet).

The memorandum does not define it, so the strict reading holds: a measurement is in scope if its target is Tajik, if one
of its probes can be, or if it asks for a name that is. What is not known counts as Tajik: nobody is measured without
agreement because a registry was away.
"""

import ipaddress
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import NamedTuple

from measurements.agreements.registry import COUNTRY, Registry, organisation_of
from measurements.probes import Snapshot
from measurements.selections import ProbeSelection, SelectedBy
from measurements.targets import K_ROOT, find_target

DOMAIN = "tj"
REGIONS_WITH_TAJIKISTAN = frozenset({"asia", "central_asia", "ripencc"})
FRESH_S = 30 * 86_400
"""Registry facts that are older say nothing of today."""


class Ground(StrEnum):
    """Why something is in scope."""

    TARGET_ADDRESS = "target_address"
    TARGET_NAME = "target_name"
    TARGET_TAGGED = "target_tagged"
    TARGET_UNRESOLVED = "target_unresolved"
    QUERIED_NAME = "queried_name"
    SOURCE_COUNTRY = "source_country"
    SOURCE_REGION = "source_region"
    SOURCE_NETWORK = "source_network"
    SOURCE_PROBE = "source_probe"
    SOURCE_UNKNOWN = "source_unknown"
    REGISTRY_UNKNOWN = "registry_unknown"

    @property
    def explanation(self) -> str:
        """In plain words."""
        return _EXPLANATIONS[self]


_EXPLANATIONS = {
    Ground.TARGET_ADDRESS: "the target's address is registered to Tajikistan, or originated by one of its networks",
    Ground.TARGET_NAME: "the target's name is under .tj",
    Ground.TARGET_TAGGED: "the target's entry in the catalogue says that it is a Tajik institution's",
    Ground.TARGET_UNRESOLVED: "nobody has said yet to which address the target's name resolves",
    Ground.QUERIED_NAME: "it asks for a name under .tj",
    Ground.SOURCE_COUNTRY: "its probes are chosen in Tajikistan",
    Ground.SOURCE_REGION: "its probes are chosen in an area that may include Tajikistan",
    Ground.SOURCE_NETWORK: "its probes are chosen in a Tajik network, or in one in which a Tajik probe is known",
    Ground.SOURCE_PROBE: "one of its probes is in Tajikistan, or in one of its networks",
    Ground.SOURCE_UNKNOWN: "where some of its probes are is not known",
    Ground.REGISTRY_UNKNOWN: "what is Tajik was not looked up lately",
}


class Subject(NamedTuple):
    """What is to be measured, as far as scope goes."""

    target: str | None
    """A name or an address; None for the resolvers of the probes."""
    addresses: tuple[str, ...] = ()
    """What the catalogue has pinned for the target's name."""
    is_tagged_tajik: bool = False
    names: tuple[str, ...] = ()
    """The names it asks for, in DNS."""
    selections: tuple[ProbeSelection, ...] = ()


class Facts(NamedTuple):
    """What is known of Tajik resources and of probes, and when it is judged."""

    registry: Registry | None
    probes: Mapping[int, Snapshot]
    """Probe id -> what the platform last said of it."""
    now: int


class Finding(NamedTuple):
    """Whether something is in scope, why, and whose networks it touches."""

    grounds: tuple[Ground, ...]
    organisations: frozenset[str]

    @property
    def is_in_scope(self) -> bool:
        """Whether it needs the parties' agreement."""
        return bool(self.grounds)


def examine(subject: Subject, facts: Facts) -> Finding:
    """Whether a measurement is in scope. Every ground that holds is named."""
    grounds = {*_of_target(subject, facts), *_of_names(subject), *_of_sources(subject, facts)}
    if facts.registry is None or facts.now - facts.registry.observed_at > FRESH_S:
        grounds.add(Ground.REGISTRY_UNKNOWN)
    return Finding(tuple(ground for ground in Ground if ground in grounds), frozenset(_organisations(subject, facts)))


def _of_target(subject: Subject, facts: Facts) -> Iterator[Ground]:
    if subject.is_tagged_tajik:
        yield Ground.TARGET_TAGGED
    if subject.target is None:
        return
    if is_under_tj(subject.target):
        yield Ground.TARGET_NAME
    addresses = _addresses(subject)
    if not addresses:
        yield Ground.TARGET_UNRESOLVED
    if facts.registry and any(map(facts.registry.holds, addresses)):
        yield Ground.TARGET_ADDRESS


def _addresses(subject: Subject) -> tuple[str, ...]:
    known = find_target(subject.target or "")
    if known is K_ROOT:
        return (*known.addresses, *subject.addresses)
    try:
        return (str(ipaddress.ip_address(subject.target or "")), *subject.addresses)
    except ValueError:
        return subject.addresses


def _of_names(subject: Subject) -> Iterator[Ground]:
    if any(map(is_under_tj, subject.names)):
        yield Ground.QUERIED_NAME


def is_under_tj(name: str) -> bool:
    """Whether a name is `tj` or below it, however it is spelt."""
    return name.rstrip(".").lower().rpartition(".")[2] == DOMAIN


def _of_sources(subject: Subject, facts: Facts) -> Iterator[Ground]:
    for selection in subject.selections:
        yield from _BY[selection.by](selection, facts)


def _by_area(_: ProbeSelection, __: Facts) -> Iterator[Ground]:
    yield Ground.SOURCE_REGION  # where the platform draws the borders of its areas is not published


def _by_region(selection: ProbeSelection, _: Facts) -> Iterator[Ground]:
    if selection.value in REGIONS_WITH_TAJIKISTAN:
        yield Ground.SOURCE_REGION


def _by_country(selection: ProbeSelection, _: Facts) -> Iterator[Ground]:
    if selection.value == COUNTRY:
        yield Ground.SOURCE_COUNTRY


def _by_asn(selection: ProbeSelection, facts: Facts) -> Iterator[Ground]:
    asn = int(selection.value)
    is_tajik = facts.registry is not None and asn in facts.registry.asns
    if is_tajik or any(asn in (one.asn_v4, one.asn_v6) for one in facts.probes.values() if _is_tajik(one, facts)):
        yield Ground.SOURCE_NETWORK


def _by_prefix(selection: ProbeSelection, facts: Facts) -> Iterator[Ground]:
    if facts.registry and facts.registry.overlaps(selection.value):
        yield Ground.SOURCE_NETWORK


def _by_probes(selection: ProbeSelection, facts: Facts) -> Iterator[Ground]:
    for probe_id in selection.probe_ids:
        known = facts.probes.get(probe_id)
        if known is None or known.country_code is None:
            yield Ground.SOURCE_UNKNOWN
        if known is not None and _is_tajik(known, facts):
            yield Ground.SOURCE_PROBE


def _by_measurement(_: ProbeSelection, __: Facts) -> Iterator[Ground]:
    yield Ground.SOURCE_UNKNOWN  # its probes may change until the platform chooses


_BY = {
    SelectedBy.AREA: _by_area,
    SelectedBy.REGION: _by_region,
    SelectedBy.COUNTRY: _by_country,
    SelectedBy.ASN: _by_asn,
    SelectedBy.PREFIX: _by_prefix,
    SelectedBy.PROBES: _by_probes,
    SelectedBy.MEASUREMENT: _by_measurement,
}


def _is_tajik(probe: Snapshot, facts: Facts) -> bool:
    asns = facts.registry.asns if facts.registry else frozenset[int]()
    return probe.country_code == COUNTRY or probe.asn_v4 in asns or probe.asn_v6 in asns


def _organisations(subject: Subject, facts: Facts) -> Iterator[str]:
    """Whose networks the target lies in and the probes are chosen in, as far as they are Tajik."""
    if facts.registry is None:
        return
    asns = {facts.registry.origin_of(address) for address in _addresses(subject)}
    for selection in subject.selections:
        if selection.by is SelectedBy.ASN:
            asns.add(int(selection.value))
        for known in filter(None, map(facts.probes.get, selection.probe_ids)):
            asns |= {known.asn_v4, known.asn_v6}
    yield from (organisation_of(asn) for asn in asns if asn in facts.registry.asns)
