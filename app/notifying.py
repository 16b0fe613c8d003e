"""The door to people: a message goes by mail, or to a webhook, or to whatever else Apprise knows.

An address holds a password or a token, so it is told to nobody: what is kept and logged is a digest of it.
"""

import hashlib
import logging
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import NamedTuple, Protocol
from urllib.parse import quote

from apprise import Apprise, NotifyBase

from measurements.errors import RasadError

DIGITS = 12
MAIL = frozenset({"mailto", "mailtos"})
_APPRISE = logging.getLogger("apprise")
_STATUS = re.compile(r"error=(\d{3})")


class UnusableAddress(RasadError):
    """An address is none that messages could be sent to; the message says which one it is by its place alone."""


class NotDelivered(RasadError):
    """Whoever should have taken a message did not. The message never holds an address."""


class Receiver(NamedTuple):
    """Somebody who is told."""

    digest: str
    """Tells it from others, and tells nothing else."""
    service: str
    """By what: `mailto`, `json`."""
    is_mail: bool


class Notifier(Protocol):
    """Tells receivers something."""

    @property
    def receivers(self) -> tuple[Receiver, ...]:
        """Whom it knows, in the order of the addresses."""
        ...

    def send(self, receiver: str, title: str, body: str, contact: str | None = None) -> None:
        """Tell one, by its digest; a mail to `contact` where there is one. Raises `NotDelivered`."""
        ...


class AppriseNotifier:
    """Receivers by their addresses, as Apprise writes them."""

    def __init__(self, addresses: Iterable[str], setting: str) -> None:
        self._addresses: dict[str, str] = {}
        self._receivers: list[Receiver] = []
        for place, address in enumerate(addresses, 1):
            plugin = _opened(address)
            if plugin is None:
                raise UnusableAddress(
                    f"{setting}: address {place} is none that can be used; write mailtos://user:password@host/?to=… "
                    "or jsons://host/path, with blanks between several"
                )
            scheme = address.partition("://")[0].lower()
            digest = hashlib.sha256(address.encode()).hexdigest()[:DIGITS]
            if digest not in self._addresses:
                self._receivers.append(Receiver(digest, scheme, scheme in MAIL))
            self._addresses[digest] = address

    @property
    def receivers(self) -> tuple[Receiver, ...]:
        """Whom it knows."""
        return tuple(self._receivers)

    def send(self, receiver: str, title: str, body: str, contact: str | None = None) -> None:
        """Tell one of them."""
        address = self._addresses.get(receiver)
        if address is None:
            raise NotDelivered("its address is not configured any more")
        if contact is not None:
            address += f"{'&' if '?' in address else '?'}to={quote(contact, safe='')}"
        plugin = _opened(address)
        if plugin is None:
            raise NotDelivered("the contact is no address of mail")
        with _overhearing() as said:
            is_delivered = plugin.notify(body=body, title=title)
        if not is_delivered:
            statuses = _STATUS.findall(" ".join(said))
            scheme = address.partition("://")[0]
            raise NotDelivered(f"{scheme}: it answered {statuses[-1]}" if statuses else f"{scheme}: it did not take it")


def _opened(address: str) -> NotifyBase | None:
    with _overhearing():
        opened = Apprise.instantiate(address, suppress_exceptions=True)
    return opened if isinstance(opened, NotifyBase) else None


class _Overheard(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record.getMessage())


@contextmanager
def _overhearing() -> Iterator[list[str]]:
    """What Apprise says meanwhile: nobody else hears it, since it may tell the address with its password."""
    overheard = _Overheard()
    _APPRISE.propagate = False
    _APPRISE.setLevel(logging.WARNING)
    _APPRISE.addHandler(overheard)
    try:
        yield overheard.said
    finally:
        _APPRISE.removeHandler(overheard)
