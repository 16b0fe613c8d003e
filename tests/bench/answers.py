"""The figures of series: how long `GET /api/v1/series` takes over ten million samples, and over one million."""

import statistics
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from app.store.engine import create_engine_for
from app.store.migrate import upgrade
from app.store.tend import refresh_statistics
from tests.bench.figures import Figure, say
from tests.bench.hours import BEGAN_AT, COUNTRY, N_PROBES, fill
from tests.running import serving

N_QUESTIONS = 200
N_WARM_UP = 5
MANY, FEW = 10_000_000, 1_000_000
DAYS = 30
MS, MB, HOUR_S = 1000, 1024 * 1024, 3600


def series(folder: Path, many: int = MANY, few: int = FEW, n_questions: int = N_QUESTIONS) -> dict[str, Figure]:
    """Ask both databases in turn, every time for other hours."""
    with ExitStack() as running:
        clients = {n: running.enter_context(serving(_database(folder, n))) for n in (many, few)}
        times = _ask_in_turn(clients, n_questions)
    for n in clients:
        say(
            f"  {n:>10,} samples: median {statistics.median(times[n]):.1f} ms, p95 {_p95(times[n]):.1f} ms "
            f"of {len(times[n])} questions"
        )
    medians = {n: statistics.median(spent) for n, spent in times.items()}
    detail = {
        "p95_ms": {"10m": _p95(times[many]), "1m": _p95(times[few])},
        "median_ms": {"10m": medians[many], "1m": medians[few]},
    }
    cause = (
        "14,400 hourly bins of one of the series are read, arranged and put into 720 rows, by one process over HTTP; "
        "the other series are there to be passed by"
    )
    return {
        "series_p95_ms_10m": Figure(value=_p95(times[many]), cause=cause, detail=detail),
        "series_ratio_10m_1m": Figure(value=medians[many] / medians[few], cause=cause, detail=detail),
    }


def _database(folder: Path, n_samples: int) -> str:
    place = folder / str(n_samples)
    place.mkdir()
    url = f"sqlite:///{place / 'series.db'}"
    upgrade(url)
    engine = create_engine_for(url)
    say(f"filling a database with {n_samples:,} samples")
    n = fill(engine, n_samples, place)
    refresh_statistics(engine)
    engine.dispose()
    say(f"  {n:,} samples, {(place / 'series.db').stat().st_size / MB:,.0f} MB")
    return url


def _ask_in_turn(clients: Mapping[int, httpx.Client], n_questions: int) -> dict[int, list[float]]:
    """Milliseconds per answer, the first few left out."""
    times: dict[int, list[float]] = {n: [] for n in clients}
    for number in range(n_questions):
        for n, client in clients.items():
            times[n].append(_ask(client, BEGAN_AT + number * HOUR_S) * MS)
    return {n: spent[N_WARM_UP:] for n, spent in times.items()}


def _ask(client: httpx.Client, from_at: int) -> float:
    began = datetime.fromtimestamp(from_at, UTC)
    question = {
        "metric": "rtt_median_ms",
        "target": "k-root",
        "scope": "national",
        "country": COUNTRY,
        "label": "rehearsed",
        "from": began.isoformat(),
        "to": (began + timedelta(days=DAYS)).isoformat(),
    }
    started = time.perf_counter()
    answer = client.get("/api/v1/series", params=question)
    spent = time.perf_counter() - started
    answer.raise_for_status()
    rows = answer.json()["rows"]
    assert len(rows) == DAYS * 24, len(rows)
    assert rows[0]["n_probes"] == N_PROBES, rows[0]
    return spent


def _p95(times: Sequence[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]
