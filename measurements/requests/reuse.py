"""What is measured already and would answer a wish for free: nothing is asked of a network twice."""

from collections.abc import Iterable
from typing import NamedTuple

from measurements.requests.request import Request
from measurements.requests.wishes import Wish, plain_name
from measurements.targets import PROBE_RESOLVERS, known_targets


class Existing(NamedTuple):
    """A public measurement that runs already."""

    atlas_id: int
    type: str
    target: str
    address_family: int
    interval_s: int | None
    """None where nobody says."""
    queried_name: str | None
    """Of a DNS query."""
    queried_type: str | None
    is_built_in: bool


def built_ins() -> tuple[Existing, ...]:
    """Those that RIPE Atlas itself runs on every probe, toward the targets that are known by name."""
    return tuple(
        Existing(
            one.atlas_id, one.type, target.name, one.address_family, None,
            one.asks.split()[0] if one.type == "dns" else None, one.asks.split()[-1] if one.type == "dns" else None,
            is_built_in=True,
        )
        for target in known_targets()
        for one in target.built_ins
    )  # fmt: skip


def answering(wish: Wish, request: Request, existing: Iterable[Existing]) -> tuple[Existing, ...]:
    """Those among the existing that ask the same, as often."""
    return tuple(one for one in existing if _asks_the_same(one, wish) and _as_often(one, request))


def _asks_the_same(one: Existing, wish: Wish) -> bool:
    target = wish.target or PROBE_RESOLVERS
    if (one.type, one.target, one.address_family) != (wish.type, target, wish.address_family):
        return False
    if wish.type != "dns":
        return True
    asked = wish.usual.parameters
    return (plain_name(one.queried_name), one.queried_type) == (
        plain_name(asked["query_argument"]),
        asked["query_type"],
    )


def _as_often(one: Existing, request: Request) -> bool:
    if one.interval_s is None or not isinstance(request.every_s, int):
        return True
    return one.interval_s <= request.every_s
