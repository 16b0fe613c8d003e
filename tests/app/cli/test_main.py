"""The commands as they are listed, and what is loaded for the one that is run."""

import subprocess
import sys
from typing import Any

import pytest
from typer.main import get_command

from app.cli.main import COMMANDS, app

SAID = "import sys; print('\\n'.join(sys.modules))"
HEAVY = {"fastapi", "ripe.atlas.cousteau", "ripe.atlas.sagan", "sqlalchemy", "uvicorn"}


def loaded_by(code: str) -> set[str]:
    """Which of the heavy libraries, and which of our own packages, a fresh process has loaded after that."""
    done = subprocess.run([sys.executable, "-c", f"{code}\n{SAID}"], capture_output=True, text=True, check=True)
    modules = set(done.stdout.split())
    return {
        name for name in modules if name in HEAVY or name in {"app.api", "app.rehearsal", "measurements.atlas.client"}
    }


def load(name: str) -> str:
    """The code that loads what a command needs."""
    return f"from app.cli.main import PARTS; import typer; PARTS[{name!r}](typer.Typer())"


def test_the_list_says_of_each_command_what_its_own_help_says() -> None:
    """Its first sentence; and the list has all commands, and no other."""
    commands: Any = get_command(app)
    listed = {name: command.help for name, command in commands.commands.items()}

    for part in COMMANDS:
        commands.load(part)
    own = {name: " ".join(command.help.split("\n\n")[0].split()) for name, command in commands.commands.items()}

    assert own == listed == {name: told for told_by in COMMANDS.values() for name, told in told_by.items()}


@pytest.mark.parametrize("part", COMMANDS)
def test_a_part_adds_what_is_listed_of_it(part: Any) -> None:
    """Else a command would be asked for that nobody loads."""
    commands: Any = get_command(app)
    unloaded = dict(commands.commands)

    commands.load(part)

    assert {name for name, command in commands.commands.items() if command is not unloaded[name]} == set(COMMANDS[part])


def test_help_loads_nothing() -> None:
    """Not even the database: whoever only looks waits for nothing."""
    assert loaded_by("from app.cli.main import app") == set()


def test_an_ingest_loads_what_it_takes() -> None:
    """Its memory is promised: no web service, no door to RIPE Atlas, no rehearsal."""
    assert loaded_by(load("ingest")) == {"ripe.atlas.sagan", "sqlalchemy"}


def test_an_agreement_is_looked_at_without_the_door_to_ripe_atlas() -> None:
    """Nor with what reads results."""
    assert loaded_by(load("agreement")) == {"sqlalchemy"}
