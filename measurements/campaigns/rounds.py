"""Rounds: how many of a measurement's were due in an interval, and of which probes.

A round is due at `start_at + k * interval_s`, inside the measurement's own term. Probes answer within
the spread after it, so near an edge a result may fall into the next bin; completeness of an hour is a
good estimate, of a day a better one.
"""

from collections.abc import Iterable

from measurements.campaigns.measurement import Measurement


def expected_rounds(measurement: Measurement, from_at: int, to_at: int) -> int | None:
    """Rounds due at instants in [from_at, to_at), seconds since the epoch.

    A one-off has one round, at its start. None where the object does not say when or how often.
    """
    start_at = measurement.start_at
    if start_at is None:
        return None
    if measurement.is_oneoff:
        return int(from_at <= start_at < to_at)
    interval_s = measurement.interval_s
    if interval_s is None:
        return None
    stop_at = to_at if measurement.stop_at is None else min(to_at, measurement.stop_at)
    return max(0, _rounds_before(stop_at, start_at, interval_s) - _rounds_before(from_at, start_at, interval_s))


def _rounds_before(at: int, start_at: int, interval_s: int) -> int:
    return max(0, -((start_at - at) // interval_s))


class ExpectedRounds:
    """What a set of measurements leads one to expect of each probe, up to an instant."""

    def __init__(self, measurements: Iterable[Measurement], until_at: int) -> None:
        self.until_at = until_at
        """Rounds from here on are not expected yet; usually now."""
        self._measurements = {measurement.atlas_id: measurement for measurement in measurements}
        starts = [one.start_at for one in self._measurements.values() if one.start_at is not None]
        self.from_at = min(starts, default=until_at)
        """Nothing is expected before."""

    def rounds(self, atlas_id: int, from_at: int, to_at: int) -> int | None:
        """Results due from each participant in [from_at, to_at); None where that is unknown."""
        measurement = self._measurements.get(atlas_id)
        return measurement and expected_rounds(measurement, from_at, min(to_at, self.until_at))

    def participants(self, atlas_id: int) -> frozenset[int] | None:
        """Probes that take part; None where that is unknown."""
        measurement = self._measurements.get(atlas_id)
        return measurement and measurement.participants

    def address_family(self, atlas_id: int) -> int:
        """4, 6, or 0 where that is unknown."""
        measurement = self._measurements.get(atlas_id)
        return measurement.address_family if measurement else 0


def last_due(now_at: int, every_s: int, offset_s: int = 0) -> int:
    """The latest instant not after now at which something is due every so often. Missed ones are not made up for."""
    return (now_at - offset_s) // every_s * every_s + offset_s
