"""Where RIPEstat is, by which name it is asked, and how long anything may take. All of it is handed in."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from measurements.hosts import is_loopback
from measurements.ripestat.failures import UnusableEndpoint

PLATFORM_ADDRESS = "https://stat.ripe.net"
SOURCEAPP = "rasad"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """Where to ask. Raises `UnusableEndpoint` for an address that is none, or that others could answer for."""

    address: str = PLATFORM_ADDRESS
    sourceapp: str = SOURCEAPP
    """By which RIPEstat knows who asks; it wants that of whoever asks more than 1,000 times a day."""

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.sourceapp):
            raise UnusableEndpoint(f"{self.sourceapp!r:.80} is no name: letters, digits, dots and hyphens, at most 64")
        try:
            parts = urlsplit(self.address)
            host, _ = parts.hostname, parts.port
        except ValueError as error:
            raise UnusableEndpoint(f"{self.address!r:.80} is no address: {error}") from None
        if parts.scheme not in ("https", "http") or not host or parts.query or parts.fragment or parts.username:
            raise UnusableEndpoint(f"{self.address!r:.80} is no address; expected one such as {PLATFORM_ADDRESS}")
        if parts.scheme == "http" and not is_loopback(host):
            raise UnusableEndpoint(f"{host}: only this machine is asked without TLS, else others could answer")

    @property
    def origin(self) -> str:
        """The address without a slash at its end."""
        return self.address.rstrip("/")

    @property
    def is_loopback(self) -> bool:
        """Whether it is on this machine."""
        return is_loopback(urlsplit(self.address).hostname or "")


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How long anything may take, in seconds of the clock that is handed in."""

    connect_s: float = 10
    idle_s: float = 30
    """Between two signs of life."""
    call_s: float = 60
    """A whole call, its answer included."""
    retry_s: float = 120
    """All attempts at a question together, and the waiting between them."""
    first_wait_s: float = 1
    """Before the second attempt; it doubles from one to the next."""
    longest_wait_s: float = 30
