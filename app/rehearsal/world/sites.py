"""The sites of K-root that somebody in this world hears, from the operator's public list of April 2025."""

from typing import NamedTuple

K_ROOT_ASN = 25152
K_ROOT_V4, K_ROOT_V6 = "193.0.14.129", "2001:7fd::1"
K_ROOT_PREFIX_V4, K_ROOT_PREFIX_V6 = "193.0.14.0/24", "2001:7fd::/32"


class Site(NamedTuple):
    """A site: its UN/LOCODE, the town it stands in, how many servers it has, in whose network."""

    key: str
    town: str
    servers: int
    host_asn: int

    def instance(self, server: int) -> str:
        """The name that its n-th server gives itself, n from 0."""
        return f"ns{server + 1}.{self.key}.k.ripe.net"


SITES = {
    site.key: site
    for site in (
        Site("tj-dyu", "dyu", 1, 64501),
        Site("kg-fru", "fru", 2, 64503),
        Site("kz-ast", "ast", 1, 64504),
        Site("kz-pwq", "pwq", 1, 64505),
        Site("uz-tas", "tas", 1, 64506),
        Site("ru-led", "led", 1, 64508),
        Site("de-fra", "fra", 3, 64510),
        Site("nl-ams", "ams", 3, 64511),
        Site("gb-lon", "lon", 3, 64512),
        Site("us-mia", "mia", 3, 64513),
    )
}
