"""A guard for the whole session: a test that reaches for anything but this machine fails, whatever it catches."""

import ipaddress
import sys
from collections.abc import Iterator

import pytest

attempts: list[str] = []
"""What the running test tried and was refused."""

_NAMES_OF_THIS_MACHINE = {"", "localhost"}
_TO_AN_ADDRESS = {"socket.connect", "socket.sendto", "socket.sendmsg"}
_TO_A_NAME = {"socket.getaddrinfo", "socket.gethostbyname"}


class OutsideNetworkError(RuntimeError):
    """A test may talk to loopback and to nothing else."""


def is_this_machine(host: object) -> bool:
    """Whether a host name or address literal stays on loopback; names other than localhost do not count."""
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else host
    if name is None or name in _NAMES_OF_THIS_MACHINE:
        return True
    try:
        return ipaddress.ip_address(str(name).partition("%")[0]).is_loopback
    except ValueError:
        return False


def _watch(event: str, arguments: tuple[object, ...]) -> None:
    if event in _TO_AN_ADDRESS:
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else None  # a path, or none for a connected socket
    elif event in _TO_A_NAME:
        host = arguments[0]
    else:
        return
    if not is_this_machine(host):
        attempts.append(f"{event} {host!r}")
        raise OutsideNetworkError(f"a test reached for {host!r}; tests talk to loopback only")


@pytest.fixture(autouse=True)
def _loopback_only() -> Iterator[None]:
    attempts.clear()
    yield
    assert not attempts, f"tests talk to loopback only, this one tried {attempts}"


def pytest_configure() -> None:
    """Watch sockets at the interpreter, where no library can be missed."""
    sys.addaudithook(_watch)
