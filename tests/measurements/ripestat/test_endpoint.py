"""Where RIPEstat may be: what decides about consent is not taken from whoever happens to answer."""

import pytest

from measurements.ripestat.endpoint import PLATFORM_ADDRESS, Endpoint
from measurements.ripestat.failures import UnusableEndpoint


@pytest.mark.parametrize(
    ("address", "origin", "is_loopback"),
    [
        (PLATFORM_ADDRESS, "https://stat.ripe.net", False),
        ("https://stat.example/", "https://stat.example", False),
        ("http://127.0.0.1:8093", "http://127.0.0.1:8093", True),
        ("http://[::1]:8093/", "http://[::1]:8093", True),
        ("http://localhost:1/below", "http://localhost:1/below", True),
    ],
)
def test_an_address_is_secure_or_of_this_machine(address: str, origin: str, is_loopback: bool) -> None:  # noqa: FBT001 - a parameter
    endpoint = Endpoint(address=address)

    assert (endpoint.origin, endpoint.is_loopback) == (origin, is_loopback)


@pytest.mark.parametrize(
    "address",
    [
        "", "stat.ripe.net", "ftp://stat.ripe.net", "http://stat.ripe.net", "http://192.0.2.1", "https://", "https://a:b",
        "https://stat.ripe.net?x=1", "https://me@stat.ripe.net", "https://[::1", "http://127.0.0.1.example",
    ],
)  # fmt: skip
def test_any_other_is_refused(address: str) -> None:
    with pytest.raises(UnusableEndpoint):
        Endpoint(address=address)


@pytest.mark.parametrize("name", ["", "two words", "a&b=c", "-", "x" * 65, "имя"])
def test_a_name_that_would_not_arrive_is_refused(name: str) -> None:
    with pytest.raises(UnusableEndpoint):
        Endpoint(sourceapp=name)
