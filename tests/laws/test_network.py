"""The guard around the tests: loopback is open, everything else is refused before a packet leaves."""

import socket
from collections.abc import Iterator

import pytest

from tests.network import OutsideNetworkError, attempts, is_this_machine

OUTSIDE = "192.0.2.1"


@pytest.fixture(autouse=True)
def forgiven() -> Iterator[None]:
    """These tests reach outside on purpose."""
    yield
    attempts.clear()


def test_loopback_is_open() -> None:
    """A server under test is reached as ever."""
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        assert client.getpeername() == server.getsockname()

    assert attempts == []


def test_connecting_outside_is_refused() -> None:
    """By address."""
    with pytest.raises(OutsideNetworkError, match=OUTSIDE):
        socket.create_connection((OUTSIDE, 80))

    assert len(attempts) == 1


def test_resolving_a_name_is_refused() -> None:
    """The question itself would leave the machine."""
    with pytest.raises(OutsideNetworkError, match=r"atlas\.example"):
        socket.getaddrinfo("atlas.example", 443)


def test_a_datagram_is_refused() -> None:
    """A DNS query needs no connection."""
    with socket.socket(type=socket.SOCK_DGRAM) as sender, pytest.raises(OutsideNetworkError, match=OUTSIDE):
        sender.sendto(b"", (OUTSIDE, 53))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost", b"localhost", None, ""])
def test_names_of_this_machine(host: str | bytes | None) -> None:
    """All of 127/8, ::1, and localhost."""
    assert is_this_machine(host)


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1", "0.0.0.0", "rasad.example", b"rasad.example"])  # noqa: S104 - refused
def test_names_of_others(host: str | bytes) -> None:
    """An unknown name counts as outside even if it would resolve to loopback."""
    assert not is_this_machine(host)
