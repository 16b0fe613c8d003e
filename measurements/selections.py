"""Selections: of which probes something is asked. Several of them add up.

RIPE Atlas chooses among the probes that match, and may find fewer than were requested without saying so.
"""

import ipaddress
import re
from dataclasses import dataclass
from enum import StrEnum

from measurements.errors import InvalidDefinition

ALL_PROBES = -1
"""As many as match."""
MOST_PROBES = 1000
"""RIPE Atlas gives no measurement more."""
_COUNTRY = re.compile(r"[A-Z]{2}").fullmatch
LONGEST_TAG = 64
_SLUG = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*").fullmatch
_LARGEST_ASN = 2**32 - 1
LONGEST_NUMBER = 10


class SelectedBy(StrEnum):
    """What the probes of a selection have in common."""

    AREA = "area"
    COUNTRY = "country"
    REGION = "region"
    ASN = "asn"
    PREFIX = "prefix"
    PROBES = "probes"
    """They are listed, by id."""
    MEASUREMENT = "msm"
    """They take part in another measurement."""


AREAS = frozenset({"WW", "West", "North-Central", "South-Central", "North-East", "South-East"})
REGIONS = frozenset(
    (  # noqa: SIM905 - words read better than forty pairs of quotes
        "afrinic apnic arin lacnic ripencc africa americas antarctica asia europe oceania eu27 "
        "northern_africa eastern_africa middle_africa southern_africa western_africa sub_saharan_africa "
        "caribbean central_america latin_america_and_caribbean northern_america south_america "
        "central_asia eastern_asia south_eastern_asia southern_asia western_asia "
        "eastern_europe northern_europe southern_europe western_europe "
        "australia_and_new_zealand melanesia micronesia polynesia"
    ).split()
)


@dataclass(frozen=True, kw_only=True, slots=True)
class ProbeSelection:
    """Probes by what they have in common, how many of them, and which system or user tags they must or must not have.

    Raises `InvalidDefinition` naming the field that the platform would refuse.
    """

    by: SelectedBy
    value: str
    """As RIPE Atlas writes it: `TJ`, `WW`, `43197`, `91.218.160.0/20`, `1,2,3`, `1001`, `central_asia`."""
    requested: int
    """How many; `ALL_PROBES` for as many as match."""
    include_tags: tuple[str, ...] = ()
    exclude_tags: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.requested != ALL_PROBES and not 1 <= self.requested <= MOST_PROBES:
            raise InvalidDefinition(
                "requested", f"{self.requested} probes; 1 to {MOST_PROBES} may be asked for, or all"
            )
        _check_value(self.by, self.value)
        for field, tags in (("include_tags", self.include_tags), ("exclude_tags", self.exclude_tags)):
            for tag in tags:
                check_slug(field, tag)

    @property
    def probe_ids(self) -> tuple[int, ...]:
        """The probes that are listed; empty where they are not selected by id."""
        return tuple(map(int, self.value.split(","))) if self.by is SelectedBy.PROBES else ()


def in_country(country_code: str, requested: int, *include_tags: str) -> ProbeSelection:
    """Probes of a country, by its ISO 3166-1 alpha-2 code."""
    return ProbeSelection(by=SelectedBy.COUNTRY, value=country_code, requested=requested, include_tags=include_tags)


def these_probes(*probe_ids: int) -> ProbeSelection:
    """Probes by their ids, all of them."""
    value = ",".join(map(str, probe_ids))
    return ProbeSelection(by=SelectedBy.PROBES, value=value, requested=len(probe_ids))


def check_slug(field: str, tag: object) -> None:
    """Refuse a tag that is not small letters, digits and single hyphens or underscores between them."""
    if not isinstance(tag, str) or len(tag) > LONGEST_TAG or not _SLUG(tag):
        raise InvalidDefinition(
            field, f"{tag!r:.80} is no tag: at most {LONGEST_TAG} small letters, digits, and hyphens between them"
        )


def _check_value(by: SelectedBy, value: str) -> None:
    is_known, expected = {
        SelectedBy.AREA: (value in AREAS, f"one of {', '.join(sorted(AREAS))}"),
        SelectedBy.COUNTRY: (_COUNTRY(value) is not None, "a country such as TJ"),
        SelectedBy.REGION: (value in REGIONS, "a region such as central_asia"),
        SelectedBy.ASN: (_is_number(value, _LARGEST_ASN), "the number of an autonomous system"),
        SelectedBy.PREFIX: (_is_prefix(value), "a prefix such as 91.218.160.0/20"),
        SelectedBy.PROBES: (all(_is_number(one) for one in value.split(",")), "probe ids, with commas between them"),
        SelectedBy.MEASUREMENT: (_is_number(value), "the id of a measurement"),
    }[by]
    if not is_known:
        raise InvalidDefinition("value", f"{value!r:.80} selects no probes; expected {expected}")


def _is_number(text: str, largest: int = 2**31 - 1) -> bool:
    is_plain = text.isascii() and text.isdecimal() and text[0] != "0" and len(text) <= LONGEST_NUMBER
    return is_plain and int(text) <= largest


def _is_prefix(text: str) -> bool:
    try:
        ipaddress.ip_network(text)
    except ValueError:
        return False
    return "/" in text
