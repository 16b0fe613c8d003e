"""Whose probes are asked: an operator that opted out is heeded, and one that was not asked is told of."""

from typing import Any

import pytest

from measurements.agreements.card import Selected
from measurements.agreements.catalogue import CatalogueEntry, Consent, Publicness
from measurements.agreements.gate import Case, cautions
from measurements.agreements.hosts import are_unwanted
from measurements.agreements.parties import Party
from measurements.agreements.reasons import Caution
from measurements.agreements.registry import Registry
from measurements.agreements.whereabouts import Whereabouts
from measurements.probes import Probe
from measurements.units import DAY_S
from tests.measurements.agreements.making import (
    NOW,
    make_consent,
    make_entry,
    make_intent,
    make_memorandum,
    make_surroundings,
)

REGISTRY = Registry(["91.218.160.0/20"], [24722], NOW, {"91.218.160.0/20": 24722})
REGISTRY_OF_LAST_YEAR = Registry(["91.218.160.0/20"], [24722], NOW - 365 * DAY_S, {"91.218.160.0/20": 24722})
IN_IT = Probe(1, NOW, 24722, None, "TJ", None, None, False, True, "Connected", ())
KNOWN = Whereabouts(
    {1: IN_IT, 2: IN_IT._replace(probe_id=2, asn_v4=24723), 3: IN_IT._replace(probe_id=3, asn_v4=None, asn_v6=24722)},
    REGISTRY,
    NOW,
)
"""One in AS24722, one beside it, and one that is in it by IPv6; of a fourth nothing is known."""


def chosen(by: str, value: str) -> Selected:
    return Selected.model_validate({"by": by, "value": value, "requested": 3})


def network(**changes: Any) -> CatalogueEntry:
    of_nobody = {"name": "as24722", "publicness": Publicness.BY_CONSENT, "owner_party": None, "is_tajik": True}
    return make_entry(**(of_nobody | changes))


def told(selection: Selected, *networks: CatalogueEntry) -> tuple[Caution, ...]:
    surroundings = make_surroundings(networks=networks, probes=KNOWN.probes)
    return cautions(Case(make_intent(selections=(selection,)), make_consent(), make_memorandum(), surroundings, NOW))


@pytest.mark.parametrize(
    ("by", "value", "expected"),
    [
        ("asn", "24722", True),
        ("asn", "24723", False),
        ("country", "TJ", True),
        ("country", "KG", False),
        ("region", "central_asia", True),
        ("region", "oceania", False),
        ("area", "WW", True),
        ("msm", "1001", True),
        ("probes", "1", True),
        ("probes", "2", False),
        ("probes", "2,3", True),
        ("probes", "2,4", True),
        ("prefix", "91.218.160.0/24", True),
        ("prefix", "91.218.0.0/16", True),
        ("prefix", "198.51.100.0/24", False),
    ],
)
def test_nothing_is_chosen_where_an_operator_opted_out(by: str, value: str, *, expected: bool) -> None:
    """Of what nobody knows, it may be: of probes, of whoever takes part in something."""
    out = network(opted_out_at=NOW)

    assert are_unwanted([chosen(by, value)], [out], KNOWN) is expected
    assert not are_unwanted([chosen(by, value)], [out._replace(opted_out_at=NOW + 1)], KNOWN)
    assert not are_unwanted([chosen(by, value)], [], KNOWN)


@pytest.mark.acceptance("agreement.1")
@pytest.mark.parametrize("registry", [None, REGISTRY_OF_LAST_YEAR])
def test_what_is_announced_is_not_known_without_a_fresh_registry(registry: Registry | None) -> None:
    out, known = network(opted_out_at=NOW), KNOWN._replace(registry=registry)

    assert are_unwanted([chosen("prefix", "198.51.100.0/24")], [out], known)


def test_an_operator_abroad_is_not_in_the_country() -> None:
    abroad = network(name="as64500", is_tajik=False, opted_out_at=NOW)

    assert not are_unwanted([chosen("country", "TJ"), chosen("region", "central_asia")], [abroad], KNOWN)
    assert not are_unwanted([chosen("prefix", "91.218.160.0/24")], [abroad], KNOWN)
    assert not are_unwanted([chosen("area", "South-East")], [abroad], KNOWN)
    for by, value in (("asn", "64500"), ("area", "WW"), ("prefix", "198.51.100.0/24"), ("probes", "4"), ("msm", "1")):
        assert are_unwanted([chosen(by, value)], [abroad], KNOWN), by


@pytest.mark.parametrize(
    ("known", "is_told"),
    [
        ((), True),
        ((network(),), True),
        ((network(consent=Consent("mail", 0, NOW)),), True),
        ((network(consent=Consent("mail", NOW + 1, None)),), True),
        ((network(name="as24723", consent=Consent("mail", 0, None)),), True),
        ((network(consent=Consent("mail", 0, NOW + 1)),), False),
        ((network(owner_party=Party.TOJIKTELECOM),), False),
    ],
)
def test_an_operator_that_has_not_acknowledged_is_told_of(known: tuple[CatalogueEntry, ...], *, is_told: bool) -> None:
    assert told(chosen("asn", "24722"), *known) == ((Caution.NETWORK_NOT_ASKED,) if is_told else ())


@pytest.mark.parametrize(
    ("by", "value"), [("country", "TJ"), ("area", "WW"), ("probes", "1,4"), ("prefix", "2001:db8::/32")]
)
def test_where_the_networks_are_not_known_before_that_is_told(by: str, value: str) -> None:
    assert told(chosen(by, value), network(consent=Consent("mail", 0, None))) == (Caution.NETWORKS_UNKNOWN,)


def test_of_probes_whose_networks_are_known_each_is_looked_at() -> None:
    asked = network(consent=Consent("mail", 0, None))

    assert told(chosen("probes", "1,3"), asked) == ()
    assert told(chosen("probes", "1,2"), asked) == (Caution.NETWORK_NOT_ASKED,)
    assert told(chosen("probes", "2,4"), asked) == (Caution.NETWORK_NOT_ASKED, Caution.NETWORKS_UNKNOWN)


def test_every_caution_is_explained() -> None:
    assert len({caution.explanation for caution in Caution}) == len(Caution)
