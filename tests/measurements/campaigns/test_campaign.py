"""A campaign's document: what it expands into, what is refused and where, and what its digest is on."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from measurements.campaigns.campaign import digest
from measurements.campaigns.document import read_document
from measurements.errors import InvalidContent
from measurements.units import iso
from tests.campaigning import DOCUMENT, make_campaign

SOA = {"query_type": "SOA", "query_argument": "tj"}
DNS: dict[str, Any] = {
    "targets": ["k-root", "193.0.9.117"], "type": "dns", "families": [4], "parameters": SOA,
    "variants": [{"protocol": "UDP"}, {"protocol": "TCP"}], "interval_s": 600,
}  # fmt: skip


def test_a_matrix_is_every_target_by_family_by_variant() -> None:
    cells = make_campaign(matrix=[DNS]).cells

    assert [(one.allowed.target, one.allowed.parameters["protocol"]) for one in cells] == [
        ("k-root", "UDP"), ("k-root", "TCP"), ("193.0.9.117", "UDP"), ("193.0.9.117", "TCP"),
    ]  # fmt: skip
    assert {one.allowed.parameters["query_argument"] for one in cells} == {"tj"}
    assert len({one.key for one in cells}) == 4


def test_a_cell_keeps_its_name_however_often_it_is_measured_and_wherever_it_stands() -> None:
    """So that its series go on."""
    before = {one.key for one in make_campaign(matrix=[DNS]).cells}
    moved = {**DNS, "targets": ["193.0.9.117", "k-root"], "interval_s": 900}
    other = {**DNS, "parameters": {**SOA, "query_argument": "nic.tj"}}

    assert {one.key for one in make_campaign(matrix=[moved]).cells} == before
    assert before.isdisjoint(one.key for one in make_campaign(matrix=[other]).cells)


def test_the_digest_is_on_what_is_said_and_not_on_how() -> None:
    reordered = dict(reversed(DOCUMENT.items())) | {"starts_at": "2027-01-09T19:00:00Z"}

    assert digest(make_campaign(**reordered)) == digest(make_campaign())
    assert digest(make_campaign(title="Another")) != digest(make_campaign())
    assert digest(make_campaign()) == "d7e5dad3bb0089135b02c829b7cbb44e2696d662a603c8e0db05d45d3b99717a"


@pytest.mark.parametrize(
    ("changes", "place", "why"),
    [
        ({"name": "K root"}, "/name", "is no name"),
        ({"ends_at": "2027-01-01T00:00:00Z"}, "", "is not after starts_at"),
        ({"budget_credits": 0}, "/budget_credits", "greater than or equal to 1"),
        (
            {"schedule": {"kind": "nightly", "mode": "periodic", "begins": "1", "ends": "05:00"}},
            "/schedule/begins", "time",
        ),
        ({"schedule": {"kind": "cron", "mode": "periodic"}}, "/schedule/expression", "required"),
        ({"schedule": {"kind": "nightly", "mode": "rounds", "begins": "01:00", "ends": "05:00"}}, "", "every_s"),
        ({"matrix": [{**DNS, "interval_s": None}]}, "", "interval_s is said of periodic"),
        ({"matrix": [DNS, DNS]}, "", "is in it twice"),
        ({"matrix": [{**DNS, "variants": [{"protocol": "ICMP"}]}]}, "/matrix/0", "protocol"),
        ({"matrix": [{**DNS, "families": [4, 6], "targets": [f"192.0.2.{n}" for n in range(100)],
                      "variants": [{"retry": n} for n in range(6)]}]}, "/matrix/0", "more than 1000"),
        ({"matrix": [{**DNS, "families": [5]}]}, "/matrix/0/families/0", "4 or 6"),
        ({"selections": []}, "/selections", "at least 1"),
        ({"built_ins": [{"atlas_ids": [2_000_000]}]}, "/built_ins/0/atlas_ids/0", "less than 1000000"),
        ({"frequency": 1}, "/frequency", "Extra inputs"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_at_its_place(changes: dict[str, Any], place: str, why: str) -> None:
    with pytest.raises(InvalidContent) as refused:
        make_campaign(**changes)

    assert [one[0] for one in refused.value.problems] == [place]
    assert why in refused.value.problems[0][1]


def test_rounds_lie_inside_its_time() -> None:
    """The first night that begins in it, and the last one cut short by its end."""
    campaign = make_campaign(starts_at="2027-01-10T02:00:00+05:00", ends_at="2027-01-12T03:00:00+05:00")

    ticks = list(campaign.rounds_after(0))

    assert [(iso(one.round_at), iso(one.until_at)) for one in ticks] == [
        ("2027-01-10T20:00:00Z", "2027-01-11T00:00:00Z"),
        ("2027-01-11T20:00:00Z", "2027-01-11T22:00:00Z"),
    ]
    assert campaign.first_due(0) == ticks[0]
    assert campaign.first_due(ticks[0].until_at - 1) == ticks[0]
    assert campaign.next_due(ticks[0].round_at) == ticks[1]
    assert campaign.next_due(ticks[1].round_at) is None
    assert campaign.first_due(ticks[1].until_at) is None


@given(st.integers(1_799_500_000, 1_814_000_000))
def test_what_is_open_now_is_found_and_nothing_later(now: int) -> None:
    campaign = make_campaign(schedule={"kind": "nightly", "mode": "periodic", "begins": "22:00", "ends": "04:00"})

    tick = campaign.first_due(now)

    assert tick == next((one for one in campaign.rounds_after(0) if one.until_at > now), None)


def test_yaml_is_read_as_people_mean_it() -> None:
    text = "country: NO\nbegins: 10:30\non: 2027-01-10\nn: 12\nx: 0.5\nis: true\nnone: null\nhex: 0x10\nempty:\n"

    assert read_document(text) == {
        "country": "NO", "begins": "10:30", "on": "2027-01-10", "n": 12, "x": 0.5, "is": True, "none": None,
        "hex": "0x10", "empty": None,
    }  # fmt: skip
    assert read_document('{"a": [1, "b"]}') == {"a": [1, "b"]}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a: 1\nb: 2\na: 3", "stands there twice"),
        ("a: &x [1]\nb: *x", "line 2: points to another part"),
        ("a: [1", "line 1: expected"),
        ("a: !!python/object/apply:os.system [id]", "line 1: could not determine a constructor"),
        ("a: \x00", "cannot be read"),
        ("a" * 1_000_001, "are no campaign"),
        ("[" * 5_000 + "]" * 5_000, "cannot be read"),
    ],
)
def test_what_is_no_document_is_refused(text: str, why: str) -> None:
    with pytest.raises(InvalidContent, match=why):
        read_document(text)
