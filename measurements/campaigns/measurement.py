"""A measurement as it exists on RIPE Atlas: what it asks, how often, and of whom."""

from collections.abc import Mapping
from typing import NamedTuple

from measurements.errors import UnreadableObject
from measurements.objects import (
    Object,
    instant_at,
    is_true,
    objects,
    required_number,
    status_name,
    text,
    whole_number,
)
from measurements.targets import PROBE_RESOLVERS, canonical_target

ADDRESS_FAMILIES = (4, 6)


FIRST_USER_DEFINED = 1_000_000
"""Numbers below are RIPE NCC's own built-ins."""


def is_built_in(atlas_id: int) -> bool:
    """Whether RIPE NCC runs it, on every probe."""
    return atlas_id < FIRST_USER_DEFINED


class Measurement(NamedTuple):
    """What the platform says of one measurement. Instants are seconds since the epoch."""

    atlas_id: int
    type: str
    target: str
    """Canonical; empty where the object does not say."""
    address_family: int
    """4, 6, or 0 where the object does not say."""
    interval_s: int | None
    """Seconds between rounds; None for a one-off, and where the object does not say."""
    spread_s: int | None
    """Seconds over which the probes of a round are spread."""
    start_at: int | None
    stop_at: int | None
    """Exclusive; None while it runs without end."""
    is_oneoff: bool
    status: str | None
    participants: frozenset[int] | None
    """Probe ids; None where the object does not list them."""
    participant_count: int | None
    addresses: tuple[str, ...] = ()
    """To which the platform resolved the target."""
    queried_name: str | None = None
    """The name that a DNS measurement asks for."""
    queried_type: str | None = None
    """And the type of record, such as SOA."""


def read_measurement(record: Object) -> Measurement:
    """Read a measurement object of the v2 API, whole or with only some of its members.

    Raises `UnreadableObject` naming the member that makes no sense.
    """
    interval_s = whole_number(record, "interval")
    if interval_s == 0:
        raise UnreadableObject("interval", "0 seconds between rounds")
    return Measurement(
        atlas_id=required_number(record, "id"),
        type=_type(record),
        target=_target(record),
        address_family=_address_family(record),
        interval_s=interval_s,
        spread_s=whole_number(record, "spread"),
        start_at=instant_at(record, "start_time"),
        stop_at=_stop_at(record),
        is_oneoff=is_true(record, "is_oneoff"),
        status=status_name(record),
        participants=_participants(record),
        participant_count=whole_number(record, "participant_count"),
        addresses=_addresses(record),
        queried_name=text(record, "query_argument"),
        queried_type=text(record, "query_type"),
    )


def _type(record: Object) -> str:
    """In lower case; an older generation wraps it in an object with `name`."""
    kind = record.get("type")
    name = text(kind, "name") if isinstance(kind, Mapping) else text(record, "type")
    if name is None:
        raise UnreadableObject("type", "is missing")
    return name.lower()


def _target(record: Object) -> str:
    if is_true(record, "use_probe_resolver"):
        return PROBE_RESOLVERS
    return canonical_target(text(record, "target"), text(record, "target_ip")) or ""


def _addresses(record: Object) -> tuple[str, ...]:
    told = [text(record, "target_ip"), *(one for one in objects(record, "resolved_ips") if isinstance(one, str))]
    return tuple(dict.fromkeys(one for one in told if one))


def _address_family(record: Object) -> int:
    family = whole_number(record, "af")
    if family is not None and family not in ADDRESS_FAMILIES:
        raise UnreadableObject("af", f"{family} is neither 4 nor 6")
    return family or 0


def _stop_at(record: Object) -> int | None:
    """`stop_time`; else, of a measurement that stopped, when its status says it did."""
    stop_at = instant_at(record, "stop_time")
    status = record.get("status")
    if stop_at is None and isinstance(status, Mapping) and status.get("id") in STOPPED:
        return instant_at(status, "when")
    return stop_at


STOPPED = frozenset({4, 5, 7, 8})
"""Status ids after which nothing runs: stopped, forced to stop, failed, archived."""


def _participants(record: Object) -> frozenset[int] | None:
    """`probes`, as objects with `id` or as bare numbers; an empty list means not yet allocated."""
    listed = objects(record, "probes")
    found = (required_number(probe if isinstance(probe, Mapping) else {"id": probe}, "id") for probe in listed)
    return frozenset(found) or None
