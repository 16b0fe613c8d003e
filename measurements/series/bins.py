"""A bin: what one probe reported in one interval, kept so that bins merge without error.

Counters are integers and the RTTs are all kept, sorted, as the probe reported them: a probe-hour
holds a few dozen. So medians, percentiles and order statistics of merged bins are exact, and the
order in which results arrive cannot show.
"""

import sys
from array import array
from collections.abc import Iterable, Mapping
from typing import NamedTuple, TypeVar

from measurements.series.sample import Sample

BIN_S = 3600
"""Width of a stored bin, seconds."""

K = TypeVar("K", int, str)


class Bin(NamedTuple):
    """What results of one series and one probe say about one interval."""

    n_results: int
    """Results, not samples: a resultset with three answers is one result and three sends."""
    n_sent: int
    n_received: int
    n_success: int
    rtts_ms: "array[float]"
    """Every RTT, ascending, milliseconds, unrounded."""
    hop_counts: dict[int, int]
    """Hop count -> traceroutes that reached their destination with it; keys ascending."""
    instances: dict[str, int]
    """Identity as the server gave it -> answers that carried it; keys ascending."""

    @property
    def rtt_min_ms(self) -> float | None:
        """Smallest RTT, milliseconds; None without a reply."""
        return self.rtts_ms[0] if self.rtts_ms else None

    @property
    def rtt_median_ms(self) -> float | None:
        """Median RTT, milliseconds, the mean of the middle two when even; None without a reply."""
        rtts = self.rtts_ms
        n = len(rtts)
        if not n:
            return None
        half = n // 2
        return rtts[half] if n % 2 else (rtts[half - 1] + rtts[half]) / 2


def bin_start(measured_at: int, width_s: int = BIN_S) -> int:
    """Start of the bin of `width_s` seconds, counted from the epoch, that holds an instant."""
    return measured_at - measured_at % width_s


def bin_of(samples: Iterable[tuple[int, Sample]]) -> Bin:
    """The bin of (result, sample) pairs, in any order.

    The first member only tells results apart (a row id, an index); all samples of one result that
    belong to the bin must come in one call, since `merge` adds results up.
    """
    results: set[int] = set()
    n_sent = n_received = n_success = 0
    rtts: list[float] = []
    hop_counts: dict[int, int] = {}
    instances: dict[str, int] = {}
    for result, sample in samples:
        results.add(result)
        _, _, _, _, sent, received, success, sample_rtts, hop_count, instance = sample
        n_sent += sent
        n_received += received
        n_success += success
        rtts += sample_rtts
        if hop_count is not None:
            hop_counts[hop_count] = hop_counts.get(hop_count, 0) + 1
        if instance is not None:
            instances[instance] = instances.get(instance, 0) + 1
    rtts.sort()
    return Bin(len(results), n_sent, n_received, n_success, array("d", rtts), _by_key(hop_counts), _by_key(instances))


def merge(a: Bin, b: Bin) -> Bin:
    """The bin of the results of both; they must have no result in common."""
    return Bin(
        a.n_results + b.n_results,
        a.n_sent + b.n_sent,
        a.n_received + b.n_received,
        a.n_success + b.n_success,
        array("d", sorted(a.rtts_ms + b.rtts_ms)) if a.rtts_ms and b.rtts_ms else a.rtts_ms or b.rtts_ms,
        merge_counts(a.hop_counts, b.hop_counts),
        merge_counts(a.instances, b.instances),
    )


def merge_counts(a: Mapping[K, int], b: Mapping[K, int]) -> dict[K, int]:
    """Counts added key by key, keys ascending."""
    merged = dict(a)
    for key, n in b.items():
        merged[key] = merged.get(key, 0) + n
    return _by_key(merged)


def pack_rtts(rtts_ms: Iterable[float]) -> bytes:
    """RTTs as little-endian 64-bit floats, the same on every machine."""
    return _little_endian(array("d", rtts_ms)).tobytes()


def unpack_rtts(packed: bytes) -> "array[float]":
    """The RTTs that `pack_rtts` packed."""
    rtts = array("d")
    rtts.frombytes(packed)
    return _little_endian(rtts)


def _little_endian(rtts: "array[float]") -> "array[float]":
    if sys.byteorder == "big":
        rtts.byteswap()
    return rtts


def _by_key(counts: dict[K, int]) -> dict[K, int]:
    return dict(sorted(counts.items())) if len(counts) > 1 else counts
