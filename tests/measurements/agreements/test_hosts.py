"""Whose probes are asked: an operator that opted out is heeded, and one that was not asked is told of."""

from typing import Any

import pytest

from measurements.agreements.card import Selected
from measurements.agreements.catalogue import CatalogueEntry, Consent, Publicness
from measurements.agreements.gate import Case, cautions
from measurements.agreements.hosts import are_unwanted
from measurements.agreements.parties import Party
from measurements.agreements.reasons import Caution
from tests.measurements.agreements.making import (
    NOW,
    make_consent,
    make_entry,
    make_intent,
    make_memorandum,
    make_surroundings,
)


def chosen(by: str, value: str) -> Selected:
    return Selected.model_validate({"by": by, "value": value, "requested": 3})


def network(**changes: Any) -> CatalogueEntry:
    of_nobody = {"name": "as24722", "publicness": Publicness.BY_CONSENT, "owner_party": None, "is_tajik": True}
    return make_entry(**(of_nobody | changes))


def told(selection: Selected, *networks: CatalogueEntry) -> tuple[Caution, ...]:
    surroundings = make_surroundings(networks=networks)
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
        ("probes", "1,2,3", False),
    ],
)
def test_nothing_is_chosen_where_an_operator_opted_out(by: str, value: str, *, expected: bool) -> None:
    out = network(opted_out_at=NOW)

    assert are_unwanted([chosen(by, value)], [out], NOW) is expected
    assert not are_unwanted([chosen(by, value)], [out._replace(opted_out_at=NOW + 1)], NOW)
    assert not are_unwanted([chosen(by, value)], [], NOW)


def test_an_operator_abroad_is_not_in_the_country() -> None:
    abroad = network(is_tajik=False, opted_out_at=NOW)

    assert not are_unwanted([chosen("country", "TJ"), chosen("region", "central_asia")], [abroad], NOW)
    assert are_unwanted([chosen("asn", "24722")], [abroad], NOW)


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
    ("by", "value"), [("country", "TJ"), ("area", "WW"), ("probes", "1"), ("prefix", "2001:db8::/32")]
)
def test_where_the_networks_are_not_known_before_that_is_told(by: str, value: str) -> None:
    assert told(chosen(by, value), network(consent=Consent("mail", 0, None))) == (Caution.NETWORKS_UNKNOWN,)


def test_every_caution_is_explained() -> None:
    assert len({caution.explanation for caution in Caution}) == len(Caution)
