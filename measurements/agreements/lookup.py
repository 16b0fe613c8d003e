"""Is this Tajik? An address, a prefix, a network or a name, by which facts, in words for people.

The gate does not ask here but `scope`; this shows the same facts to whoever wants to know.
"""

import ipaddress
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from measurements.agreements.listings import Assembly, Fact, FactKind, Listing, asn_of, network_name
from measurements.agreements.registry import Network, organisation_of
from measurements.agreements.scope import FRESH_S, is_under_tj
from measurements.targets import find_target
from measurements.units import DAY_S

Asked = int | Network | str
"""A network's number, a prefix (an address is one, of full length), or a name."""


class Match(NamedTuple):
    """A fact that says that something is Tajik, and the listing that holds it."""

    listing: Listing
    fact: Fact


class Verdict(NamedTuple):
    """Whether something is Tajik, and why."""

    is_tajik: bool | None
    """None where it is not known, which counts as yes."""
    why: str
    organisation: str | None
    """Whose network it is or lies in, where that is Tajik."""
    matches: tuple[Match, ...]


def read_asked(text: str) -> Asked:
    """What somebody asks about: AS24722 or 24722, 85.9.128.1, 85.9.128.0/18, or a name."""
    try:
        return asn_of(text)
    except ValueError:
        pass  # no network
    try:
        return ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        return text.strip()


def judge(asked: Asked, listings: Sequence[Listing], assembly: Assembly, now: int) -> Verdict:
    """Whether it is Tajik. `listings` are those that `assembly` was made of."""
    if isinstance(asked, str):
        return _judge_name(asked, listings, assembly, now)
    if matches := tuple(_matches(asked, listings)):
        return Verdict(True, _because(matches), _organisation(asked, matches), matches)
    doubt = _doubt(assembly, now)
    return Verdict(None if doubt else False, doubt or "no registry lists it as Tajik", None, ())


def _judge_name(name: str, listings: Sequence[Listing], assembly: Assembly, now: int) -> Verdict:
    if is_under_tj(name):
        return Verdict(True, "its name is under .tj", None, ())
    target = find_target(name)
    if target is None:
        return Verdict(None, "nobody has said to which address the name resolves; ask about that", None, ())
    verdicts = [judge(ipaddress.ip_network(address), listings, assembly, now) for address in target.addresses]
    return next((one for one in verdicts if one.is_tajik is not False), verdicts[0])


def _matches(asked: int | Network, listings: Sequence[Listing]) -> Iterator[Match]:
    """Originated prefixes count where a listing of networks has their origin."""
    tajik = {fact.value for one in listings if one.kind is FactKind.ASN for fact in one.facts}
    for listing in sorted(listings, key=lambda one: (list(FactKind).index(one.kind), one.about, one.listed_by)):
        if listing.kind is not FactKind.ORIGINATED_PREFIX or listing.about in tajik:
            yield from (Match(listing, fact) for fact in sorted(listing.facts) if _is_about(fact, listing, asked))


def _is_about(fact: Fact, listing: Listing, asked: int | Network) -> bool:
    if isinstance(asked, int):
        return listing.kind is FactKind.ASN and fact.value == network_name(asked)
    if listing.kind is FactKind.ASN:
        return False
    prefix = ipaddress.ip_network(fact.value)
    return prefix.version == asked.version and prefix.overlaps(asked)


def _because(matches: Iterable[Match]) -> str:
    kinds = dict.fromkeys(match.listing.kind.explanation for match in matches)
    return " and ".join(kinds)


def _organisation(asked: int | Network, matches: Iterable[Match]) -> str | None:
    if isinstance(asked, int):
        return organisation_of(asked)
    held = [match.fact for match in matches if match.fact.origin_asn is not None]
    if not held:
        return None
    origin = max(held, key=lambda fact: ipaddress.ip_network(fact.value).prefixlen).origin_asn
    return None if origin is None else organisation_of(origin)


def _doubt(assembly: Assembly, now: int) -> str | None:
    """Why nobody can say that something is not Tajik; None where one can."""
    if assembly.registry is None:
        return f"nobody has brought yet {_few(assembly.missing)}; what is not known is treated as Tajik"
    if now - assembly.registry.observed_at > FRESH_S:
        return f"what is held is older than {FRESH_S // DAY_S} days; what is not known is treated as Tajik"
    return None


def _few(missing: Sequence[str]) -> str:
    shown = ", ".join(missing[:3])
    return shown if len(missing) <= 3 else f"{shown} and {len(missing) - 3} more"  # noqa: PLR2004 - as many as shown
