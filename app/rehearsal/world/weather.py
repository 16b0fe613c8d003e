"""What packets meet between a probe and a destination at an instant: the way, its queues, its loss, who interferes."""

from collections.abc import Sequence
from math import cos, pi
from typing import NamedTuple, Self

from app.rehearsal.chance import share
from app.rehearsal.world import paths
from app.rehearsal.world.chance import Spread
from app.rehearsal.world.networks import IPV4
from app.rehearsal.world.paths import Way
from app.rehearsal.world.probes import Vantage
from app.rehearsal.world.signals import Kind, Signal
from app.rehearsal.world.sites import SITES, Site
from app.rehearsal.world.targets import Destination, Role

# The three distributions below were computed once from 836 series of public recorded pings (firmware 4750 to 5080, at
# least 12 results each): of each series its smallest RTT was taken off, and the median of what remained is its scale.
SCALE = Spread((0, 0.08), (0.05, 0.23), (0.1, 0.34), (0.25, 1.27), (0.5, 3.8), (0.75, 11.4), (0.9, 33.8), (1, 48.0))
"""Milliseconds: how far a probe's usual RTT lies above its best."""
ROUND = Spread(
    *((0, 0), (0.05, 0.017), (0.1, 0.058), (0.25, 0.337), (0.5, 0.879), (0.75, 1.11), (0.9, 2.15), (0.95, 4.37)),
    *((0.98, 10.7), (0.99, 26.8), (0.995, 67.1), (1, 110.0)),
)
"""Of a round's fastest packet, in scales above the best RTT."""
PACKET = Spread(
    *((0, 0), (0.05, 0.003), (0.1, 0.007), (0.25, 0.025), (0.5, 0.104), (0.75, 0.404), (0.9, 1.1), (0.95, 1.92)),
    *((0.98, 4.12), (0.99, 7.63), (0.995, 12.4), (1, 42.0)),
)
"""Of the other packets of a round, in scales above its fastest."""
HOME_SCALES, ANCHOR_SCALES = (0.05, 0.72), (0.0, 0.12)
"""Between which shares of all recorded probes ours lie: none is as bad as the worst."""

HOUR, DAY = 3600, 24
BUSIEST_HOUR = 21
TROUBLED_ROUNDS = 0.003
"""Share of rounds in which the whole way is down for a moment; recorded: all packets lost in 0.6 % of rounds."""
IPV6_DETOUR_MS = 9.0
SOONEST_MS = 0.1
"""No reply comes sooner, however much a signal takes off."""


class Conditions(NamedTuple):
    """What packets meet: round trip without queues and the scale of queues in ms, loss as a share."""

    way: Way
    rtt_ms: float
    queue_ms: float
    loss: float
    added_loss: float
    """By signals, which say exactly how much whatever the hour is."""
    troubled: float
    site: Site | None
    intercepted: Signal | None
    lag_s: int
    """By how much the zone that answers is behind its origin, beyond the usual."""

    @property
    def lost(self) -> float:
        """Share of packets that are lost, whatever the reason."""
        return 1.0 - (1.0 - self.loss) * (1.0 - self.added_loss)

    def cut(self) -> Self:
        """The same way, while nothing gets beyond the subscriber's own router."""
        return self._replace(loss=1.0, troubled=1.0, intercepted=None)


class Weather:
    """The conditions of a world."""

    def __init__(self, seed: int, signals: Sequence[Signal]) -> None:
        """Signals other than disconnections act here."""
        self._seed = seed
        self._signals = [signal for signal in signals if signal.kind is not Kind.DISCONNECTION]
        self._relevant: dict[tuple[int, str, int], tuple[Signal, ...]] = {}
        self._usual: dict[tuple[int, str, int], Conditions] = {}
        self._scales: dict[int, float] = {}

    def at(self, vantage: Vantage, destination: Destination, address_family: int, at: int) -> Conditions:
        """The conditions at an instant."""
        key = (vantage.id, destination.address, address_family)
        usual = self._usual.get(key)
        if usual is None:
            usual = self._usual[key] = self.under(vantage, destination, address_family, ())
        relevant = self._relevant.get(key)
        if relevant is None:
            relevant = self._relevant[key] = self._relevant_to(vantage, destination, address_family)
        on = tuple(signal for signal in relevant if signal.covers(at)) if relevant else ()
        now = self.under(vantage, destination, address_family, on) if on else usual
        factor = evening(vantage, at)
        return now._replace(queue_ms=now.queue_ms * factor, loss=now.loss * factor)

    def _relevant_to(self, vantage: Vantage, destination: Destination, address_family: int) -> tuple[Signal, ...]:
        return tuple(
            signal
            for signal in self._signals
            if signal.concerns(vantage) and signal.touches(destination.address, address_family)
        )

    def under(
        self, vantage: Vantage, destination: Destination, address_family: int, on: Sequence[Signal]
    ) -> Conditions:
        """The conditions at the quietest hour while these signals are on."""
        operator = vantage.operator
        site = site_of(vantage, on) if destination.role is Role.K_ROOT else None
        town, end_asn = (site.town, site.host_asn) if site else (destination.town, destination.asn)
        way = paths.way(operator.asn, vantage.town, town, end_asn, address_family, transit_of(vantage, on))
        detour = 0.0 if address_family == IPV4 else IPV6_DETOUR_MS * share(self._seed, "detour", operator.asn, town)
        shift = sum(signal.milliseconds for signal in on if signal.kind is Kind.LATENCY_SHIFT)
        arrives = 0.0 if destination.role is Role.K_ROOT and site is None else 1.0  # no site is left that could answer
        for signal in on:
            arrives *= 1.0 - signal.share if signal.kind is Kind.LOSS else 1.0
        lag = max((s.seconds for s in on if s.kind is Kind.SERIAL_LAG and _is_at(s, site)), default=0)
        intercepted = next((signal for signal in on if signal.kind is Kind.INTERCEPTION), None)
        return Conditions(
            way,
            max(way.rtt_ms + detour + shift, SOONEST_MS),
            self._scale(vantage),
            operator.loss,
            1.0 - arrives,
            TROUBLED_ROUNDS,
            site,
            intercepted,
            lag,
        )

    def _scale(self, vantage: Vantage) -> float:
        known = self._scales.get(vantage.id)
        if known is None:
            low, high = ANCHOR_SCALES if vantage.is_anchor else HOME_SCALES
            at = low + (high - low) * share(self._seed, "scale", vantage.id)
            known = self._scales[vantage.id] = SCALE.value(at)
        return known


def evening(vantage: Vantage, at: int) -> float:
    """By what factor queues are longer than at the quietest hour where the probe stands."""
    hour = (at / HOUR + vantage.place.utc_offset) % DAY
    closeness = (1 + cos((hour - BUSIEST_HOUR) * 2 * pi / DAY)) / 2
    return 1 + (vantage.operator.evening - 1) * closeness**3


def site_of(vantage: Vantage, on: Sequence[Signal]) -> Site | None:
    """Which site of K-root a probe reaches: the first that its network hears and that is announced."""
    for signal in on:
        if signal.kind is Kind.CATCHMENT_CHANGE:
            return SITES[signal.site]
    withdrawn = {key for signal in on if signal.kind is Kind.SITE_WITHDRAWAL for key in signal.sites}
    heard = (*vantage.operator.sites, "de-fra", "nl-ams", "gb-lon")
    return next((SITES[key] for key in heard if key not in withdrawn), None)


def transit_of(vantage: Vantage, on: Sequence[Signal]) -> str:
    """Which transit carries a probe's traffic abroad: its network's first choice unless a signal names another."""
    named = next((signal.transit for signal in on if signal.kind is Kind.PATH_CHANGE), None)
    if named:
        return named
    return vantage.operator.reach[0] if vantage.operator.reach else ""


def _is_at(signal: Signal, site: Site | None) -> bool:
    return site is not None and (not signal.sites or site.key in signal.sites)
