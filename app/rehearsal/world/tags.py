"""The tags of a probe: those that the platform sets, and a few that its host would."""

from functools import cache

from app.rehearsal.world.probes import Life, Vantage

NAMES = {
    "system-ipv4-works": "system: IPv4 Works",
    "system-ipv4-capable": "system: IPv4 Capable",
    "system-ipv4-rfc1918": "system: IPv4 RFC1918",
    "system-ipv4-stable-1d": "system: IPv4 Stable 1d",
    "system-ipv4-stable-30d": "system: IPv4 Stable 30d",
    "system-ipv4-stable-90d": "system: IPv4 Stable 90d",
    "system-ipv6-works": "system: IPv6 Works",
    "system-ipv6-capable": "system: IPv6 Capable",
    "system-ipv6-stable-1d": "system: IPv6 Stable 1d",
    "system-ipv6-stable-30d": "system: IPv6 Stable 30d",
    "system-ipv6-stable-90d": "system: IPv6 Stable 90d",
    "system-resolves-a-correctly": "system: Resolves A Correctly",
    "system-resolves-aaaa-correctly": "system: Resolves AAAA Correctly",
    "system-anchor": "system: Anchor",
    "system-virtual": "system: Virtual",
    "system-software": "system: Software",
    "system-v3": "system: V3",
    "system-v4": "system: V4",
    "system-v5": "system: V5",
    "nat": "NAT",
    "home": "Home",
    "office": "Office",
    "datacentre": "Data Centre",
    "rehearsal": "rehearsal",
}
NEWEST, OLD = 5100, 5000


@cache
def slugs(vantage: Vantage) -> tuple[str, ...]:
    """The slugs of a probe's tags, in the platform's order."""
    tags = ["rehearsal", "datacentre" if vantage.is_anchor else ("home", "office")[vantage.id % 2]]
    if vantage.is_behind_nat:
        tags += ["nat", "system-ipv4-rfc1918"]
    tags.append(_hardware(vantage))
    if vantage.is_anchor:
        tags.append("system-anchor")
    tags.append("system-ipv4-capable")
    if vantage.life is Life.WORKING:
        tags += ["system-ipv4-works", "system-ipv4-stable-1d", "system-ipv4-stable-30d", "system-resolves-a-correctly"]
        if vantage.has_ipv6:
            tags += ["system-ipv6-works", "system-ipv6-stable-1d"]
        if vantage.id % 5:
            tags.append("system-resolves-aaaa-correctly")
    if vantage.has_ipv6:
        tags.append("system-ipv6-capable")
    return tuple(tags)


def _hardware(vantage: Vantage) -> str:
    if vantage.is_anchor:
        return "system-virtual"
    if vantage.firmware < OLD:
        return "system-v3"
    return "system-v5" if vantage.firmware < NEWEST else "system-software"
