"""When a probe's turn comes: the rounds of a measurement, and each probe's place in them."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from app.rehearsal.chance import number
from app.rehearsal.world.chance import mix

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
        phases = _phases(seed, measurement["id"], probe_ids, ONEOFF_WITHIN_S)
        turns = [Due(first + ONEOFF_FROM_S + phase, probe_id, 0) for probe_id, phase in phases]
        yield from sorted(turn for turn in turns if start <= turn.at <= stop)
        return
    spread = measurement.get("spread")
    within = min(interval // 2, LONGEST_SPREAD_S) if spread is None else min(int(spread), interval)
    phases = _phases(seed, measurement["id"], probe_ids, max(1, within - WANDER_S))
    for round_number in range(max(0, (start - first - interval) // interval), (stop - first) // interval + 1):
        opens = first + round_number * interval
        turns = [
            Due(opens + phase + mix(probe_id, round_number) % WANDER_S, probe_id, round_number)
            for probe_id, phase in phases
        ]
        turns.sort()
        yield from (turn for turn in turns if start <= turn.at <= stop)


def _phases(seed: int, measurement_id: int, probe_ids: Sequence[int], within: int) -> list[tuple[int, int]]:
    """Each probe with its place in every round, in seconds after the round opens."""
    return [
        (probe_id, number(seed, "phase", measurement_id, probe_id) % within) for probe_id in dict.fromkeys(probe_ids)
    ]
