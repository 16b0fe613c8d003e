"""What is held under an agreement on the command line: whoever has the machine sees it, others as by their key."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner

from app.cli.main import app
from tests.databases import MakeDatabase
from tests.holding import Holding, hold

READINGS = (
    ("results", "--label", "rehearsed", "--format", "ndjson"),
    ("series", "rtt_median_ms", "--label", "rehearsed", "--scope", "probe", "--format", "csv"),
    ("quarantine", "list", "--label", "rehearsed", "--format", "ndjson"),
)
N_HELD = {"results": 18, "series": 6, "quarantine": 1}


@pytest.fixture
def url(make_sqlite_database: MakeDatabase) -> str:
    """What is the same on both databases is tested beneath."""
    return make_sqlite_database()


@pytest.fixture
def holding(url: str, open_engine: Callable[[str], Engine], tmp_path: Path) -> Holding:
    """Results of an agreement, and public ones."""
    return hold(open_engine(url), tmp_path)


def run(url: str, *arguments: str, key: str | None = None) -> tuple[str, str]:
    """What a command prints: the answer, and what it tells people."""
    environment = {"RASAD_DATABASE_URL": url, "RASAD_KEY": key, "RASAD_LOG_LEVEL": "error"}
    done = CliRunner().invoke(app, arguments, env=environment)
    assert done.exit_code == 0, done.output
    return done.stdout, done.stderr


def accesses(url: str) -> list[dict[str, Any]]:
    """What was noted, the last first."""
    return [json.loads(line) for line in run(url, "audit", "accesses", "--format", "ndjson")[0].splitlines()]


def test_whoever_has_the_machine_sees_everything_and_is_noted(url: str, holding: Holding) -> None:
    """By the service's name, since nobody knows who it is."""
    for reading in READINGS:
        answer, told = run(url, *reading)
        assert answer.count("agreed_collection") == N_HELD[reading[0]]
        assert "left out" not in told
    assert [(one["what"], one["n_rows"], one["person_id"]) for one in reversed(accesses(url))] == [
        (what, n, None) for what, n in N_HELD.items()
    ]
    assert holding.atlas_id in [json.loads(line)["atlas_id"] for line in run(url, *READINGS[0])[0].splitlines()]


def test_a_persons_key_shows_what_that_person_may_see(url: str, holding: Holding) -> None:
    """A reader what is public alone, and it is told why; an auditor everything."""
    for reading in READINGS:
        answer, told = run(url, *reading, key=holding.keys["reader"])
        assert "agreed_collection" not in answer
        assert f"left out: agreement {holding.agreement_id}" in told
        assert "agreed_collection" in run(url, *reading, key=holding.keys["auditor"])[0]
    assert [one["n_rows"] for one in accesses(url)] == [1, 6, 18]
    assert None not in {one["person_id"] for one in accesses(url)}


def test_one_record_of_an_agreement_is_noted_as_well(url: str, holding: Holding) -> None:
    """By its number."""
    listed = [json.loads(line) for line in run(url, *READINGS[2])[0].splitlines()]
    number = next(one["id"] for one in listed if one["agreement_id"] == holding.agreement_id)
    run(url, "quarantine", "show", str(number))

    assert accesses(url)[0]["what"] == f"quarantine/{number}"
