"""What Rasad publishes agrees with a script that shares nothing with it; where stock Sagan is wrong it is said."""

import csv
import gzip
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from itertools import chain, count, zip_longest
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import pytest
from sqlalchemy import Engine

from app.operations.list_results import list_results, result_filters
from app.operations.result_entries import ResultEntry, entry_on_the_wire
from app.operations.sight import MACHINE, sight_of
from app.store.engine import reading
from measurements.metrics.cell import Cell, columns_of
from measurements.metrics.loss import of_probes
from measurements.results.outcome import Label
from measurements.series.bins import bin_of
from measurements.series.sample import samples_of
from tests.independent.recompute import recompute
from tests.ingesting import ingest, write_lines
from tests.measurements.results.parsing import sagan_faults
from tests.measurements.results.parsing.sagan_faults import faults
from tests.measurements.results.parsing.test_sagan_speed import stock
from tests.measurements.results.recordings import TYPES, specimens

PER_TYPE = 1000
SEED = 3
RTT_TOLERANCE_MS = 1e-9
LABORATORY = "laboratory"

KNOWN_FAULTS = {
    "ping": {sagan_faults.ROUNDED, sagan_faults.SEND_ERROR},
    "traceroute": {sagan_faults.LATE, sagan_faults.DUPLICATES, sagan_faults.LAST_TRY, sagan_faults.HOP_ERROR},
    "dns": {
        *(sagan_faults.NO_RESPONSE, sagan_faults.SET_ERROR, sagan_faults.MESSAGE_LOST),
        *(sagan_faults.ESCAPES, sagan_faults.NO_MESSAGE),
    },
}
"""What stock Sagan gets wrong on the sample: every kind occurs, and no other."""
NOT_RECOMPUTED = {
    *("id", "flags", "label", "data_class", "agreement_id", "retrieved_at", "sources", "address_family", "protocol"),
}
"""What the store adds, and what the script says of each answer of a resultset rather than of the whole."""


class Sample(NamedTuple):
    """Records of one type, and where they are from."""

    by_source: dict[str, list[bytes]]
    sources: set[str]
    """All there are."""


def sample(folder: Path, kind: str) -> Sample:
    """Results drawn from each source in turn, so that the smallest is there in full; none twice."""
    by_source: defaultdict[str, list[bytes]] = defaultdict(list)
    with gzip.open(folder / "open" / f"{kind}.index.tsv.gz", "rt", newline="") as index:
        sources = [row["source"] for row in csv.DictReader(index, delimiter="\t", quoting=csv.QUOTE_NONE)]
    with gzip.open(folder / "open" / f"{kind}.ndjson.gz") as lines:
        for source, line in zip(sources, lines, strict=True):
            by_source[source].append(line)
    with gzip.open(folder / "lab" / f"{kind}.ndjson.gz") as lines:
        by_source[LABORATORY] = list(lines)
    chance = random.Random(SEED)  # noqa: S311 - a sample that is the same every time
    shuffled = {source: chance.sample(found, len(found)) for source, found in by_source.items()}
    in_turn = chain.from_iterable(zip_longest(*([(source, line) for line in shuffled[source]] for source in shuffled)))
    return Sample(_first(filter(None, in_turn), PER_TYPE), set(by_source))


def _first(pairs: Iterable[tuple[str, bytes]], n: int) -> dict[str, list[bytes]]:
    """The first so many different results by source: a result that two sources hold is one."""
    drawn: defaultdict[str, list[bytes]] = defaultdict(list)
    seen: set[tuple[int, int, int]] = set()
    for source, line in pairs:
        record = orjson.loads(line)
        key = (record["msm_id"], record["prb_id"], record["timestamp"])
        if len(seen) < n and key not in seen:
            drawn[source].append(line.strip())
            seen.add(key)
    return drawn


def published(engine: Engine, folder: Path, lines: Iterable[bytes]) -> list[ResultEntry]:
    """What the database holds of records that were ingested: all pages of all labels."""
    report = ingest(engine, write_lines(folder / "sample.ndjson", lines))
    assert (report.quarantined, report.unsupported) == (0, 0)
    entries: list[ResultEntry] = []
    with reading(engine) as connection:
        sight = sight_of(connection, MACHINE, 0)
        for label in Label:
            cursor = None
            for page_number in count():
                page = list_results(connection, result_filters(label=label), sight, after=cursor, limit=300)
                entries += page.entries
                cursor = page.next_cursor
                assert page_number <= len(entries)
                if cursor is None:
                    break
    return entries


def disagreements(entry: ResultEntry) -> list[str]:
    """What the script and Rasad say differently about a record; and what only one of them says at all."""
    record = orjson.loads(entry.raw)
    given = {key: value for key, value in entry_on_the_wire(entry).items() if key not in NOT_RECOMPUTED}
    if record["type"] == "ping":
        given["loss"] = _loss(entry)
    return [f"{path}: {one!r}, not {other!r}" for path, one, other in _differences(given, recompute(record), "entry")]


def _loss(entry: ResultEntry) -> list[int]:
    """Packets lost, of packets sent, as a series has them."""
    assert entry.result is not None
    content = bin_of(enumerate(samples_of(entry.result)))
    cell = Cell(0, 1, 1, *content[:4], len(content.rtts_ms), None, None, None, None, None)
    return list(of_probes(columns_of([cell]))[0])


def _differences(given: Any, wanted: Any, path: str) -> list[tuple[str, Any, Any]]:
    """Keys, integers and text exactly, RTTs to within the tolerance."""
    if isinstance(wanted, dict):
        if given.keys() != wanted.keys():
            return [(path, sorted(given), sorted(wanted))]
        return [found for key in wanted for found in _differences(given[key], wanted[key], f"{path}.{key}")]
    if isinstance(wanted, list) and isinstance(given, list) and len(given) == len(wanted):
        pairs = zip(given, wanted, strict=True)
        return [found for one, other in pairs for found in _differences(one, other, f"{path}[]")]
    if isinstance(given, float) and isinstance(wanted, float | int):
        return [] if abs(given - wanted) <= RTT_TOLERANCE_MS else [(path, given, wanted)]
    return [] if given == wanted else [(path, given, wanted)]


@pytest.fixture
def sqlite(make_sqlite_database: Callable[[], str], open_engine: Callable[[str], Engine]) -> Engine:
    """A database of its own; what both kinds hold is compared elsewhere."""
    return open_engine(make_sqlite_database())


@pytest.mark.acceptance("spine.3")
@pytest.mark.parametrize("kind", TYPES)
def test_a_thousand_records_over_all_sources_agree(
    kind: str, shared_data: Path, sqlite: Engine, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """The script and Rasad agree on each; Sagan, as installed, on all but the faults that are known by name."""
    drawn = sample(shared_data, kind)
    lines = list(chain.from_iterable(drawn.by_source.values()))
    with stock():
        found = Counter(fault for record in map(orjson.loads, lines) for fault in faults(record, recompute(record)))
    record_property("stock Sagan disagrees", dict(found))
    entries = published(sqlite, tmp_path, lines)

    assert [text for entry in entries for text in disagreements(entry)] == []
    assert sorted(entry.raw for entry in entries) == sorted(lines)
    assert set(found) == KNOWN_FAULTS[kind], found
    assert len(lines) == PER_TYPE
    assert set(drawn.by_source) == drawn.sources


def test_every_specimen_agrees(sqlite: Engine, tmp_path: Path) -> None:
    """The same comparison for the edge cases that are always at hand."""
    entries = published(sqlite, tmp_path, map(orjson.dumps, specimens()))

    assert [text for entry in entries for text in disagreements(entry)] == []
    assert len(entries) == len(specimens())


def test_the_comparison_can_fail() -> None:
    """A figure that is off by more than the tolerance is noticed, and one within it is not; and so is a missing one."""
    assert _differences({"a": [1.0, None]}, {"a": [1.0 + 2e-9, None]}, "x") == [("x.a[]", 1.0, 1.0 + 2e-9)]
    assert _differences({"a": [1.0, 3]}, {"a": [1.0 + 5e-10, 3]}, "x") == []
    assert _differences({"a": []}, {"a": [1]}, "x") == [("x.a", [], [1])]
    assert _differences({"a": 1, "b": 2}, {"a": 1}, "x") == [("x", ["a", "b"], ["a"])]
