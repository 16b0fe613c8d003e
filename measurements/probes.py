"""Probes: what the platform said of them on a day, and for whom their results speak at an instant.

A probe moves: its network, prefix and country are those of the latest snapshot not after the instant
of a result, or of the earliest snapshot where the result is older than all of them.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from measurements.errors import UnreadableObject
from measurements.objects import Object, instant_at, is_true, objects, required_number, status_name, text, whole_number

IPV6 = 6
CONNECTED = "Connected"


class Snapshot(NamedTuple):
    """Where a probe was when the platform was asked: what a vantage point is made of."""

    probe_id: int
    observed_at: int
    asn_v4: int | None
    asn_v6: int | None
    country_code: str | None


class Probe(NamedTuple):
    """A probe object of the platform, in the form all its generations have in common."""

    probe_id: int
    observed_at: int
    """When the platform said so, seconds since the epoch."""
    asn_v4: int | None
    asn_v6: int | None
    country_code: str | None
    """ISO 3166-1 alpha-2, as whoever keeps the probe declared it."""
    prefix_v4: str | None
    prefix_v6: str | None
    is_anchor: bool
    is_public: bool
    status: str | None
    """The platform's name of it: Connected, Disconnected, Abandoned, Never Connected, Written Off."""
    tags: tuple[str, ...]
    """Slugs, ascending."""
    status_since_at: int | None = None
    """Since when its status is that."""
    last_connected_at: int | None = None
    """When it was last connected, as far as the platform says."""

    @property
    def snapshot(self) -> Snapshot:
        """What a vantage point needs of it."""
        return Snapshot(*self[:5])

    @property
    def is_connected(self) -> bool:
        """Whether it was, when the platform was asked."""
        return self.status == CONNECTED

    def asn(self, address_family: int) -> int | None:
        """The network that it is in by IPv4 or IPv6; None where it has none."""
        return self.asn_v6 if address_family == IPV6 else self.asn_v4

    def prefix(self, address_family: int) -> str | None:
        """The prefix that its address lies in; None where the platform does not say."""
        return self.prefix_v6 if address_family == IPV6 else self.prefix_v4

    def works(self, address_family: int) -> bool:
        """Whether IPv4 or IPv6 works there, by the platform's own tests; by its network where nothing was tested."""
        tested = [tag for tag in self.tags if tag.startswith("system-ipv")]
        has_passed = f"system-ipv{address_family}-works" in tested or not tested
        return has_passed and self.asn(address_family) is not None


class Vantage(NamedTuple):
    """The network and country that a probe's results speak for; None where the platform does not say."""

    asn: int | None
    country_code: str | None


NOWHERE = Vantage(None, None)


class VantageTable:
    """Looks up the vantage point of a probe at an instant.

    Time is cut into epochs at every instant at which some probe moved, so that whatever is worked
    out for a set of probes holds for the whole epoch.
    """

    def __init__(self, snapshots: Iterable[Snapshot]) -> None:
        self._moves: dict[int, list[Snapshot]] = {}
        for snapshot in sorted(Snapshot._make(one) for one in snapshots):
            moves = self._moves.setdefault(snapshot.probe_id, [])
            if not moves or moves[-1][2:] != snapshot[2:]:
                moves.append(snapshot)
        self._epochs = sorted({move.observed_at for moves in self._moves.values() for move in moves[1:]})

    def at(self, probe_id: int, at: int, address_family: int) -> Vantage:
        """The vantage point of a probe; `NOWHERE` for a probe that was never seen.

        For address family 0 (the record does not say) the IPv4 network is meant, else the IPv6 one.
        """
        moves = self._moves.get(probe_id)
        if moves is None:
            return NOWHERE
        _, _, asn_v4, asn_v6, country_code = moves[max(0, bisect_right(moves, at, key=_observed_at) - 1)]
        if address_family == 0:
            return Vantage(asn_v4 or asn_v6, country_code)
        return Vantage(asn_v6 if address_family == IPV6 else asn_v4, country_code)

    def epoch(self, at: int) -> int:
        """Number of the epoch that holds an instant."""
        return bisect_right(self._epochs, at)


def _observed_at(snapshot: Snapshot) -> int:
    return snapshot.observed_at


def read_probe(record: Object, observed_at: int) -> Probe:
    """Read a probe object of the v2 API, the probe archive or RIPEstat, of any of their generations.

    `observed_at` is when it was retrieved; an object of the archive carries its own day, which wins.
    Raises `UnreadableObject` naming the member that makes no sense.
    """
    return Probe(
        probe_id=required_number(record, "id"),
        observed_at=_day_start(record) or observed_at,
        asn_v4=whole_number(record, "asn_v4"),
        asn_v6=whole_number(record, "asn_v6"),
        country_code=text(record, "country_code"),
        prefix_v4=text(record, "prefix_v4"),
        prefix_v6=text(record, "prefix_v6"),
        is_anchor=is_true(record, "is_anchor"),
        is_public=is_true(record, "is_public", default=True),
        status=status_name(record),
        tags=tuple(sorted({_slug(tag) for tag in objects(record, "tags")})),
        status_since_at=instant_at(record, "status_since"),
        last_connected_at=instant_at(record, "last_connected"),
    )


def _day_start(record: Object) -> int | None:
    day = text(record, "day")
    try:
        return int(datetime.strptime(day, "%Y%m%d").replace(tzinfo=UTC).timestamp()) if day else None
    except ValueError:
        raise UnreadableObject("day", f"{day!r:.80} is no day like 20181211") from None


def _slug(tag: object) -> str:
    slug = tag.get("slug") if isinstance(tag, Mapping) else tag
    if not isinstance(slug, str):
        raise UnreadableObject("tags", f"{tag!r:.80} has no slug")
    return slug
