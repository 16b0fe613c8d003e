"""When a probe's turn comes: the rounds of a measurement, and each probe's place in them."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from app.rehearsal.world.chance import number

WANDER_S = 4
"""A round comes up to so many seconds later than its probe's turn."""
LONGEST_SPREAD_S = 400
ONEOFF_FROM_S, ONEOFF_WITHIN_S = 5, 50
"""A one-off starts on every probe within a minute."""


class Due(NamedTuple):
    """A probe's turn in a round."""

    at: int
    probe_id: int
    round_number: int


def due(seed: int, measurement: dict[str, Any], probe_ids: Sequence[int], start: int, stop: int) -> Iterator[Due]:
    """Every turn in [start, stop], in order; a round's turns all come before the next round's."""
    first = int(measurement["start_time"] or 0)
    ends = measurement.get("stop_time")
    stop = stop if ends is None else min(stop, int(ends))
    interval = measurement.get("interval")
    if measurement.get("is_oneoff") or not interval:
        yield from _turns(seed, measurement, probe_ids, (first, 0, ONEOFF_FROM_S, ONEOFF_WITHIN_S), (start, stop))
        return
    spread = measurement.get("spread")
    within = min(interval // 2, LONGEST_SPREAD_S) if spread is None else min(int(spread), interval)
    within = max(1, within - WANDER_S)
    for round_number in range(max(0, (start - first - interval) // interval), (stop - first) // interval + 1):
        opens = first + round_number * interval
        yield from _turns(seed, measurement, probe_ids, (opens, round_number, 0, within), (start, stop))


def _turns(
    seed: int,
    measurement: dict[str, Any],
    probe_ids: Sequence[int],
    opening: tuple[int, int, int, int],
    window: tuple[int, int],
) -> Iterator[Due]:
    opens, round_number, earliest, within = opening
    start, stop = window
    if opens + earliest + within + WANDER_S < start or opens > stop:
        return
    measurement_id = measurement["id"]
    turns = []
    for probe_id in probe_ids:
        phase = number(seed, "phase", measurement_id, probe_id) % within
        wander = number(seed, measurement_id, probe_id, round_number) % WANDER_S
        at = opens + earliest + phase + wander
        if start <= at <= stop:
            turns.append(Due(at, probe_id, round_number))
    yield from sorted(turns)
