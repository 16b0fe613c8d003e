"""The way from a probe to a destination: towns, routers, and the time that the cables between them take."""

from collections import Counter
from functools import lru_cache
from typing import NamedTuple

from app.rehearsal.chance import share
from app.rehearsal.world import networks
from app.rehearsal.world.geography import PLACES, distance_km, round_trip_ms
from app.rehearsal.world.networks import GATEWAY, OPERATOR, ROUTERS_FROM, TRANSITS, Operator, Transit

CACHED = 4096
PER_ROUTER_MS = 0.15
SILENT_SHARE = 0.08
LABELLED_SHARE = 0.25
LAST_MS = 0.3


class Router(NamedTuple):
    """A router on the way, by the address that it answers from, and the round trip to it."""

    address: str
    rtt_ms: float
    is_silent: bool
    label: int
    """Its MPLS label; 0 when it shows none."""


class Way(NamedTuple):
    """A way: at each hop one router, or several among which flows are shared; the last leads to the destination."""

    hops: tuple[tuple[Router, ...], ...]
    rtt_ms: float


class _Leg(NamedTuple):
    asn: int
    town: str
    routers: int
    width: int


@lru_cache(maxsize=CACHED)
def way(asn: int, start: str, end: str, end_asn: int, address_family: int, transit: str) -> Way:
    """The way from a network's subscriber in a town to a network in another, over the named transit if need be."""
    operator = OPERATOR[asn]
    towns = [start]
    hops: list[tuple[Router, ...]] = []
    rtt = operator.access_ms
    met: Counter[tuple[int, str]] = Counter()
    for leg in _legs(operator, start, end, end_asn, transit):
        rtt += round_trip_ms(towns[-1], leg.town)
        towns.append(leg.town)
        for turn in range(leg.routers):
            rtt += PER_ROUTER_MS
            which = met[leg.asn, leg.town]
            met[leg.asn, leg.town] += 1
            twins = range(leg.width if turn else 1)
            hops.append(tuple(_router(leg, which, twin, address_family, rtt) for twin in twins))
    return Way(tuple(hops), rtt + LAST_MS)


def _legs(operator: Operator, start: str, end: str, end_asn: int, transit: str) -> list[_Leg]:
    legs = [_Leg(operator.asn, start, 1, 1)]
    if start != operator.home and (PLACES[start].country == PLACES[operator.home].country):
        legs.append(_Leg(operator.asn, operator.home, 1, 1))
    elif end_asn != operator.asn:
        legs.append(_Leg(operator.asn, start, 1, 1))
    here, there = PLACES[start].country, PLACES[end].country
    if here == GATEWAY_COUNTRY and operator.asn not in (GATEWAY.asn, end_asn):
        legs.append(_Leg(GATEWAY.asn, GATEWAY.home, 1 if here == there else 2, 1))
    if here != there:
        legs += _carried(TRANSITS[transit], end) if operator.reach else _peered(end)
    return [*legs, _Leg(end_asn if end_asn in OPERATOR else TRANSITS["world"].asn, end, 1, 1)]


GATEWAY_COUNTRY = PLACES[GATEWAY.home].country


def _carried(transit: Transit, end: str) -> list[_Leg]:
    exit_at = min(range(len(transit.towns)), key=lambda index: distance_km(transit.towns[index], end))
    towns = transit.towns[: exit_at + 1]
    return [_Leg(transit.asn, town, 2 if turn else 1, 2 if town == "mow" else 1) for turn, town in enumerate(towns)]


def _peered(end: str) -> list[_Leg]:
    world = TRANSITS["world"]
    town = min(world.towns, key=lambda name: distance_km(name, end))
    return [_Leg(world.asn, town, 2, 2)]


def _router(leg: _Leg, which: int, twin: int, address_family: int, rtt_ms: float) -> Router:
    position = ROUTERS_FROM + 16 * list(PLACES).index(leg.town) + 4 * which + twin
    address = networks.address(leg.asn, address_family, position)
    is_silent = share("silent", leg.asn, position) < SILENT_SHARE
    is_labelled = leg.asn in networks.TRANSIT_ASNS and share("label", leg.asn, position) < LABELLED_SHARE
    return Router(address, rtt_ms, is_silent, 24000 + position if is_labelled else 0)
