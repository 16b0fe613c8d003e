"""RIPEstat's data in our words. The same number is a text in one answer and a number in another; both are read.

One entry that makes no sense spoils its list: a list from which it was left out would pass for a whole one.
Raises `UnreadableObject` naming the member.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from measurements.agreements.listings import asn_of, prefixes_of
from measurements.errors import UnreadableObject
from measurements.objects import Object, instant_at, objects, text
from measurements.ripestat.envelope import Envelope
from measurements.ripestat.gateway import AnnouncedPrefixes, CountryResources, NetworkInfo
from measurements.units import DAY_S

LATELY_S = 14 * DAY_S
"""RIPEstat's own reach when it is asked without one. What was not announced for so long is not announced."""


def read_country_resources(envelope: Envelope, country: str) -> CountryResources:
    """What a country has; the answer does not say which one it is about, so that is handed in."""
    resources = envelope.data.get("resources")
    if not isinstance(resources, Mapping):
        raise UnreadableObject("resources", "is missing")
    asns = tuple(sorted({read_asn("asn", one) for one in _list(resources, "asn")}))
    prefixes = (*read_prefixes(resources, "ipv4"), *read_prefixes(resources, "ipv6"))
    return CountryResources(country, prefixes, asns, _observed_at(envelope, "query_time"), envelope)


def read_announced_prefixes(envelope: Envelope) -> AnnouncedPrefixes:
    """What a network announced in the two weeks before the end of what was asked about."""
    observed_at = _observed_at(envelope, "query_endtime")
    found: list[str] = []
    for entry in _list(envelope.data, "prefixes"):
        if not isinstance(entry, Mapping):
            raise UnreadableObject("prefixes", f"{entry!r:.80} is no announcement")
        if _is_of_late(entry, observed_at):
            found += _prefixes("prefix", entry.get("prefix"))
    return AnnouncedPrefixes(
        read_asn("resource", envelope.data.get("resource")), tuple(dict.fromkeys(found)), observed_at, envelope
    )


def read_network_info(envelope: Envelope) -> NetworkInfo:
    """Who announces an address."""
    asns = tuple(read_asn("asns", one) for one in objects(envelope.data, "asns"))
    return NetworkInfo(text(envelope.data, "prefix"), asns, envelope)


def read_asn(member: str, value: Any) -> int:
    """A network's number, from 24722, "24722" or "AS24722"."""
    try:
        if isinstance(value, str | int) and not isinstance(value, bool):
            return asn_of(str(value))
    except ValueError as error:
        raise UnreadableObject(member, str(error)) from None
    raise UnreadableObject(member, f"{value!r:.80} is no network")


def read_prefixes(record: Object, member: str) -> tuple[str, ...]:
    """A list of prefixes, or of ranges, as prefixes; it must be there, and may be empty."""
    return tuple(dict.fromkeys(prefix for entry in _list(record, member) for prefix in _prefixes(member, entry)))


def _prefixes(member: str, entry: Any) -> Iterator[str]:
    try:
        if isinstance(entry, str):
            yield from map(str, prefixes_of(entry))
            return
    except (ValueError, TypeError) as error:  # a range from one address family to the other is a TypeError
        raise UnreadableObject(member, f"{entry!r:.80} is no prefix: {error}") from None
    raise UnreadableObject(member, f"{entry!r:.80} is no prefix")


def _list(record: Object, member: str) -> list[Any]:
    if member not in record:
        raise UnreadableObject(member, "is missing")
    return objects(record, member)


def _is_of_late(entry: Object, observed_at: int) -> bool:
    """Whether a prefix was still announced in the last two weeks; one without times was."""
    ends = [instant_at(span, "endtime") for span in objects(entry, "timelines") if isinstance(span, Mapping)]
    return all(end is None for end in ends) or max(end or 0 for end in ends) >= observed_at - LATELY_S


def _observed_at(envelope: Envelope, member: str) -> int:
    at = instant_at(envelope.data, member) or envelope.answered_at
    if at is None:
        raise UnreadableObject(member, "is missing, and so is when it was answered")
    return at
