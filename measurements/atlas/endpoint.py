"""Where RIPE Atlas is, with which keys it is asked, and how long anything may take. All of it is handed in."""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from measurements.errors import RasadError
from measurements.hosts import is_loopback

PLATFORM_ADDRESS = "https://atlas.ripe.net"
PLATFORM_STREAM_ADDRESS = "wss://atlas-stream.ripe.net"
PLATFORM_DOMAIN = "ripe.net"
API = "/api/v2"
STREAM_PATH = "/stream/"


class UnusableEndpoint(RasadError):
    """An address or a key that cannot be used. Never shows the key."""


class EndpointKind(StrEnum):
    """Who is said to answer at an address."""

    PLATFORM = "platform"
    REHEARSAL = "rehearsal"
    """Said by a deliberate setting, and believed only after it was checked."""


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """Where to ask. Raises `UnusableEndpoint` for an address that is none, or that would show a key to others."""

    address: str = PLATFORM_ADDRESS
    """With or without `/api/v2/` at its end."""
    stream_address: str = PLATFORM_STREAM_ADDRESS
    """With or without `/stream/` at its end; `http` and `https` mean `ws` and `wss`."""
    kind: EndpointKind = EndpointKind.PLATFORM
    ca_file: Path | None = None
    """Certificates of the only authorities to trust, PEM; None for the well-known ones."""

    def __post_init__(self) -> None:
        _check(self.address, ("https", "http"), API)
        _check(self.stream_address, ("wss", "ws", "https", "http"), STREAM_PATH)

    @property
    def origin(self) -> str:
        """Scheme, host and port of the API, without a slash at its end."""
        return self.address.rstrip("/").removesuffix(API)

    @property
    def stream_url(self) -> str:
        """The whole address of the stream, as a websocket's."""
        base = self.stream_address.rstrip("/").removesuffix(STREAM_PATH.rstrip("/"))
        return "ws" + base.removeprefix("ws").removeprefix("http") + STREAM_PATH

    @property
    def host(self) -> str:
        """Of the API, in small letters."""
        return urlsplit(self.address).hostname or ""

    @property
    def is_loopback(self) -> bool:
        """Whether the API is on this machine; of names, only `localhost` is."""
        return is_loopback(self.host)

    @property
    def is_stream_loopback(self) -> bool:
        """Whether the stream is on this machine."""
        return is_loopback(urlsplit(self.stream_address).hostname or "")


def _check(address: str, schemes: tuple[str, ...], path: str) -> None:
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise UnusableEndpoint(f"{address!r:.80} is no address: {error}") from None
    if parts.scheme not in schemes or not host:
        raise UnusableEndpoint(f"{address!r:.80} is no address; expected one such as {PLATFORM_ADDRESS}")
    if (
        parts.username is not None
        or parts.query
        or parts.fragment
        or parts.path.strip("/") not in ("", path.strip("/"))
    ):
        raise UnusableEndpoint(f"{host}: an address may hold no user, no query, and no other path than {path}")
    if parts.scheme in ("http", "ws") and not is_loopback(host):
        raise UnusableEndpoint(f"{host}: only this machine is asked without TLS, else others could read the key")


@dataclass(frozen=True, kw_only=True)
class Keys:
    """API keys, each with the grants that its name says; their values are not in its repr.

    Without one, creating and stopping are not possible, and only what is public can be read.
    """

    create: str | None = field(default=None, repr=False)
    read: str | None = field(default=None, repr=False)
    stop: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        for name in ("create", "read", "stop"):
            key = getattr(self, name)
            if key is not None and not (key and key.isascii() and key.isprintable() and " " not in key):
                raise UnusableEndpoint(f"the {name} key holds something else than letters, digits and hyphens")

    @classmethod
    def one(cls, key: str | None) -> "Keys":
        """One key for everything."""
        return cls(create=key, read=key, stop=key)


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How long anything may take, in seconds of the clock that is handed in."""

    connect_s: float = 10
    idle_s: float = 60
    """Between two signs of life."""
    call_s: float = 120
    """A whole call, its answer included; a body of results has `results_s`."""
    results_s: float = 1800
    retry_s: float = 300
    """All attempts at a call together, and the waiting between them."""
    first_wait_s: float = 1
    """Before the second attempt; it doubles from one to the next."""
    longest_wait_s: float = 60
