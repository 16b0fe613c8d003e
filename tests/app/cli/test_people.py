"""People, keys and designations on the command line: by the machine's right, or by that of a person's key."""

import json
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from app.cli.main import app
from tests.databases import MakeDatabase

ADMINISTRATOR = ("admin", "create", "--name", "Firuz", "--contact", "firuz@example.net")
COMMANDS = (
    "admin create", "people list", "people add", "keys issue", "keys list", "keys revoke", "designate", "designations",
    "end-designation",
)  # fmt: skip


@pytest.fixture
def url(make_sqlite_database: MakeDatabase) -> str:
    """What is the same on both databases is tested beneath."""
    return make_sqlite_database()


def run(url: str, *arguments: str, key: str | None = None, exit_code: int = 0) -> Result:
    """Run a command in this process."""
    environment = {"RASAD_DATABASE_URL": url, "RASAD_KEY": key, "RASAD_LOG_LEVEL": "error"}
    done = CliRunner().invoke(app, arguments, env=environment)
    assert done.exit_code == exit_code, done.output
    return done


def answer(url: str, *arguments: str, key: str | None = None) -> Any:
    """What it prints as JSON."""
    return json.loads(run(url, *arguments, "--json", key=key).stdout)


@pytest.mark.parametrize("name", COMMANDS)
def test_help_has_an_example(name: str) -> None:
    assert "Example" in CliRunner().invoke(app, [*name.split(), "--help"]).output


def test_the_first_administrator_is_created_once(url: str) -> None:
    """Another one only if that is said, or asked for with an administrator's key."""
    first = run(url, *ADMINISTRATOR)
    key = first.stdout.strip()
    refused = run(url, *ADMINISTRATOR, exit_code=1)
    run(url, *ADMINISTRATOR, key=key)
    run(url, *ADMINISTRATOR, "--another")

    assert key.startswith("rsd_1_")
    assert key not in first.stderr
    assert "--another" in refused.stderr
    assert [one["role"] for one in answer(url, "people", "list")["people"]] == ["administrator"] * 3


def test_nobody_elses_key_makes_an_administrator(url: str) -> None:
    run(url, *ADMINISTRATOR)
    person = answer(url, "people", "add", "--name", "R", "--contact", "r", "--role", "reader")
    key = answer(url, "keys", "issue", str(person["id"]), "--name", "k")["key"]

    assert "The role does not allow it" in run(url, *ADMINISTRATOR, key=key, exit_code=1).stderr
    assert "not known" in run(url, *ADMINISTRATOR, key=key[:-1], exit_code=1).stderr


def test_a_party_is_set_up_and_then_speaks_for_itself(url: str) -> None:
    """The machine notes its first representative, who goes on with a key."""
    add = ("people", "add", "--name", "Z", "--contact", "z", "--party", "tojiktelecom", "--role", "representative")
    run(url, *ADMINISTRATOR)
    first, second = answer(url, *add)["id"], answer(url, *add)["id"]
    key = run(url, "keys", "issue", str(first), "--name", "laptop", "--days", "30").stdout.strip()
    designate = ("--duty", "coordination", "--duty", "deputy", "--act", "Letter 1")
    noted = answer(url, "designate", str(first), *designate)
    refused = run(url, "designate", str(second), *designate, exit_code=1)
    by_party = answer(url, "designate", str(second), *designate, "--from", "2040-01-01", key=key)

    assert (noted["party"], noted["duties"]) == ("tojiktelecom", ["coordination", "deputy"])
    assert "Somebody represents the party now" in refused.stderr
    assert by_party["from_at"] == "2040-01-01T00:00:00Z"
    assert [one["is_holding"] for one in answer(url, "designations")["designations"]] == [True, False]
    assert [one["id"] for one in answer(url, "people", "list", key=key)["people"]] == [first, second]
    assert answer(url, "end-designation", "1", key=key)["is_holding"] is False
    assert "No designation" in run(url, *add, key=key, exit_code=1).stderr


def test_a_key_is_listed_and_revoked(url: str) -> None:
    """Without the key; and it opens nothing any longer, here neither."""
    key = run(url, *ADMINISTRATOR).stdout.strip()
    (listed,) = answer(url, "keys", "list", key=key)["keys"]
    table = run(url, "keys", "list").stdout
    run(url, "keys", "revoke", "1")

    assert key.startswith(listed["prefix"])
    assert key not in table
    assert "was revoked at" in run(url, "keys", "list", key=key, exit_code=1).stderr
    assert run(url, "keys", "revoke", "7", exit_code=1).stderr == "error: there is no key 7\n"


def test_what_is_wrong_is_told_by_its_option(url: str) -> None:
    wrong = ("people", "add", "--name", "a\x1bb", "--contact", " ", "--role", "reader")
    alone = ("people", "add", "--name", "a", "--contact", "b", "--role", "representative")

    assert "--name: holds control characters; --contact: says nothing" in run(url, *wrong, exit_code=2).stderr
    assert "--party: a representative belongs to a party" in run(url, *alone, exit_code=2).stderr
