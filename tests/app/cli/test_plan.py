"""The Joint Activity Plan, reviews and terms on the command line."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from app.cli.main import app
from measurements.agreements.plan import NON_BINDING
from tests.databases import MakeDatabase

COMMANDS = (
    "plan open", "plan title", "plan list", "plan show", "plan endorse", "activity add", "activity change",
    "activity list", "activity show", "milestone add", "milestone change", "milestone list", "review add",
    "review list", "review cadence", "terms accept", "terms list",
)  # fmt: skip
ACTIVITY = (
    "activity", "add", "1", "--title", "A cable is cut", "--area", "II.4", "--priority", "Skills", "--kind", "exercise",
    "--lead", "ripe_ncc", "--with", "tojiktelecom", "--scenario", "practice",
)  # fmt: skip
Run = Callable[..., Result]


@pytest.mark.parametrize("name", COMMANDS)
def test_help_has_an_example(name: str) -> None:
    assert "Example" in CliRunner().invoke(app, [*name.split(), "--help"]).output


@pytest.fixture
def run(make_sqlite_database: MakeDatabase, tmp_path: Path) -> Run:
    """Runs a command in this process; what is the same on both databases is tested beneath."""
    settings = {"RASAD_DATABASE_URL": make_sqlite_database(), "RASAD_DATA_DIR": str(tmp_path)}

    def run(*arguments: str, key: str | None = None, exit_code: int = 0) -> Result:
        done = CliRunner().invoke(app, arguments, env={**settings, "RASAD_LOG_LEVEL": "error", "RASAD_KEY": key})
        assert done.exit_code == exit_code, (arguments, done.output, done.exception)
        return done

    return run


def representative(run: Run) -> str:
    """The key of somebody whom the RIPE NCC has designated."""
    person = ("--name", "Zarina", "--contact", "-", "--party", "ripe_ncc", "--role", "representative")
    number = str(json.loads(run("people", "add", *person, "--json").stdout)["id"])
    key: str = run("keys", "issue", number, "--name", "laptop").stdout.strip()
    run("designate", number, "--duty", "coordination", "--act", "letter")
    return key


def test_a_plan_from_its_title_to_what_came_of_it(run: Run) -> None:
    run("plan", "open", "Plan")
    run("plan", "title", "1", "Joint Activity Plan 2027")
    run(*ACTIVITY)
    run("activity", "change", "1", "--title", "Two cables are cut")
    run("milestone", "add", "1", "--title", "Twelve took part", "--due", "2026-04-30")
    late = run("milestone", "change", "1", "--status", "under_way").stderr
    run("milestone", "change", "1", "--status", "done", "--evidence", "https://example.net/report")
    digest = json.loads(run("plan", "show", "1", "--json").stdout)["digest"]
    endorsed = run("plan", "endorse", "1", "--digest", digest, key=representative(run)).stderr
    shown, listed = run("plan", "show", "1").stdout, run("plan", "list").stdout
    activities, milestones = run("activity", "list").stdout, run("milestone", "list").stdout

    assert "not yet done" in late
    assert "endorsed by RIPE NCC" in endorsed
    assert "RIPE NCC endorsed version 5." in shown
    assert all(text in shown for text in ("Two cables are cut", "Twelve took part", "done"))
    for told in (shown, listed, activities, milestones, endorsed):
        assert NON_BINDING in " ".join(told.split())
    assert json.loads(run("activity", "show", "1").stdout)["scenario"] == "practice"
    assert json.loads(run("milestone", "list", "--json").stdout)["is_binding"] is False


def test_what_makes_no_sense_is_told_by_its_place(run: Run) -> None:
    run("plan", "open", "Plan")

    assert "/scenario" in run(*ACTIVITY[:-2], exit_code=2).stderr.replace("--", "/")
    assert "--due" in run("milestone", "add", "1", "--title", "x", "--due", "soon", exit_code=2).stderr
    assert "no plan 7" in run("plan", "show", "7", exit_code=1).stderr


def test_a_review_is_noted_with_what_was_shown(run: Run, tmp_path: Path) -> None:
    shown = tmp_path / "briefing.pdf"
    shown.write_bytes(b"abc")
    run(
        "review", "add", "--on", "2020-03-02", "--party", "ripe_ncc", "--person", "Zarina", "--shown", str(shown),
        "--decision", "Go on", "--follow-up", "ripe_ncc by 2020-04-01: send the figures", "--follow-up", "Note: later",
        "--follow-up", "tojiktelecom: look",
    )  # fmt: skip
    run("review", "cadence", "half_yearly")
    told = json.loads(run("review", "list", "--json").stdout)

    assert told["next_on"] == "2020-09-02"
    (review,) = told["reviews"]
    assert review["material"][0]["sha256"].startswith("ba7816bf")
    assert review["follow_ups"] == [
        {"what": "send the figures", "party": "ripe_ncc", "due_on": "2020-04-01"},
        {"what": "Note: later", "party": None, "due_on": None},
        {"what": "look", "party": "tojiktelecom", "due_on": None},
    ]
    assert "half-yearly; the next one is due by 2020-09-02" in run("review", "list").stdout
    assert "nowhere" in run("review", "add", "--on", "2020-03-02", "--party", "ripe_ncc", "--shown", "nowhere",
                            exit_code=1).stderr  # fmt: skip


def test_terms_are_accepted_by_somebody(run: Run) -> None:
    accept = ("terms", "accept", "ripe_atlas", "--version", "3.3", "--address", "https://example.net/")
    assert "key" in run(*accept, exit_code=1).stderr
    run(*accept, key=representative(run))
    (told,) = json.loads(run("terms", "list", "--json").stdout)["acceptances"]

    assert (told["service"], told["version"], told["name"], told["party"]) == (
        "ripe_atlas",
        "3.3",
        "Zarina",
        "ripe_ncc",
    )
    assert "Zarina" in run("terms", "list").stdout
