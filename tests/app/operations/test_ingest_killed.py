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

from app.store.count_holdings import count_records
from app.store.engine import reading
from tests.canonical_dump import assert_equal, canonical_dump
from tests.databases import MakeDatabase
from tests.ingesting import command, environment, is_sum_right, rasad, write_lines
from tests.records import draw

USUAL_DELAY_S = 0.03
"""How long after a commit the kill comes on average: in the middle of the statements of the next one."""
LATEST_SHARE = 0.7
"""Of the records: the last kill must not come too late."""
TIMEOUT_S = 300


def n_kept(engine: Engine) -> int:
    """How many raw records are committed."""
    with reading(engine) as connection:
        return count_records(connection)


def kill_within(engine: Engine, path: Path, from_records: int, after_s: float) -> int:
    """Start an ingest, and kill it without warning some time after so many records are in; gives how many were then."""
    url = engine.url.render_as_string(hide_password=False)
    process = subprocess.Popen(
        command("ingest", path, "--json"), env=environment(url), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    deadline = time.monotonic() + TIMEOUT_S
    while n_kept(engine) < from_records:
        assert process.poll() is None, "the ingest ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.005)
    time.sleep(after_s)
    others = psutil.Process(process.pid).children(recursive=True)
    assert process.poll() is None, "the ingest ended before it could be killed"
    process.send_signal(signal.SIGKILL)
    process.wait()
    _, left = psutil.wait_procs(others, timeout=10)
    assert left == [], "a killed ingest leaves processes behind"
    return n_kept(engine)


def check_kills(
    make_database: MakeDatabase, open_engine: Callable[[str], Engine], path: Path, n_kills: int, seed: int
) -> None:
    """Kill an ingest again and again, each time further on and at another moment of a batch; then compare.

    The moments are random, but each lies between the first record kept and the last one.
    """
    untouched = make_database()
    whole = rasad(untouched, "ingest", path)
    assert is_sum_right(whole)
    chance = random.Random(seed)  # noqa: S311 - moments, not secrets
    killed = open_engine(make_database())
    reached = []
    for number in range(n_kills):
        share = LATEST_SHARE * (number + chance.random()) / n_kills
        from_records = max(round(share * whole["read"]), n_kept(killed) + 1)
        reached.append(kill_within(killed, path, from_records, chance.expovariate(1 / USUAL_DELAY_S)))

    last = rasad(killed.url.render_as_string(hide_password=False), "ingest", path)

    assert 0 < reached[0] < reached[-1] < whole["read"]
    assert len(set(reached)) == n_kills
    assert is_sum_right(last)
    assert_equal(canonical_dump(open_engine(untouched)), canonical_dump(killed))


@pytest.mark.acceptance("spine.4")
def test_killed_ingest_is_finished_by_running_it_again(
    make_database: MakeDatabase, open_engine: Callable[[str], Engine], tmp_path: Path
) -> None:
    """Three kills of an ingest of 30,000 records; `make drill` does twenty of 100,000."""
    check_kills(make_database, open_engine, write_lines(tmp_path / "draw.ndjson", draw(30_000)), n_kills=3, seed=4)


@pytest.mark.drill
@pytest.mark.acceptance("spine.4")
def test_killed_twenty_times(make_database: MakeDatabase, open_engine: Callable[[str], Engine], tmp_path: Path) -> None:
    """Twenty kills of an ingest of 100,000 records."""
    check_kills(make_database, open_engine, write_lines(tmp_path / "draw.ndjson", draw(100_000)), n_kills=20, seed=20)
