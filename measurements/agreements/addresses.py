"""What the names of targets resolve to, looked at again and again: whether a name still leads where it did.

A host name that moves, to a CDN for example, silently changes what is measured. So the addresses that somebody looked
at are pinned, and what is seen later is held against them.

Nothing at all is an answer too: a name that is there no longer, or has no address left, leads elsewhere than it did,
and may be anybody's tomorrow. No answer is not: who was away says nothing of the name.
"""

import ipaddress
from collections.abc import Mapping
from typing import Protocol

from measurements.errors import RasadError
from measurements.targets import find_target


class NotResolved(RasadError):
    """Nobody said what a name resolves to: nothing is known of it, and it is asked again."""


class Resolver(Protocol):
    """Whoever can be asked what a name resolves to."""

    def addresses(self, name: str) -> frozenset[str]:
        """The addresses of both families, as RFC 5952 writes them; none for a name that does not exist or has none.

        Raises `NotResolved` where one of the two questions was not answered: half of an answer is none.
        """
        ...


class MemoryResolver:
    """One that knows what it was told: a name that it was not told of does not answer."""

    def __init__(self, known: Mapping[str, frozenset[str]]) -> None:
        self.known = dict(known)
        self.asked: list[str] = []

    def addresses(self, name: str) -> frozenset[str]:
        """What it was told."""
        self.asked.append(name)
        if name not in self.known:
            raise NotResolved(f"{name}: no answer")
        return self.known[name]


def has_name_to_resolve(target: str) -> bool:
    """Whether a target is reached by a name that may lead elsewhere: no address, and not known with its addresses."""
    if find_target(target) is not None:
        return False
    try:
        ipaddress.ip_address(target)
    except ValueError:
        return True
    return False


def has_drifted(pinned: frozenset[str], seen: frozenset[str]) -> bool:
    """Whether what is seen is not what was pinned.

    It is not where an address is new, or where a family has none left that it had. Fewer addresses of a family are no
    drift: large names answer with some of theirs in turn, and nobody else is measured by that.
    """
    return not seen <= pinned or _families(seen) != _families(pinned)


def _families(addresses: frozenset[str]) -> set[int]:
    return {ipaddress.ip_address(one).version for one in addresses}
