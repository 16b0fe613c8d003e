"""Bins finer than an hour, which are made of samples: as the independent script has them from the raw records."""

import gzip
import json
from collections import defaultdict
from collections.abc import Callable
from statistics import median
from typing import Any

import pytest
from sqlalchemy import Engine

from app.operations.read_series import read_series
from app.operations.sight import MACHINE, sight_of
from app.specimens import LABORATORY_RESULTS
from app.store.engine import reading
from measurements.series.query import series_query
from tests.independent.recompute import recompute
from tests.ingesting import ingest

WIDTH_S = {"5m": 300, "15m": 900, "30m": 1800, "1h": 3600}
NOW = 1_800_000_000
Figures = list[dict[str, Any]]
Value = tuple[float | None, int]


def _loss(found: Figures) -> Value:
    lost, sent = (sum(numbers) for numbers in zip(*(one["loss"] for one in found), strict=True))
    return lost / sent, sent


def _rtts(records: Figures) -> list[float]:
    return [entry["rtt"] for one in records for entry in one["result"] if "rtt" in entry and "dup" not in entry]


def _median(records: Figures) -> Value:
    rtts = _rtts(records)
    return median(rtts) if rtts else None, len(rtts)


def _minimum(records: Figures) -> Value:
    rtts = _rtts(records)
    return min(rtts, default=None), len(rtts)


def _availability(found: Figures) -> Value:
    sent = [answer for one in found for answer in one["answers"] if answer["is_sent"]]
    return sum(answer["rcode"] == "NOERROR" for answer in sent) / len(sent), len(sent)


def _response_time(found: Figures) -> Value:
    times = [answer["response_time_ms"] for one in found for answer in one["answers"] if answer["outcome"] == "answer"]
    return median(times) if times else None, len(times)


def _hop_count(found: Figures) -> Value:
    counts = [one["hop_count"] for one in found if one["hop_count"] is not None]
    return median(counts) if counts else None, len(counts)


METRICS: dict[str, tuple[str, Callable[[Figures], Value], bool]] = {
    "loss": ("ping", _loss, False),
    "rtt_median_ms": ("ping", _median, True),
    "rtt_min_ms": ("ping", _minimum, True),
    "availability": ("dns", _availability, False),
    "response_time_ms": ("dns", _response_time, False),
    "hop_count": ("traceroute", _hop_count, False),
}
"""By metric: the type of its results, the figure of a bin, and whether that is made of the raw record itself."""


def wanted(metric: str, width_s: int) -> dict[tuple[Any, ...], Value]:
    """Value and number of samples by bin, probe, family and protocol, of the recording's results toward K-root."""
    kind, figure, is_of_raw = METRICS[metric]
    groups: defaultdict[tuple[Any, ...], Figures] = defaultdict(list)
    with gzip.open(LABORATORY_RESULTS) as lines:
        for record in map(json.loads, lines):
            said = recompute(record) if record["type"] == kind else {}
            if said.get("target") == "k-root":
                at = record["timestamp"] // width_s * width_s
                groups[at, record["prb_id"], record["af"], record["proto"]].append(record if is_of_raw else said)
    return {key: figure(found) for key, found in groups.items()}


@pytest.fixture(scope="module")
def recording(sqlite_template: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A database with the laboratory's recording; not to be written to."""
    from shutil import copyfile  # noqa: PLC0415 - one use

    from app.store.engine import create_engine_for  # noqa: PLC0415 - as tests.databases

    path = copyfile(sqlite_template, tmp_path_factory.mktemp("fine") / "fine.db")
    engine = create_engine_for(f"sqlite:///{path}")
    ingest(engine, LABORATORY_RESULTS)
    yield engine
    engine.dispose()


@pytest.mark.parametrize("bin_name", WIDTH_S)
@pytest.mark.parametrize("metric", METRICS)
def test_a_bin_of_any_width_holds_what_the_records_say(metric: str, bin_name: str, recording: Engine) -> None:
    """For each probe; an hour, which is stored, for comparison."""
    query = series_query(metric=metric, target="k-root", label="laboratory", scope="probe", bin=bin_name)

    with reading(recording) as connection:
        rows = read_series(connection, query, sight_of(connection, MACHINE, 0), now=NOW).rows

    given = {
        (row.bin_at, row.probe_id, row.address_family, row.protocol): (row.value, row.n_samples)
        for row in rows
        if row.n_received
    }
    expected = wanted(metric, WIDTH_S[bin_name])
    assert given.keys() == expected.keys()
    assert {key: value for key, (value, _) in given.items()} == pytest.approx(
        {key: value for key, (value, _) in expected.items()}, abs=1e-9
    )
    assert {key: n for key, (_, n) in given.items()} == {key: n for key, (_, n) in expected.items()}
