"""The contract of the gateway: what every implementation does, in memory and over HTTP."""

from collections.abc import Iterator

import pytest

from measurements.ripestat.gateway import RipestatGateway
from measurements.ripestat.memory import MemoryRipestat
from measurements.units import DAY_S, seconds
from tests.clocks import ManualClock
from tests.measurements.ripestat.serving import ASNS, COUNTRY, PREFIXES, gateway

Both = tuple[RipestatGateway, MemoryRipestat]


@pytest.fixture(params=["memory", "http"])
def both(request: pytest.FixtureRequest, clock: ManualClock) -> Iterator[Both]:
    """Each implementation in turn, and the memory that knows the answers."""
    with gateway(request.param, clock) as found:
        yield found


@pytest.fixture
def ripestat(both: Both) -> RipestatGateway:
    """The implementation alone."""
    return both[0]


def test_a_country_has_prefixes_and_networks_as_of_a_day(ripestat: RipestatGateway, clock: ManualClock) -> None:
    found = ripestat.country_resources(COUNTRY)

    assert (found.country, set(found.prefixes), found.asns) == (COUNTRY, set(PREFIXES), tuple(sorted(ASNS)))
    assert 0 <= seconds(clock.now()) - found.observed_at < DAY_S
    assert found.envelope.query_id
    assert found.envelope.warnings == ()


def test_a_country_is_told_as_of_another_day(both: Both, clock: ManualClock) -> None:
    ripestat, memory = both
    now = seconds(clock.now())
    memory.know_country(COUNTRY, ("192.0.2.0/24", "2001:db8:1::/48"), (64501,), since_at=now - DAY_S)

    before = ripestat.country_resources(COUNTRY, now - 3 * DAY_S)
    today = ripestat.country_resources(COUNTRY)

    assert before.asns == tuple(sorted(ASNS))
    assert before.observed_at == (now - 3 * DAY_S) // DAY_S * DAY_S
    assert today.asns == (64501,)


def test_a_country_that_has_nothing_is_no_failure(ripestat: RipestatGateway) -> None:
    found = ripestat.country_resources("ZZ")

    assert (found.prefixes, found.asns) == ((), ())


def test_a_network_announces_prefixes_wherever_they_are_registered(ripestat: RipestatGateway) -> None:
    found = ripestat.announced_prefixes(64501)

    assert (found.asn, set(found.prefixes)) == (64501, {"192.0.2.0/24", "198.51.100.128/25"})


def test_a_network_that_announces_nothing_is_no_failure(ripestat: RipestatGateway, clock: ManualClock) -> None:
    found = ripestat.announced_prefixes(4200000001)

    assert (found.prefixes, found.observed_at) == ((), seconds(clock.now()))


@pytest.mark.parametrize(
    ("address", "prefix", "asns"),
    [
        ("198.51.100.1", "198.51.100.0/24", (64500,)),
        ("198.51.100.200", "198.51.100.128/25", (64501,)),
        ("2001:db8:7a00::1", "2001:db8:7a00::/48", (64500,)),
        ("203.0.113.200", None, ()),
    ],
)
def test_an_address_is_announced_by_the_most_specific_or_by_nobody(
    ripestat: RipestatGateway, address: str, prefix: str | None, asns: tuple[int, ...]
) -> None:
    found = ripestat.network_info(address)

    assert (found.prefix, found.asns) == (prefix, asns)


def test_two_may_announce_one_prefix(both: Both) -> None:
    ripestat, memory = both
    memory.know_announced(64502, ("192.0.2.0/24",))

    assert sorted(ripestat.network_info("192.0.2.1").asns) == [64501, 64502]
