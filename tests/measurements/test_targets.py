"""Targets: one name for a destination, however a record writes it."""

import pytest

from measurements.targets import K_ROOT, Target, canonical_target, find_target, known_targets


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("k.root-servers.net", None),
        ("K.ROOT-SERVERS.NET.", "193.0.14.129"),
        ("193.0.14.129", None),
        (None, "193.0.14.129"),
        (None, "2001:7fd::1"),
        ("2001:07FD:0:0:0:0:0:1", None),
        ("some.alias.example", "193.0.14.129"),
    ],
)
def test_k_root_is_known_by_any_of_its_names(name: str | None, address: str | None) -> None:
    """By host name or address, in every spelling, and where either of the two is its."""
    assert canonical_target(name, address) == "k-root"


@pytest.mark.parametrize(
    ("name", "address", "target"),
    [
        ("WWW.Example.NET.", "192.0.2.10", "www.example.net"),
        (None, "192.0.2.10", "192.0.2.10"),
        ("", "2001:DB8:0::0010", "2001:db8::10"),
        ("2001:DB8:0::0010", None, "2001:db8::10"),
        (None, None, None),
        ("", "", None),
    ],
)
def test_any_other_goes_by_its_name_or_address(name: str | None, address: str | None, target: str | None) -> None:
    """The name asked for comes first; addresses are written as RFC 5952 asks."""
    assert canonical_target(name, address) == target


@pytest.mark.parametrize("text", ["k-root", "K-ROOT", "k.root-servers.net.", "193.0.14.129", "2001:7FD::1"])
def test_a_known_target_is_found(text: str) -> None:
    """As a person may type it."""
    assert find_target(text) is K_ROOT


@pytest.mark.parametrize("text", ["", "l-root", "193.0.14.130", "k.root-servers.net.example"])
def test_others_are_not(text: str) -> None:
    """Not even nearly the same."""
    assert find_target(text) is None


@pytest.mark.parametrize("known", known_targets())
def test_built_in_measurements_are_listed_once(known: Target) -> None:
    """Every type for both address families, under different ids."""
    ids = [built_in.atlas_id for built_in in known.built_ins]

    assert len(ids) == len(set(ids))
    assert {(b.type, b.address_family) for b in known.built_ins} == {
        (kind, family) for kind in ("ping", "traceroute", "dns") for family in (4, 6)
    }
