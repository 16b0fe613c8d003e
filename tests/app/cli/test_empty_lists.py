"""What lists say where there is nothing: nothing on standard output, and beside it what to do next."""

import pytest
from typer.testing import CliRunner

from app.cli.main import app
from app.cli.up import waiting
from tests.ingesting import environment

LISTS = (
    "agreement list", "audit list", "audit accesses", "designations", "followed", "keys list", "people list",
    "plan list", "activity list", "milestone list", "reminders list", "retention run --dry-run", "retention run",
    "retention show", "review list", "terms list", "target list", "measurements", "results", "quarantine list",
    "sites --country TV",
)  # fmt: skip
NON_BINDING_BESIDE = ("plan list", "activity list", "milestone list", "review list")
"""These say below what they are, whatever is in them."""


@pytest.mark.parametrize("name", LISTS)
def test_an_empty_list_says_so_and_what_to_do(database_url: str, name: str) -> None:
    done = CliRunner().invoke(app, name.split(), env=environment(database_url))

    assert done.exit_code == 0, done.output
    assert done.stderr
    assert done.stdout == "" or name in NON_BINDING_BESIDE
    assert "rasad " in done.stderr or name == "quarantine list", "of that nobody wants more"


@pytest.mark.parametrize(("n_open", "says"), [(0, ""), (1, "1 reminder waits for"), (2, "2 reminders wait for")])
def test_reminders_are_counted_as_one_speaks(n_open: int, says: str) -> None:
    assert says in waiting(n_open)
    assert bool(waiting(n_open)) == bool(says)
