"""Tables for people: in a terminal of any width no value is broken, and what has no room is named."""

import json
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner

from app.cli.main import app
from app.specimens import LABORATORY_PROBES, LABORATORY_RESULTS
from app.store.count_holdings import count_records
from app.store.engine import create_engine_for, reading
from tests.app.cli.test_commands import COMMANDS
from tests.databases import MakeDatabase
from tests.ingesting import command, environment, rasad, write_lines
from tests.records import draw
from tests.terminal import run_in_terminal

ASK = ("series", "rtt_median_ms", "--label", "laboratory", "--bin", "5m")


@pytest.fixture(scope="module")
def laboratory_url(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database with the laboratory's recording. Not to be written to."""
    url = f"sqlite:///{shutil.copyfile(sqlite_template, tmp_path_factory.mktemp('laboratory') / 'laboratory.db')}"
    rasad(url, "ingest", LABORATORY_RESULTS)
    arguments = ("ingest-probes", LABORATORY_PROBES, "--label", "laboratory", "--observed", "2026-11-23")
    rasad(url, *arguments)
    return url


def lines_in_terminal(url: str, columns: int, *arguments: str) -> list[str]:
    """The lines that a command writes to a terminal of so many columns, without colours."""
    return [line.rstrip() for line in run_in_terminal(url, columns, *arguments).terminal.splitlines()]


@pytest.mark.parametrize("columns", [80, 100, 120, 200])
def test_a_terminal_of_any_width_breaks_no_value(laboratory_url: str, columns: int) -> None:
    """Each figure stands whole beside its instant, and no line is wider than the terminal."""
    done = CliRunner().invoke(app, [*ASK, "--format", "json"], env=environment(laboratory_url))
    rows = [row for row in json.loads(done.stdout)["rows"] if row["value"] is not None]

    lines = lines_in_terminal(laboratory_url, columns, *ASK)

    assert max(map(len, lines)) <= columns
    assert "laboratory" in lines[0]
    for row in rows:
        assert any(line.startswith(row["bin_at"]) and f" {row['value']:.3f} " in f"{line} " for line in lines)


def test_what_has_no_room_is_named(laboratory_url: str) -> None:
    """Wide enough, nothing is left out."""
    narrow, wide = (lines_in_terminal(laboratory_url, columns, *ASK) for columns in (80, 200))

    assert any(line.startswith("not shown, for lack of room: ") and "n samples" in line for line in narrow)
    assert not any(line.startswith("not shown") for line in wide)


def test_a_table_of_results_says_what_they_are(laboratory_url: str) -> None:
    """Nobody takes the laboratory for the Internet."""
    done = subprocess.run(
        command("results", "--label", "laboratory", "--limit", "3"),
        env=environment(laboratory_url), capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert done.stdout.startswith("results · laboratory")
    assert "nothing here was measured on the Internet" in done.stderr


@pytest.mark.parametrize("name", COMMANDS)
def test_examples_fit_a_terminal(name: str) -> None:
    """One that is broken over two lines cannot be copied."""
    said = CliRunner().invoke(app, [*name.split(), "--help"], env={"COLUMNS": "80"}).output
    examples = said.partition("Example")[2].partition("╭")[0].splitlines()[1:]

    assert [line for line in examples if line.strip() and not re.match(r"\s*(rasad|RASAD_|zcat)", line)] == []


def test_an_interrupted_ingest_says_how_to_go_on(make_sqlite_database: MakeDatabase, tmp_path: Path) -> None:
    """Ctrl-C: what was read is in, and the same command finishes the rest."""
    url = make_sqlite_database()
    path = write_lines(tmp_path / "draw.ndjson", draw(40_000))
    engine = create_engine_for(url)
    with subprocess.Popen(command("ingest", path), env=environment(url), stderr=subprocess.PIPE, text=True) as process:
        while _n_records(engine) == 0:
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        said = process.stderr.read()
    engine.dispose()

    assert process.returncode == 130
    assert "The same command again finishes it" in said
    assert "Traceback" not in said


def _n_records(engine: Engine) -> int:
    with reading(engine) as connection:
        return count_records(connection)
