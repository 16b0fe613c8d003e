"""An ingest that is killed, and run again to its end, leaves what an uninterrupted one leaves."""

import random
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from sqlalchemy import Engine

from tests.canonical_dump import assert_equal, canonical_dump
from tests.databases import MakeDatabase
from tests.ingesting import command, environment, is_sum_right, rasad, write_lines
from tests.records import draw


def kill_at(url: str, path: Path, after_s: float) -> None:
    """Start an ingest and kill its first process at some moment, without warning."""
    process = subprocess.Popen(
        command("ingest", path, "--json"), env=environment(url), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        process.wait(timeout=after_s)
    except subprocess.TimeoutExpired:
        others = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGKILL)
        process.wait()
        _, left = psutil.wait_procs(others, timeout=10)
        assert left == [], "a killed ingest leaves processes behind"


def check_kills(
    make_database: MakeDatabase, open_engine: Callable[[str], Engine], path: Path, n_kills: int, seed: int
) -> None:
    """Kill an ingest at moments spread over its whole length, then compare with one left alone."""
    untouched = make_database()
    started = time.monotonic()
    assert is_sum_right(rasad(untouched, "ingest", path))
    length_s = time.monotonic() - started
    chance = random.Random(seed)  # noqa: S311 - moments, not secrets
    killed = make_database()
    for _ in range(n_kills):
        kill_at(killed, path, chance.uniform(0.1, 1.0) * length_s)

    last = rasad(killed, "ingest", path)

    assert is_sum_right(last)
    assert_equal(canonical_dump(open_engine(untouched)), canonical_dump(open_engine(killed)))


@pytest.mark.acceptance("spine.4")
def test_killed_ingest_is_finished_by_running_it_again(
    make_database: MakeDatabase, open_engine: Callable[[str], Engine], tmp_path: Path
) -> None:
    """Four kills of an ingest of 8,000 records."""
    check_kills(make_database, open_engine, write_lines(tmp_path / "draw.ndjson", draw(8_000)), n_kills=4, seed=4)


@pytest.mark.drill
def test_killed_twenty_times(make_database: MakeDatabase, open_engine: Callable[[str], Engine], tmp_path: Path) -> None:
    """Twenty kills of an ingest of 100,000 records."""
    check_kills(make_database, open_engine, write_lines(tmp_path / "draw.ndjson", draw(100_000)), n_kills=20, seed=20)
