"""A card has one form and one digest, and what makes no sense is told at its place."""

import hashlib
import json
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from measurements.agreements.card import canonical_form, digest, read_card
from measurements.errors import InvalidCard
from tests.measurements.agreements.making import CARD, make_card


def test_the_digest_is_that_of_the_form_and_anybody_can_work_it_out() -> None:
    """By a program that knows nothing of ours."""
    program = (
        "import hashlib, json, sys; text = sys.stdin.read(); "
        "print(hashlib.sha256(json.dumps(json.loads(text), sort_keys=True, separators=(',', ':'), "
        "ensure_ascii=False).encode()).hexdigest())"
    )
    pretty = json.dumps(json.loads(canonical_form(make_card())), indent=4)

    done = subprocess.run([sys.executable, "-c", program], input=pretty, capture_output=True, text=True, check=True)

    assert done.stdout.strip() == digest(make_card())


def test_the_form_does_not_change() -> None:
    """Votes were cast on it: another form would make them votes on something else."""
    assert digest(make_card()) == "66305d470acadacd180c0336bec184c2e9009669bb79cd6a690c79f57fc54e7c"
    assert hashlib.sha256(canonical_form(make_card())).hexdigest() == digest(make_card())


@pytest.mark.parametrize(
    "same",
    [
        {"starts_at": "2027-01-09T19:00:00Z"},
        {"max_packets_per_s": 0.5},
        {"max_packets_per_s": "0.500"},
        {"title": "  K-root from Tajikistan "},
        {"data_class": "agreed_collection"},
        {"activity_id": None},
    ],
)
def test_the_same_said_otherwise_has_the_same_digest(same: dict[str, Any]) -> None:
    assert digest(make_card(**same)) == digest(make_card())


def test_letters_written_in_two_ways_are_the_same_letters() -> None:
    assert digest(make_card(title="Ӣ")) == digest(make_card(title="Ӣ"))


@pytest.mark.parametrize("field", sorted(set(CARD) - {"may_be_narrowed"}))
def test_every_field_is_in_the_digest(field: str) -> None:
    other: dict[str, Any] = {
        "measurements": CARD["measurements"][:1],
        "selections": [{"by": "country", "value": "TJ", "requested": 19}],
        "clause": "II.5",
        "starts_at": "2027-01-11T00:00:00+05:00",
        "ends_at": "2027-06-29T00:00:00+05:00",
        "max_packets_per_s": "0.501",
        "is_public": False,
        "retention": {"raw_days": 364, "probe_level_days": 365},
        "publication": {"embargo_days": 8},
    }
    changed = other.get(field)
    if changed is None:
        changed = CARD[field] + 1 if isinstance(CARD[field], int) else [] if field in EMPTIED else ["other"]
        changed = "other" if isinstance(CARD[field], str) else changed

    assert digest(make_card(**{field: changed})) != digest(make_card())
    assert digest(make_card(may_be_narrowed=False)) != digest(make_card())


EMPTIED = {"probe_level_readers"}
PARAMETERS = "/measurements/0/parameters"


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        ({"data_class": "forbidden"}, "/data_class"),
        ({"clause": "II.8"}, "/clause"),
        ({"title": " "}, "/title"),
        ({"max_probes": 1001}, "/max_probes"),
        ({"max_probes": "20"}, "/max_probes"),
        ({"starts_at": "2027-01-10T00:00:00"}, "/starts_at"),
        ({"starts_at": "2027-01-10T00:00:00.5Z"}, "/starts_at"),
        ({"ends_at": "2027-01-09T00:00:00Z"}, "/ends_at"),
        ({"contacts": []}, "/contacts"),
        ({"max_packets_per_s": 0}, "/max_packets_per_s"),
        ({"unheard_of": 1}, "/unheard_of"),
        ({"retention": {"raw_days": 2, "probe_level_days": 1}}, "/retention/raw_days"),
        ({"measurements": []}, "/measurements"),
        ({"measurements": [CARD["measurements"][0]] * 2}, "/measurements"),
        *(
            ({"measurements": [CARD["measurements"][0] | {"parameters": {name: value}}]}, f"{PARAMETERS}/{name}")
            for name, value in {"packets": 17, "paris": 1, "tags": "x", "size": "48", "include_probe_id": 1}.items()
        ),
        ({"measurements": [CARD["measurements"][0] | {"parameters": {"a/b~": 1}}]}, f"{PARAMETERS}/a~1b~0"),
        ({"measurements": [CARD["measurements"][0] | {"interval_s": 604_801}]}, "/measurements/0/interval_s"),
        (
            {"measurements": [{"target": "x.tj", "type": "dns", "address_family": 4, "interval_s": 240}]},
            f"{PARAMETERS}/query_type",
        ),
        ({"measurements": [CARD["measurements"][0] | {"type": "http"}]}, "/measurements/0/type"),
        ({"measurements": [CARD["measurements"][0] | {"target": "2001:7fd::1"}]}, "/measurements/0/target"),
        ({"selections": [{"by": "country", "value": "Tajikistan", "requested": 1}]}, "/selections/0/value"),
    ],
)
def test_what_makes_no_sense_is_told_at_its_place(wrong: dict[str, Any], place: str) -> None:
    with pytest.raises(InvalidCard) as failed:
        make_card(**wrong)

    assert [pointer for pointer, _ in failed.value.problems] == [place]


DNS: dict[str, Any] = {
    "type": "dns", "target": "x.tj", "address_family": 4, "interval_s": 240,
    "parameters": {"query_type": "A", "query_argument": "x.tj"},
}  # fmt: skip


@pytest.mark.parametrize(
    ("entry", "parameters", "why"),
    [
        (CARD["measurements"][0], {"resolve_on_probe": True}, "whom its packets reach"),
        (CARD["measurements"][1], {"skip_dns_check": True}, "leads nowhere"),
        (CARD["measurements"][0], {"include_probe_id": True}, "which probe asks"),
        (DNS, {"prepend_probe_id": True}, "which probe asks"),
        (DNS, {"use_macros": True, "query_argument": "$p.x.tj"}, "which probe asks"),
    ],
)
def test_no_card_says_otherwise_whom_packets_reach_or_who_sends_them(
    entry: dict[str, Any], parameters: dict[str, Any], why: str
) -> None:
    changed = entry | {"parameters": entry.get("parameters", {}) | parameters}

    with pytest.raises(InvalidCard, match=f"/measurements/0/parameters/.*{why}"):
        make_card(measurements=[changed])


@pytest.mark.parametrize(
    "parameters",
    [
        {"include_qbuf": True},
        {"prepend_probe_id": False, "resolve_on_probe": False},
        {"use_macros": True, "query_argument": "$r.x.tj"},
    ],
)
def test_what_tells_nobody_who_asks_may_be_agreed_on(parameters: dict[str, Any]) -> None:
    card = make_card(measurements=[DNS | {"parameters": DNS["parameters"] | parameters}])

    assert card.measurements[0].parameters.items() >= parameters.items()


def test_all_places_are_told_at_once() -> None:
    with pytest.raises(InvalidCard) as failed:
        read_card({"title": "alone", "clause": "V"})

    places = {pointer for pointer, _ in failed.value.problems}
    assert {"/clause", "/purpose", "/measurements", "/contacts"} <= places
    assert "/title" not in places


@pytest.mark.parametrize("document", [None, 5, "text", [], b"\xff"])
def test_what_is_no_object_is_no_card(document: object) -> None:
    with pytest.raises(InvalidCard):
        read_card(document)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda one: st.lists(one, max_size=3)))
def test_no_value_of_any_field_raises_anything_else(value: object) -> None:
    for field in CARD:
        try:
            make_card(**{field: value})
        except InvalidCard:
            continue
