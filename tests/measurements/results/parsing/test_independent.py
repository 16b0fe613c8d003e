"""What we read agrees with a script that shares nothing with us, over all sources; where Sagan is wrong it is said."""

import csv
import gzip
import random
from collections import Counter, defaultdict
from collections.abc import Callable
from itertools import chain, zip_longest
from pathlib import Path
from statistics import fmean, median
from typing import Any

import orjson
import pytest

from measurements.errors import UnreadableResult
from measurements.results.parsing import parse
from measurements.results.result import Answer, Dns, Ping, Result, Traceroute
from tests.independent.recompute import recompute
from tests.measurements.results.parsing import sagan_faults
from tests.measurements.results.parsing.sagan_faults import faults
from tests.measurements.results.parsing.test_sagan_speed import stock
from tests.measurements.results.recordings import TYPES, recordings, specimens

PER_TYPE = 1000
SEED = 3
RTT_TOLERANCE_MS = 1e-9
SHARE_UNREADABLE = 0.001

KNOWN_FAULTS = {
    "ping": {sagan_faults.ROUNDED, sagan_faults.SEND_ERROR},
    "traceroute": {sagan_faults.LATE, sagan_faults.DUPLICATES, sagan_faults.LAST_TRY, sagan_faults.HOP_ERROR},
    "dns": {
        *(sagan_faults.NO_RESPONSE, sagan_faults.SET_ERROR, sagan_faults.MESSAGE_LOST),
        *(sagan_faults.ESCAPES, sagan_faults.NO_MESSAGE),
    },
}
"""What stock Sagan gets wrong on the sample: every kind occurs, and no other."""


def sample(folder: Path, kind: str) -> dict[str, list[dict[str, Any]]]:
    """Records of a type by source, drawn from each source in turn, so that the smallest is there in full."""
    by_source: defaultdict[str, list[bytes]] = defaultdict(list)
    with gzip.open(folder / "open" / f"{kind}.index.tsv.gz", "rt", newline="") as index:
        sources = [row["source"] for row in csv.DictReader(index, delimiter="\t", quoting=csv.QUOTE_NONE)]
    with gzip.open(folder / "open" / f"{kind}.ndjson.gz") as lines:
        for source, line in zip(sources, lines, strict=True):
            by_source[source].append(line)
    with gzip.open(folder / "lab" / f"{kind}.ndjson.gz") as lines:
        by_source["laboratory"] = list(lines)
    chance = random.Random(SEED)  # noqa: S311 - a sample that is the same every time
    shuffled = {source: chance.sample(found, len(found)) for source, found in by_source.items()}
    in_turn = chain.from_iterable(zip_longest(*([(source, line) for line in shuffled[source]] for source in shuffled)))
    drawn: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for source, line in [pair for pair in in_turn if pair][:PER_TYPE]:
        drawn[source].append(orjson.loads(line))
    return drawn


def disagreements(record: dict[str, Any]) -> list[str]:
    """What the script and we say differently about a record."""
    wanted, given = recompute(record), figures(parse(record))
    return [f"{path}: {one!r}, not {other!r}" for path, one, other in _differences(given, wanted, record["type"])]


def figures(result: Result) -> dict[str, Any]:
    """Our reading under the names that the script uses."""
    detail = result.detail
    if isinstance(detail, Ping):
        return _ping_figures(detail)
    if isinstance(detail, Traceroute):
        return _traceroute_figures(detail)
    return _dns_figures(detail)


def _ping_figures(ping: Ping) -> dict[str, Any]:
    rtts, n_tried = ping.rtts_ms, ping.n_sent - ping.n_send_errors
    return {
        "n_sent": ping.n_sent,
        "n_received": ping.n_received,
        "n_duplicates": ping.n_duplicates,
        "loss": (n_tried - ping.n_received) / n_tried if n_tried else None,
        "rtt_min_ms": min(rtts, default=None),
        "rtt_mean_ms": fmean(rtts) if rtts else None,
        "rtt_median_ms": median(rtts) if rtts else None,
        "rtt_max_ms": max(rtts, default=None),
    }


def _traceroute_figures(path: Traceroute) -> dict[str, Any]:
    return {
        "is_destination_reached": path.is_destination_reached,
        "hop_count": path.hop_count,
        "last_rtt_ms": path.last_rtt_ms,
        "hops": [
            [hop.ttl, [[reply.address, reply.rtt_ms, reply.is_late, reply.is_duplicate] for reply in hop.replies]]
            for hop in path.hops
        ],
    }


def _dns_figures(dns: Dns) -> dict[str, Any]:
    return {"answers": [_answer_figures(answer) for answer in dns.answers]}


def _answer_figures(answer: Answer) -> dict[str, Any]:
    names = ("rcode", "is_authoritative", "nsid", "text", "soa_serial", "response_time_ms", "size_bytes")
    return {"is_answered": answer.size_bytes is not None, **{name: getattr(answer, name) for name in names}}


def _differences(given: Any, wanted: Any, path: str) -> list[tuple[str, Any, Any]]:
    """Integers and text exactly, RTTs to within the tolerance."""
    if isinstance(wanted, dict):
        return [found for key in wanted for found in _differences(given[key], wanted[key], f"{path}.{key}")]
    if isinstance(wanted, list) and isinstance(given, list) and len(given) == len(wanted):
        pairs = zip(given, wanted, strict=True)
        return [found for one, other in pairs for found in _differences(one, other, f"{path}[]")]
    if isinstance(wanted, float) and isinstance(given, float):
        return [] if abs(given - wanted) <= RTT_TOLERANCE_MS else [(path, given, wanted)]
    return [] if given == wanted else [(path, given, wanted)]


@pytest.mark.acceptance("spine.3")
@pytest.mark.parametrize("kind", TYPES)
def test_a_thousand_records_over_all_sources_agree(
    kind: str, shared_data: Path, record_property: Callable[[str, object], None]
) -> None:
    """The script and we agree on each; Sagan, as installed, on all but the faults that are known by name."""
    drawn = sample(shared_data, kind)
    records = list(chain.from_iterable(drawn.values()))
    with stock():
        found = Counter(fault for record in records for fault in faults(record, recompute(record)))
    record_property("stock Sagan disagrees", dict(found))

    assert [text for record in records for text in disagreements(record)] == []
    assert set(found) == KNOWN_FAULTS[kind], found
    assert len(records) == PER_TYPE
    assert all(drawn.values())


@pytest.mark.acceptance("spine.3")
@pytest.mark.slow
@pytest.mark.parametrize("kind", TYPES)
def test_every_recording_is_read_or_put_aside(kind: str, shared_data: Path) -> None:
    """Of all recordings nothing raises anything but `UnreadableResult`, and of a thousand at most one does."""
    assert shared_data.is_dir()
    reasons: Counter[str] = Counter()
    n = 0
    for n, record in enumerate(recordings(kind), 1):  # noqa: B007 - counted to the end
        try:
            parse(record)
        except UnreadableResult as unreadable:
            reasons[unreadable.reason] += 1

    assert reasons.total() <= n * SHARE_UNREADABLE, reasons
    assert n > 0


def test_every_specimen_agrees() -> None:
    """The same comparison for the edge cases that are always at hand."""
    assert [text for record in specimens() for text in disagreements(record)] == []


def test_the_comparison_can_fail() -> None:
    """A figure that is off by more than the tolerance is noticed, and one within it is not."""
    assert _differences({"a": [1.0, None]}, {"a": [1.0 + 2e-9, None]}, "x") == [("x.a[]", 1.0, 1.0 + 2e-9)]
    assert _differences({"a": [1.0, 3]}, {"a": [1.0 + 5e-10, 3]}, "x") == []
    assert _differences({"a": []}, {"a": [1]}, "x") == [("x.a", [], [1])]
