"""Whether a name leads elsewhere than it did."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from measurements.agreements.addresses import MemoryResolver, NotResolved, has_drifted, has_name_to_resolve
from tests.measurements.agreements.making import make_entry

V4, V4_TOO, V6 = "192.0.2.1", "192.0.2.2", "2001:db8::1"
ADDRESSES = st.frozensets(st.ip_addresses().map(str), max_size=4)


@pytest.mark.parametrize(
    ("pinned", "seen", "expected"),
    [
        ({V4, V6}, {V4, V6}, False),
        ({V4, V4_TOO}, {V4_TOO}, False),
        ({V4}, {V4_TOO}, True),
        ({V4}, {V4, V4_TOO}, True),
        ({V4}, {V4, V6}, True),
        ({V4, V6}, {V4}, True),
        ({V4}, set(), True),
        (set(), {V4}, True),
        (set(), set(), False),
    ],
)
def test_drift(pinned: set[str], seen: set[str], *, expected: bool) -> None:
    """An address that is new, or a family that is gone; some of many in turn are none."""
    assert has_drifted(frozenset(pinned), frozenset(seen)) is expected


@given(pinned=ADDRESSES, seen=ADDRESSES)
def test_nobody_new_is_ever_measured_without_a_drift(pinned: frozenset[str], seen: frozenset[str]) -> None:
    assert has_drifted(pinned, seen) or seen <= pinned
    assert not has_drifted(seen, seen)
    assert not pinned or has_drifted(pinned, frozenset())


@pytest.mark.parametrize(
    ("target", "expected"),
    [("ns1.nic.tj", True), ("k-root", False), ("k.root-servers.net", False), (V4, False), (V6, False)],
)
def test_what_is_an_address_or_known_with_its_own_leads_nowhere_else(target: str, *, expected: bool) -> None:
    assert has_name_to_resolve(target) is expected
    assert make_entry(name=target).has_name is expected


@pytest.mark.parametrize(
    ("name", "asn"), [("as24722", 24722), ("as0", None), ("as24722.net", None), ("AS24722", None), ("k-root", None)]
)
def test_a_network_has_an_entry_of_its_own(name: str, asn: int | None) -> None:
    entry = make_entry(name=name)

    assert entry.asn == asn
    assert not (entry.asn and entry.has_name)


def test_who_was_told_of_nothing_does_not_answer() -> None:
    resolver = MemoryResolver({"here.example": frozenset({V4})})

    assert resolver.addresses("here.example") == {V4}
    with pytest.raises(NotResolved, match=r"away\.example"):
        resolver.addresses("away.example")
