"""The benchmark itself, on so little that its figures mean nothing: it still runs, and leaves what it should."""

import json
from pathlib import Path

import pytest

from tests.bench.answers import N_WARM_UP, series
from tests.bench.figures import ASKED, Figure, keep
from tests.bench.hours import SAMPLES_PER_SERIES
from tests.bench.ingests import RATIOS, memory, speed

pytestmark = [pytest.mark.acceptance("spine.7"), pytest.mark.slow]


def test_ingest_is_measured_against_its_contenders(tmp_path: Path) -> None:
    """All ratios, and where the time goes."""
    figures = speed(tmp_path, RATIOS.keys(), n_records=2_000, n_rounds=1)

    assert figures.keys() == RATIOS.keys()
    assert all(len(figure.detail) == 3 for figure in figures.values()), (
        "two contenders, and Sagan with orjson beside them"
    )
    assert all(len(rates) == 1 for figure in figures.values() for rates in figure.detail.values())
    assert all("writing" in figure.cause for figure in figures.values())


def test_memory_is_measured(tmp_path: Path) -> None:
    """Of a file much smaller than what an ingest takes at least."""
    figure = memory(tmp_path, n_bytes=2_000_000)["ingest_peak_mb"]

    assert 30 < figure.value < 1000
    assert figure.detail["records"] > 100


def test_answers_are_measured(tmp_path: Path) -> None:
    """With two databases of one series each; every answer is checked while it is timed."""
    figures = series(tmp_path, many=SAMPLES_PER_SERIES, few=1, n_questions=N_WARM_UP + 2)

    assert figures["series_p95_ms_10m"].value > 0
    assert figures["series_ratio_10m_1m"].value > 0


def test_figures_are_kept_beside_those_measured_before(tmp_path: Path) -> None:
    """A part of the benchmark may be run again alone."""
    path = tmp_path / "bench.json"
    for name in ASKED:
        keep({name: Figure(value=1.5, cause="", detail={})}, path)

    assert json.loads(path.read_text())["figures"].keys() == ASKED.keys()
