"""How listings become a registry: only whole ones, only all of them, and as old as the oldest."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from measurements.agreements.listings import Lister, Listing, asn_of, assemble, networks, originated, registered

V4, V6 = "198.51.100.0/24", "2001:db8::/32"
PREFIXES = registered([V4, V6], Lister.RIPESTAT, 100)
ASNS = networks([64500, 64501], Lister.RIPESTAT, 200)
FIRST = originated(64500, ["192.0.2.0/24"], Lister.RIPESTAT, 300)
SECOND = originated(64501, [], Lister.RIPESTAT, 90)
WHOLE = (PREFIXES, ASNS, FIRST, SECOND)


def test_a_whole_set_makes_a_registry_as_old_as_its_oldest_part() -> None:
    registry, missing = assemble(WHOLE)

    assert missing == ()
    assert registry is not None
    assert (set(registry.asns), registry.observed_at) == ({64500, 64501}, 90)
    assert [registry.holds(one) for one in ("198.51.100.1", "2001:db8::1", "192.0.2.1", "203.0.113.1")] == [
        True, True, True, False,
    ]  # fmt: skip
    assert registry.origin_of("192.0.2.1") == 64500
    assert registry.origin_of("198.51.100.1") is None


@pytest.mark.parametrize(
    ("absent", "missing"),
    [
        (PREFIXES, "the prefixes registered in TJ"),
        (ASNS, "the networks registered in TJ"),
        (FIRST, "what AS64500 announces"),
        (SECOND, "what AS64501 announces"),
    ],
)
def test_without_any_part_there_is_none(absent: Listing, missing: str) -> None:
    """Whether it is not there at all, or known to lack something."""
    rest = [one for one in WHOLE if one is not absent]

    assert assemble(rest) == (None, (missing,))
    assert assemble([*rest, absent._replace(is_complete=False)]) == (None, (missing,))


def test_of_nothing_no_registry_is_made() -> None:
    assert assemble([]).registry is None


def test_listers_add_up_and_the_latest_word_of_a_kind_dates_it() -> None:
    """What was given back is Tajik as long as anybody's latest list has it."""
    older = registered(["203.0.113.0/24", V6], Lister.RIR, 10)

    registry, _ = assemble([*WHOLE, older])

    assert registry is not None
    assert registry.holds("203.0.113.9")
    assert registry.holds("198.51.100.9")
    assert registry.observed_at == 90


def test_what_a_network_announces_that_is_not_tajik_does_not_count() -> None:
    elsewhere = originated(64999, ["203.0.113.0/24"], Lister.RIPESTAT, 1)

    registry, _ = assemble([*WHOLE, elsewhere])

    assert registry is not None
    assert not registry.holds("203.0.113.1")
    assert registry.observed_at == 90


def test_of_two_that_announce_one_prefix_the_lower_number_is_its_origin() -> None:
    """Whichever comes first; both are Tajik."""
    both = originated(64501, ["192.0.2.0/24"], Lister.RIPESTAT, 300)
    for order in ([FIRST, both], [both, FIRST]):
        registry, _ = assemble([PREFIXES, ASNS, *order])
        assert registry is not None
        assert registry.origin_of("192.0.2.1") == 64500


blocks = st.integers(0, 255).map(lambda number: f"10.{number}.0.0/16")


@given(
    st.sets(blocks, min_size=1), st.dictionaries(st.integers(1, 9), st.sets(blocks), min_size=1), st.integers(0, 255)
)
def test_an_address_is_held_if_a_registered_or_an_originated_prefix_holds_it(
    prefixes: set[str], announced: dict[int, set[str]], number: int
) -> None:
    listings = [
        registered([*prefixes, V6], Lister.RIPESTAT, 0),
        networks(announced, Lister.RIPESTAT, 0),
        *(originated(asn, held, Lister.RIPESTAT, 0) for asn, held in announced.items()),
    ]
    address = f"10.{number}.3.4"

    registry = assemble(listings).registry

    assert registry is not None
    everything = prefixes.union(*announced.values())
    assert registry.holds(address) == any(ipaddress.ip_address(address) in ipaddress.ip_network(p) for p in everything)
    origins = [asn for asn, held in announced.items() if f"10.{number}.0.0/16" in held]
    assert registry.origin_of(address) == min(origins, default=None)


@pytest.mark.parametrize("text", ["", "AS", "ASx", "-1", "1.5", "AS4294967296", "²"])
def test_what_is_no_network_is_not_taken_for_one(text: str) -> None:
    with pytest.raises(ValueError, match="no network"):
        asn_of(text)
