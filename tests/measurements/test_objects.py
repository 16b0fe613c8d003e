"""Members of platform objects."""

from collections.abc import Callable

import pytest

from measurements.errors import UnreadableObject
from measurements.objects import Object, instant_at, is_true, objects, required_number, status_name, text, whole_number


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1453892343, 1453892343),
        (1453892343.0, 1453892343),
        ("2016-01-27T10:59:03Z", 1453892343),
        ("2016-01-27T10:59:03", 1453892343),
        ("2016-01-27T15:59:03+05:00", 1453892343),
        ("2016-01-27T10:59:03.666278Z", 1453892343),
        (None, None),
    ],
)
def test_an_instant_is_a_number_or_a_text(value: object, expected: int | None) -> None:
    """Both were recorded; a text without a zone is UTC."""
    assert instant_at({"when": value}, "when") == expected


@pytest.mark.parametrize(
    ("read", "value"),
    [
        (whole_number, "7"),
        (whole_number, True),
        (whole_number, -1),
        (whole_number, 2**63),
        (required_number, None),
        (text, 7),
        (is_true, "yes"),
        (objects, {}),
        (instant_at, "yesterday"),
        (instant_at, [1]),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(read: Callable[[Object, str], object], value: object) -> None:
    """The message names the member."""
    with pytest.raises(UnreadableObject, match="member"):
        read({"member": value}, "member")


def test_a_status_is_an_object_or_a_number_with_a_name_beside_it() -> None:
    """API and archive."""
    assert status_name({"status": {"id": 1, "name": "Connected"}}) == "Connected"
    assert status_name({"status": 1, "status_name": "Connected"}) == "Connected"
    assert status_name({}) is None
