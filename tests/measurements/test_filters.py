"""What people ask for is checked in one place, and what is wrong is named as they know it."""

from collections.abc import Callable

import pytest

from measurements.errors import InvalidFilter
from measurements.filters import asked_country, asked_family, one_of, require_order
from measurements.targets import asked_target


def test_what_is_asked_for_is_put_in_canonical_form() -> None:
    """Whatever the spelling; nothing stays nothing."""
    assert one_of("type", "ping", {"ping": 1}) == 1
    assert (asked_family(None), asked_family(6)) == (None, 6)
    assert asked_country(" tj ") == "TJ"
    assert asked_target(" 2001:7FD:0::1 ") == asked_target("K.root-servers.net.") == "k-root"


@pytest.mark.parametrize(
    ("ask", "field", "says"),
    [
        (
            lambda: one_of("type", "pong", {"ping": 1, "dns": 2}),
            "type",
            "'pong' is not a known type; allowed are ping, dns",
        ),
        (lambda: asked_family(5), "address_family", "allowed are 4, 6"),
        (lambda: asked_country("TJK"), "country", "two letters"),
        (lambda: asked_country("т1"), "country", "two letters"),
        (lambda: asked_target(" . "), "target", "name a target"),
        (lambda: require_order(5, 5), "to", "later than the start"),
    ],
)
def test_what_is_wrong_is_named(ask: Callable[[], object], field: str, says: str) -> None:
    """By the name of its filter, with what is allowed."""
    with pytest.raises(InvalidFilter, match=says) as refused:
        ask()

    assert refused.value.field == field


@pytest.mark.parametrize("window", [(None, None), (5, None), (None, 5), (5, 6)])
def test_a_window_may_be_open(window: tuple[int | None, int | None]) -> None:
    """At either end, or at both."""
    require_order(*window)
