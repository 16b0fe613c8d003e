"""Which probes a source matches: area, country, countries, region, asn, prefix or ids, then tags."""

from collections.abc import Sequence
from ipaddress import ip_address, ip_network

from app.rehearsal.chance import number
from app.rehearsal.contract import Body
from app.rehearsal.world import networks
from app.rehearsal.world.probes import Vantage
from app.rehearsal.world.tags import slugs

REGIONS = {
    "central_asia": {"KG", "KZ", "TJ", "UZ"},
    "southern_asia": {"AF"},
    "western_asia": {"TR"},
    "asia": {"AF", "KG", "KZ", "TJ", "TR", "UZ"},
    "eastern_europe": {"RU"},
    "western_europe": {"DE", "NL"},
    "northern_europe": {"GB"},
    "europe": {"DE", "GB", "NL", "RU"},
    "eu27": {"DE", "NL"},
    "northern_america": {"US"},
    "americas": {"US"},
    "arin": {"US"},
    "apnic": {"AF"},
    "ripencc": {"DE", "GB", "KG", "KZ", "NL", "RU", "TJ", "TR", "UZ"},
}
AREAS = {
    "West": {"US"},
    "North-Central": {"DE", "GB", "NL", "RU", "TR"},
    "South-Central": set[str](),
    "North-East": {"AF", "KG", "KZ", "TJ", "UZ"},
    "South-East": set[str](),
}


def candidates(seed: int, source: Body, address_family: int, vantages: Sequence[Vantage]) -> list[int]:
    """Ids of those that the source matches, in an order that is the same for the same source."""
    value = str(source.get("value", ""))
    matched = [one for one in vantages if _is_meant(str(source.get("type")), value, one, address_family)]
    tags = source.get("tags") or {}
    include, exclude = set(tags.get("include") or ()), set(tags.get("exclude") or ())
    chosen = [one.id for one in matched if include.issubset(slugs(one)) and exclude.isdisjoint(slugs(one))]
    if source.get("type") == "probes":
        asked = _ids(value)
        return sorted(chosen, key=asked.index)
    return sorted(chosen, key=lambda probe_id: number(seed, "choice", value, probe_id))


def _is_meant(kind: str, value: str, vantage: Vantage, address_family: int) -> bool:
    country = vantage.place.country
    match kind:
        case "area":
            is_meant = value == "WW" or country in AREAS.get(value, ())
        case "country" | "countries":
            is_meant = country in value.upper().replace(" ", "").split(",")
        case "region":
            is_meant = country in REGIONS.get(value.lower(), ())
        case "asn":
            is_meant = value.upper().removeprefix("AS") == str(vantage.operator.asn)
        case "prefix":
            is_meant = _is_within(value, vantage, address_family)
        case _:
            is_meant = kind == "probes" and vantage.id in _ids(value)
    return is_meant


def _ids(value: str) -> list[int]:
    return [int(part) for part in value.replace(" ", "").split(",") if part.isdigit()]


def _is_within(prefix: str, vantage: Vantage, address_family: int) -> bool:
    try:
        network = ip_network(prefix, strict=False)
    except ValueError:
        return False
    return network.version == address_family and (
        ip_address(vantage.seen_as(address_family)) in network
        or ip_network(networks.prefix(vantage.operator.asn, address_family)) == network
    )
