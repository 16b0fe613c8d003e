"""Selections of probes: what may be asked for, and what the platform would refuse."""

import pytest

from measurements.errors import InvalidDefinition
from measurements.selections import ALL_PROBES, ProbeSelection, SelectedBy, in_country, these_probes


@pytest.mark.parametrize(
    ("by", "value"),
    [
        (SelectedBy.AREA, "WW"),
        (SelectedBy.COUNTRY, "TJ"),
        (SelectedBy.REGION, "central_asia"),
        (SelectedBy.ASN, "43197"),
        (SelectedBy.ASN, "4294967295"),
        (SelectedBy.PREFIX, "91.218.160.0/20"),
        (SelectedBy.PREFIX, "2001:7fd::/32"),
        (SelectedBy.PROBES, "1,2,3"),
        (SelectedBy.MEASUREMENT, "1001"),
    ],
)
def test_every_kind_of_selection_is_taken(by: SelectedBy, value: str) -> None:
    """As many as match, or some."""
    for requested in (ALL_PROBES, 1, 1000):
        assert ProbeSelection(by=by, value=value, requested=requested).value == value


@pytest.mark.parametrize(
    ("by", "value"),
    [
        (SelectedBy.AREA, "ww"),
        (SelectedBy.COUNTRY, "tj"),
        (SelectedBy.COUNTRY, "TJK"),
        (SelectedBy.REGION, "Central Asia"),
        (SelectedBy.ASN, "AS43197"),
        (SelectedBy.ASN, "0"),
        (SelectedBy.ASN, "4294967296"),
        (SelectedBy.ASN, "٤"),
        (SelectedBy.PREFIX, "91.218.160.1/20"),
        (SelectedBy.PREFIX, "91.218.160.1"),
        (SelectedBy.PROBES, ""),
        (SelectedBy.PROBES, "1,,2"),
        (SelectedBy.PROBES, "1-5"),
        (SelectedBy.MEASUREMENT, "0"),
    ],
)
def test_a_value_that_selects_nothing_is_refused(by: SelectedBy, value: str) -> None:
    """With what would."""
    with pytest.raises(InvalidDefinition, match=r"^value: .*expected"):
        ProbeSelection(by=by, value=value, requested=1)


@pytest.mark.parametrize("requested", [0, -2, 1001])
def test_a_number_of_probes_that_nobody_gets_is_refused(requested: int) -> None:
    """The platform gives at most a thousand."""
    with pytest.raises(InvalidDefinition, match=r"^requested: "):
        in_country("TJ", requested)


def test_tags_are_slugs() -> None:
    """To have, and not to have."""
    with pytest.raises(InvalidDefinition, match=r"^include_tags: "):
        in_country("TJ", 1, "System: IPv4 Works")
    with pytest.raises(InvalidDefinition, match=r"^exclude_tags: "):
        ProbeSelection(by=SelectedBy.AREA, value="WW", requested=1, exclude_tags=("",))

    assert in_country("TJ", 1, "system-ipv4-works").include_tags == ("system-ipv4-works",)


def test_listed_probes_are_all_asked_for() -> None:
    """And can be read back."""
    selection = these_probes(6042, 12)

    assert selection.requested == 2
    assert selection.probe_ids == (6042, 12)
    assert in_country("TJ", 1).probe_ids == ()
