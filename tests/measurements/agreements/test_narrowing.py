"""Narrower is less of the same; anything else takes a vote."""

from typing import Any

import pytest

from measurements.agreements.narrowing import is_narrower, narrowest_entry, narrowest_selections, widenings
from tests.measurements.agreements.making import CARD, make_card

PING, TRACEROUTE = CARD["measurements"]
SELECTION = CARD["selections"][0]


@pytest.mark.parametrize(
    "less",
    [
        {"max_probes": 10},
        {"max_credits": 1},
        {"max_packets_per_s": "0.1"},
        {"ends_at": "2027-05-01T00:00:00Z"},
        {"starts_at": "2027-02-01T00:00:00Z"},
        {"measurements": [PING]},
        {"measurements": [PING | {"interval_s": 480}]},
        {"selections": [SELECTION | {"requested": 5}]},
        {"selections": [SELECTION | {"exclude_tags": ["home"], "include_tags": ["system-ipv4-works"]}]},
        {"retention": {"raw_days": 30, "probe_level_days": 90}},
        {"probe_level_readers": []},
        {"publication": {"embargo_days": 14, "min_probes": 6}},
        {"may_be_narrowed": False},
    ],
)
def test_less_of_the_same_is_narrower(less: dict[str, Any]) -> None:
    card, agreed = make_card(**less), make_card()

    assert is_narrower(card, agreed)
    assert not is_narrower(agreed, card), "and the other way round it is wider"


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"title": "other"}, "title"),
        ({"is_public": False}, "is_public"),
        ({"contacts": ["other"]}, "contacts"),
        ({"max_probes": 21}, "max_probes"),
        ({"max_packets_per_s": "0.501"}, "max_packets_per_s"),
        ({"ends_at": "2027-07-01T00:00:00Z"}, "ends_at"),
        ({"starts_at": "2027-01-01T00:00:00Z"}, "starts_at"),
        ({"measurements": [PING | {"interval_s": 239}]}, "measurements"),
        ({"measurements": [PING | {"interval_s": None}]}, "measurements"),
        ({"measurements": [PING | {"address_family": 6}]}, "measurements"),
        ({"measurements": [PING | {"parameters": {"packets": 2}}]}, "measurements"),
        ({"selections": [SELECTION | {"requested": "all"}]}, "selections"),
        ({"selections": [SELECTION | {"value": "UZ"}]}, "selections"),
        ({"retention": {"raw_days": 365, "probe_level_days": 366}}, "retention"),
        ({"probe_level_readers": ["ripe_ncc", "tojiktelecom"]}, "probe_level_readers"),
        ({"publication": {"embargo_days": 6}}, "publication"),
        ({"max_probes": 10, "max_credits": 10_000_001}, "max_credits"),
    ],
)
def test_more_or_other_is_not_and_the_field_is_named(more: dict[str, Any], field: str) -> None:
    assert widenings(make_card(**more), make_card()) == (field,)


def test_the_same_is_neither() -> None:
    assert widenings(make_card(), make_card()) == ()
    assert not is_narrower(make_card(), make_card())
    assert widenings(make_card(), make_card(may_be_narrowed=False)) == ("may_be_narrowed",)


def test_an_entry_is_measured_as_seldom_as_the_narrowest_card_says() -> None:
    agreed = make_card()
    cards = [make_card(measurements=[PING | {"interval_s": interval}, TRACEROUTE]) for interval in (480, 960, 240)]
    dropped = make_card(measurements=[TRACEROUTE])
    ping, traceroute = agreed.measurements

    assert narrowest_entry(ping, [agreed, *cards]).interval_s == 960
    assert narrowest_entry(traceroute, [agreed, *cards]) == traceroute
    assert narrowest_entry(ping, [agreed, dropped]) == ping, "the gate says that it was dropped"
    once = ping.model_copy(update={"interval_s": None})
    assert narrowest_entry(once, [agreed]) == once


def test_selections_are_those_of_every_card() -> None:
    """Of two parties that narrow it each its own way, too."""
    agreed = make_card()
    fewer = make_card(selections=[SELECTION | {"requested": 5}])
    tagged = make_card(selections=[SELECTION | {"include_tags": ["system-ipv4-works"], "requested": 9}])
    elsewhere = make_card(selections=[{"by": "country", "value": "KZ", "requested": 1}])

    (both,) = narrowest_selections(agreed, [agreed, fewer, tagged])
    assert (both.requested, both.include_tags) == (5, ("system-ipv4-works",))
    assert narrowest_selections(agreed, [agreed]) == agreed.selections
    assert narrowest_selections(agreed, [elsewhere]) == agreed.selections, "the gate says that it is none of them"
