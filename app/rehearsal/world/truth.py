"""Ground truth: what really happened in a world between two instants, as an object for a file."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from app.rehearsal.contract import Body
from app.rehearsal.world.presence import DAY, Presence
from app.rehearsal.world.probes import Vantage
from app.rehearsal.world.signals import Kind, Signal
from app.rehearsal.world.sites import K_ROOT_V4, K_ROOT_V6
from app.rehearsal.world.targets import Directory
from app.rehearsal.world.weather import Conditions, Weather

SIZES = {
    Kind.LATENCY_SHIFT: "milliseconds",
    Kind.PATH_CHANGE: "transit",
    Kind.CATCHMENT_CHANGE: "site",
    Kind.LOSS: "share",
    Kind.DISCONNECTION: "mode",
    Kind.INTERCEPTION: "answer",
    Kind.SERIAL_LAG: "seconds",
}
"""The field that says how much, by kind; a withdrawal is as large as its sites."""


def ground_truth(
    signals: Sequence[Signal],
    vantages: Iterable[Vantage],
    places: tuple[Directory, Weather, Presence],
    window: tuple[int, int],
) -> Body:
    """Signals with their instants, probes and sizes, and the outages that no signal made. Instants are unix seconds."""
    directory, weather, presence = places
    there = [vantage for vantage in vantages if _was_there(vantage, presence, window[0])]
    told = [_told(index, signal, there, directory, weather, window) for index, signal in enumerate(signals)]
    return {
        "signals": [one for one in told if one["occurrences"]],
        "outages": [one for vantage in there for one in _outages(vantage, presence, window)],
    }


def _was_there(vantage: Vantage, presence: Presence, at: int) -> bool:
    """Whether a probe had not left for good by an instant."""
    gone = presence.gone_since(vantage)
    return gone is None or gone > at


def _told(
    index: int,
    signal: Signal,
    vantages: Sequence[Vantage],
    directory: Directory,
    weather: Weather,
    window: tuple[int, int],
) -> Body:
    concerned = [vantage for vantage in vantages if signal.concerns(vantage)]
    told: Body = {
        "index": index,
        "kind": signal.kind.value,
        "occurrences": [{"from": start, "to": stop} for start, stop in signal.occurrences(*window)],
        "targets": sorted(signal.addresses) or None,
    }
    if signal.kind in SIZES:
        told[SIZES[signal.kind]] = getattr(signal, SIZES[signal.kind])
    if signal.sites:
        told["sites"] = sorted(signal.sites)
    if signal.kind is Kind.DISCONNECTION:
        return {**told, "probes": [vantage.id for vantage in concerned]}
    effects = [effect for vantage in concerned for effect in _effects(signal, vantage, directory, weather)]
    return {**told, "probes": sorted({effect["probe"] for effect in effects}), "effects": effects}


def _effects(signal: Signal, vantage: Vantage, directory: Directory, weather: Weather) -> Iterator[Body]:
    """What the signal changes for a probe on the way to its targets, or to K-root when it means them all."""
    for address in sorted(signal.addresses) or (K_ROOT_V4, K_ROOT_V6):
        family = 6 if ":" in address else 4
        if not vantage.has(family) or not signal.touches(address, family):
            continue
        destination = directory.destination(address)
        before = weather.under(vantage, destination, family, ())
        after = weather.under(vantage, destination, family, (signal,))
        if after != before:
            yield {"probe": vantage.id, "target": address, "before": _shown(before), "after": _shown(after)}


def _shown(conditions: Conditions) -> dict[str, Any]:
    shown = {
        "rtt_ms": round(conditions.rtt_ms, 3),
        "loss": round(conditions.lost, 6),
        "hops": len(conditions.way.hops),
        "site": conditions.site.key if conditions.site else None,
        "lag_s": conditions.lag_s,
    }
    return {**shown, "intercepted": conditions.intercepted is not None}


def _outages(vantage: Vantage, presence: Presence, window: tuple[int, int]) -> Iterator[Body]:
    start, stop = window[0], min(window[1], presence.gone_since(vantage) or window[1])
    for day in range(start // DAY, stop // DAY + 1):
        usual = presence.usual(vantage, day)
        if usual and usual.start < stop and usual.stop > start:
            yield {"probe": vantage.id, "from": usual.start, "to": usual.stop, "mode": usual.mode.value}
