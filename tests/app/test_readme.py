"""What the README says can be typed or asked for, can be; and nothing can be that it does not say."""

import json
import re
import shlex
from collections.abc import Iterator
from typing import Any

import pytest
from typer import Context
from typer.core import TyperGroup
from typer.main import get_command

from app.cli.main import COMMANDS, app
from app.main import create_app
from app.settings import Settings
from measurements.agreements.card import read_card
from tests.laws.tree import REPOSITORY

README = (REPOSITORY / "README.md").read_text("utf-8")
RASAD: Any = get_command(app)
for part in COMMANDS:
    RASAD.load(part)
NUMBER = re.compile(r"{\w+}")
FILLED_IN = {"METRIC": "rtt_median_ms", "NUMBER": "1"}
"""What a reader puts in for a word in capitals, where not everything will do."""


def spans() -> Iterator[str]:
    """Lines of code blocks, and code within the text."""
    blocks = re.compile(r"^```\w*\n(.*?)^```", re.MULTILINE | re.DOTALL)
    for block in blocks.findall(README):
        yield from block.splitlines()
    yield from re.findall(r"`([^`\n]+)`", blocks.sub("", README))


def command_lines() -> list[str]:
    """Every `rasad …`, without `rasad` and what stands before it."""
    found = (re.fullmatch(r"(?:.*[\s/])?rasad ([a-z].*)", span.strip()) for span in spans())
    return sorted({match[1].partition(" #")[0].strip() for match in found if match})


def endpoints() -> set[str]:
    """Every method and path of the service, without its query; what has no method is read."""
    found = (re.fullmatch(r"(?:([A-Z]+) )?(/[^?]*).*", span) for span in spans())
    return {f"{match[1] or 'GET'} {match[2]}" for match in found if match}


def parsed(line: str) -> Any:
    """The command that a line names; its arguments are read as the command line reads them, and it is not run."""
    words = shlex.split(line)
    command: Any = RASAD
    context = Context(command)
    while isinstance(command, TyperGroup) and words:
        _, command, words = command.resolve_command(context, words)
        context = Context(command, parent=context)
    command.parse_args(context, [FILLED_IN.get(word, word) for word in words])
    return command


def commands(command: Any = RASAD) -> Iterator[Any]:
    """All commands, those of groups too."""
    if isinstance(command, TyperGroup):
        for inner in command.commands.values():
            yield from commands(inner)
    else:
        yield command


@pytest.mark.parametrize("line", command_lines())
def test_a_command_of_the_readme_is_one(line: str) -> None:
    """Its name, its options and how many arguments it takes."""
    assert parsed(line) in list(commands())


@pytest.mark.parametrize("line", ["serie loss", "series loss --address_family 4", "series", "quarantine list 7"])
def test_a_command_that_is_none_is_seen(line: str) -> None:
    """A name, an option, too few arguments and too many."""
    with pytest.raises(Exception, match=r"No such|Missing|unexpected"):
        parsed(line)


def test_an_option_of_the_readme_is_one() -> None:
    """Of some command."""
    told = {span.split()[0] for span in spans() if span.startswith("--")}
    known = {option for command in commands() for one in command.params for option in one.opts}

    assert told - {"--help", *known} == set()


def test_every_command_is_in_the_readme() -> None:
    """One that only the code knows is found by nobody."""
    told = [parsed(line) for line in command_lines()]

    assert [command.name for command in commands() if command not in told] == []


def test_every_endpoint_is_in_the_readme_and_no_other() -> None:
    """Of the service: its resources, its health, and the pages for people."""
    service = create_app(Settings(database_url="sqlite:///nowhere.db"))
    of_service = {
        f"{method.upper()} {NUMBER.sub('{id}', path)}"
        for path, operations in service.openapi()["paths"].items()
        for method in operations
    }

    assert endpoints() == of_service | {"GET /", "GET /docs", "GET /measured"}


def test_the_card_of_the_readme_is_one() -> None:
    (card,) = re.findall(r"^```json\n(.*?)^```", README, re.MULTILINE | re.DOTALL)

    assert read_card(json.loads(card)).max_probes == 20
