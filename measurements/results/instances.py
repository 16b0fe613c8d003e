"""Instances of K-root: which of its servers answered, as it names itself.

The form is `nsN.cc-loc.k.ripe.net`, where `cc-loc` is the place's UN/LOCODE; before 2015 it was
`kN.exchange.k.ripe.net`. Anything else under the address of K-root is kept and flagged: somebody on the
way may have answered instead.
"""

import csv
import re
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

SITES_AS_OF = "2025-07-03"
"""When the newest fact in the table of sites was published."""
SITES_SOURCE = "root-servers.org"
_TABLE = "k_root_sites.csv"
_CURRENT = re.compile(r"(ns\d+)\.(([a-z]{2})-[a-z2-9]{3})\.k\.ripe\.net")
_LEGACY = re.compile(r"(k\d+)\.([a-z0-9-]+)\.k\.ripe\.net")


class InstanceKind(StrEnum):
    """What form an identity has."""

    SITE = "site"
    """The current form, at a site in the table."""
    UNLISTED = "unlisted"
    """The current form, at a site that is not in the table: new, or made up."""
    LEGACY = "legacy"
    """The form used before 2015."""
    FOREIGN = "foreign"
    """No form of K-root's: possibly intercepted."""


class Site(NamedTuple):
    """A place where K-root has servers."""

    code: str
    """UN/LOCODE, lower case with a hyphen: `tj-dyu`."""
    country_code: str
    town: str
    reach: str
    """`global`, or `local` for a site announced to few networks."""
    is_operational: bool
    """As of the table's date."""


class Instance(NamedTuple):
    """What an identity says."""

    text: str
    """The identity as given."""
    kind: InstanceKind
    site: str | None
    """The site's code, in legacy names the exchange; the share of answers is counted by it."""
    server: str | None
    country_code: str | None
    town: str | None

    @property
    def is_known(self) -> bool:
        """False for a possible interception."""
        return self.kind is not InstanceKind.FOREIGN


@lru_cache(maxsize=1)
def k_root_sites() -> dict[str, Site]:
    """The sites of K-root by code."""
    text = files("measurements.results").joinpath(_TABLE).read_text(encoding="utf-8")
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    return {
        row["site"]: Site(row["site"], row["country_code"], row["town"], row["reach"], row["is_operational"] == "true")
        for row in rows
    }


@lru_cache(maxsize=4096)
def read_instance(text: str) -> Instance:
    """What the identity that an answer gives says; never fails."""
    name = text.strip().rstrip(".").lower()
    if current := _CURRENT.fullmatch(name):
        server, code, country = current.groups()
        site = k_root_sites().get(code)
        kind = InstanceKind.SITE if site else InstanceKind.UNLISTED
        return Instance(text, kind, code, server, country.upper(), site.town if site else None)
    if legacy := _LEGACY.fullmatch(name):
        return Instance(text, InstanceKind.LEGACY, legacy[2], legacy[1], None, None)
    return Instance(text, InstanceKind.FOREIGN, None, None, None, None)
