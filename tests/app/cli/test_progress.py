"""How far an ingest is: on a terminal for those who wait, and nowhere else."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.databases import MakeDatabase
from tests.ingesting import command, environment, write_lines
from tests.records import draw
from tests.terminal import run_in_terminal

N_RECORDS = 9_000
"""Three batches: how fast it goes is known after the second."""


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of some size."""
    return write_lines(tmp_path_factory.mktemp("recording") / "draw.ndjson", draw(N_RECORDS))


def test_a_terminal_shows_rate_share_and_remaining_time(make_sqlite_database: MakeDatabase, recording: Path) -> None:
    """While standard output has nothing but the answer; the last that is shown is that all is done."""
    told = run_in_terminal(make_sqlite_database(), 120, "ingest", str(recording), "--json", is_for_errors=True)

    shown = re.findall(r"(\d+)% ([\d,]+) results, ([\d,]+)/s (-:--:--|\d+:\d\d:\d\d)", told.terminal)
    assert shown, told.terminal
    assert (shown[-1][0], shown[-1][1], shown[-1][3]) == ("100", f"{N_RECORDS:,}", "0:00:00")
    assert all(int(rate.replace(",", "")) > 0 for _, _, rate, _ in shown)
    assert json.loads(told.other)["read"] == N_RECORDS


def test_a_pipe_shows_no_progress(make_sqlite_database: MakeDatabase, recording: Path) -> None:
    """A log of a nightly ingest has the summary, and no bars."""
    done = subprocess.run(
        command("ingest", recording),
        env=environment(make_sqlite_database()), capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert done.stderr.startswith(f"read {N_RECORDS:,} results from 1 file in ")
    assert "\x1b" not in done.stderr
    assert "/s " not in done.stderr
