"""Probes that are chosen by their numbers: within what a card allows if all are known to be there, by a fresh word."""

from typing import Any

import pytest

from measurements.agreements.card import Selected
from measurements.agreements.gate import Case, decide, objections
from measurements.agreements.intent import Intent
from measurements.agreements.narrowing import selects
from measurements.agreements.reasons import Reason
from measurements.agreements.registry import Registry
from measurements.agreements.scope import FRESH_S
from measurements.agreements.whereabouts import Whereabouts, against
from measurements.probes import Probe
from measurements.selections import AREAS, REGIONS
from tests.measurements.agreements.making import (
    NOW,
    make_card,
    make_consent,
    make_entry,
    make_intent,
    make_memorandum,
    make_surroundings,
    make_version,
)

UNKNOWN, OTHER = Reason.PROBES_UNKNOWN, Reason.OTHER_PROBES


def probe(probe_id: int, **changes: Any) -> Probe:
    """In Tajikistan, in AS24722 by IPv4 and in AS43197 by IPv6, seen today."""
    known = Probe(
        probe_id, NOW - 3_600, 24722, 43197, "TJ", "91.218.160.0/20", "2a05:d018::/32", False, True, "Connected",
        ("home", "system-ipv4-works"),
    )  # fmt: skip
    return known._replace(**changes)


def named(*probe_ids: int, **changes: Any) -> Selected:
    listed = {"by": "probes", "value": ",".join(map(str, probe_ids)), "requested": len(probe_ids)}
    return Selected.model_validate(listed | changes)


def of(by: str, value: str, requested: object = 20, **changes: Any) -> Selected:
    return Selected.model_validate({"by": by, "value": value, "requested": requested} | changes)


def judged(wider: Selected, one: Selected, *probes: Probe, family: int = 4) -> Reason | None:
    return against([one], [wider], Whereabouts({each.probe_id: each for each in probes}, None, NOW), family)


INSIDE: dict[str, tuple[Reason | None, Selected, dict[str, Any], int]] = {
    "in the country": (None, of("country", "TJ"), {}, 4),
    "in another country": (OTHER, of("country", "UZ"), {}, 4),
    "in no known country": (UNKNOWN, of("country", "TJ"), {"country_code": None}, 4),
    "in the network": (None, of("asn", "24722"), {}, 4),
    "in the network by the other address family": (OTHER, of("asn", "24722"), {}, 6),
    "in a network by IPv6": (None, of("asn", "43197"), {}, 6),
    "in no network": (OTHER, of("asn", "24722"), {"asn_v4": None}, 4),
    "in the prefix": (None, of("prefix", "91.218.160.0/20"), {}, 4),
    "in a wider prefix": (None, of("prefix", "91.218.0.0/16"), {}, 4),
    "perhaps in a narrower prefix": (UNKNOWN, of("prefix", "91.218.160.0/24"), {}, 4),
    "in another prefix": (OTHER, of("prefix", "198.51.100.0/24"), {}, 4),
    "in a prefix of IPv6": (None, of("prefix", "2a05:d000::/20"), {}, 6),
    "in no known prefix": (UNKNOWN, of("prefix", "91.218.160.0/20"), {"prefix_v4": None}, 4),
    "in a prefix that is none": (UNKNOWN, of("prefix", "91.218.160.0/20"), {"prefix_v4": "2001:db8::/32"}, 4),
    "in the region": (None, of("region", "central_asia"), {}, 4),
    "in another region": (OTHER, of("region", "central_asia"), {"country_code": "DE"}, 4),
    "in a region with borders that nobody told": (UNKNOWN, of("region", "asia"), {}, 4),
    "in the world": (None, of("area", "WW"), {}, 4),
    "in an area with borders that nobody told": (UNKNOWN, of("area", "South-East"), {}, 4),
    "taking part in something": (UNKNOWN, of("msm", "1001"), {}, 4),
    "of those that are listed": (None, named(9, 7), {}, 4),
    "of others than are listed": (OTHER, named(8, 9), {}, 4),
    "seen long ago": (UNKNOWN, of("country", "TJ"), {"observed_at": NOW - FRESH_S - 1}, 4),
    "seen just in time": (None, of("country", "TJ"), {"observed_at": NOW - FRESH_S}, 4),
    "with the tag": (None, of("country", "TJ", include_tags=["home"]), {}, 4),
    "without the tag": (OTHER, of("country", "TJ", include_tags=["office"]), {}, 4),
    "with a tag that it must not have": (OTHER, of("country", "TJ", exclude_tags=["home"]), {}, 4),
}  # fmt: skip


@pytest.mark.acceptance("agreement.1")
@pytest.mark.parametrize("name", INSIDE)
def test_a_probe_is_judged_by_what_is_known_of_it(name: str) -> None:
    expected, wider, changes, family = INSIDE[name]

    assert judged(wider, named(7), probe(7, **changes), family=family) is expected


@pytest.mark.acceptance("agreement.1")
def test_a_probe_that_nobody_knows_is_refused_as_such() -> None:
    """Wherever the card allows some, but in the whole world; where one of several is elsewhere, that is the reason."""
    for wider in (of("country", "TJ"), of("asn", "24722"), of("prefix", "91.218.160.0/20"), of("region", "asia")):
        assert judged(wider, named(7, 8), probe(7)) in (UNKNOWN, None)
        assert judged(wider, named(8)) is UNKNOWN
    assert judged(of("area", "WW"), named(8)) is None
    assert judged(of("country", "TJ"), named(7, 8), probe(7)) is UNKNOWN
    assert judged(of("country", "TJ"), named(7, 8), probe(7, country_code="UZ")) is OTHER


def test_a_tag_that_is_asked_for_need_not_be_known() -> None:
    wider = of("country", "TJ", include_tags=["office"], exclude_tags=["home"])

    assert judged(wider, named(7, include_tags=["office"], exclude_tags=["home"]), probe(7)) is None
    assert judged(named(7, include_tags=["office"]), named(7)) is UNKNOWN


@pytest.mark.acceptance("agreement.1")
def test_no_more_are_named_than_a_selection_allows() -> None:
    """Together, whether in one list or in several, and each list within one selection of the card."""
    known = Whereabouts({n: probe(n, country_code="TJ" if n < 10 else "UZ") for n in range(1, 20)}, None, NOW)
    card = [of("country", "TJ", 3), of("country", "UZ", "all")]

    assert against([named(1, 2), named(3)], card, known, 4) is None
    assert against([named(1, 2), named(3, 4)], card, known, 4) is OTHER
    assert against([named(1, 2, 3, 4)], card, known, 4) is OTHER
    assert against([named(1, 2, 3, 4, requested="all")], card, known, 4) is OTHER
    assert against([named(1, 2, 3, 4, requested=3)], card, known, 4) is None
    assert against([named(*range(10, 20)), named(1)], card, known, 4) is None
    assert against([named(1, 11)], card, known, 4) is OTHER
    assert against([of("country", "TJ", 3), named(11)], card, known, 4) is None


def test_whatever_is_chosen_otherwise_is_judged_as_before() -> None:
    """A narrower selection is the same one, with fewer probes; to name them narrows no card without a vote."""
    assert judged(of("country", "TJ"), of("country", "TJ", 5), probe(7)) is None
    assert judged(of("country", "TJ"), of("asn", "24722", 1), probe(7)) is OTHER
    assert not selects(of("country", "TJ"), named(7))


def asked(intent: Intent, **changes: Any) -> Case:
    return Case(intent, make_consent(), make_memorandum(), make_surroundings(**changes), NOW)


@pytest.mark.acceptance("agreement.1")
def test_the_gate_takes_probes_by_their_numbers_where_they_are_known() -> None:
    intent = make_intent(selections=(named(7, 8),))
    both = {7: probe(7), 8: probe(8)}

    assert decide(*asked(intent, probes=both)).is_permitted
    assert decide(*asked(intent)).reason is UNKNOWN
    assert decide(*asked(intent, probes={**both, 8: probe(8, country_code="AF")})).reason is OTHER
    later = asked(intent, probes=both)._replace(now=NOW + FRESH_S - 3_600)
    assert UNKNOWN not in list(objections(later))
    assert UNKNOWN in list(objections(later._replace(now=NOW + FRESH_S - 3_599)))


@pytest.mark.acceptance("agreement.1")
def test_a_narrower_card_is_held_to_as_well() -> None:
    card = make_card(selections=[{"by": "asn", "value": "24722", "requested": 20}])
    case = asked(make_intent(card, selections=(named(7),)), probes={7: probe(7, asn_v4=43197)})

    assert decide(*case._replace(consent=make_consent(make_version(card)))).reason is OTHER


@pytest.mark.acceptance("agreement.1")
@pytest.mark.parametrize(
    ("network", "is_refused"),
    [("as24722", True), ("as43197", True), ("as64500", False)],
)
def test_probes_in_a_network_that_opted_out_are_not_asked_by_their_numbers(network: str, *, is_refused: bool) -> None:
    """In whichever address family they are in it."""
    out = make_entry(name=network, is_tajik=True, opted_out_at=NOW)
    case = asked(make_intent(selections=(named(7),)), probes={7: probe(7)}, networks=(out,))

    assert (Reason.NETWORK_OPTED_OUT in list(objections(case))) is is_refused


def test_a_registry_knows_what_tajik_networks_announce() -> None:
    """All that announce a prefix; and of what lies within one, that it is nobody else's."""
    registry = Registry(
        ["91.218.160.0/19"], [24722, 43197, 34557], NOW, {"91.218.160.0/20": 24722, "91.218.168.0/21": 43197},
        [("91.218.168.0/21", 34557)],
    )  # fmt: skip

    assert [registry.announces(asn, "91.218.168.0/24") for asn in (24722, 43197, 34557)] == [True, True, True]
    assert [registry.announces(asn, "91.218.160.0/24") for asn in (24722, 43197, 34557)] == [True, False, False]
    assert [registry.announces(asn, "91.218.0.0/16") for asn in (24722, 34557)] == [True, True]
    assert registry.announces(64500, "91.218.168.0/24") is False
    assert registry.announces(64500, "91.218.0.0/16") is None
    assert registry.announces(64500, "198.51.100.0/24") is None
    assert registry.announces(24722, "2a05:d018::/32") is False


def test_of_most_regions_nobody_tells_the_countries() -> None:
    """So that they are never taken for known: all are asked."""
    for by, values in (("region", REGIONS - {"central_asia"}), ("area", AREAS - {"WW"})):
        assert {judged(of(by, value), named(7), probe(7)) for value in values} == {UNKNOWN}
