"""What may be committed: a short top level, no address of anybody's machine, and locks that stand for themselves."""

import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import PurePath

import pytest

from tests.laws.tree import CODE, REPOSITORY, Offence, committed_files, imports, modules, uphold

TOP_LEVEL = {
    ".ci": "what a change must pass",
    ".dockerignore": "the Dockerfile's",
    ".gitignore": "what the Makefile makes",
    "Dockerfile": "one image, two commands",
    "LICENSE": "GPL 3",
    "Makefile": "where everything starts",
    "README.md": "where everyone starts",
    "alembic.ini": "`alembic revision` in a checkout",
    "app": "knows the computer",
    "measurements": "knows the Internet and the agreement",
    "migrations": "the schema's history",
    "pyproject.toml": "what is needed, and the rules",
    "requirements-dev.lock": "what the tests need, by hash",
    "requirements.lock": "what the service needs, by hash",
    "tests": "mirrors the code",
}
"""Everything at the top of the checkout. Whoever adds a name here says what it is for."""

ADDRESSES = re.compile(
    r"(?:^|[^A-Za-z0-9_.])/(?:work|farm)/|py[p]i\.org|python[h]osted|registry\.[n]pmjs|deb\.[d]ebian\.org",
    re.IGNORECASE,
)
"""The folders of the machines that Rasad was written on, and the registries they used."""
LARGEST_FILE = 2_000_000
NAMESPACES = {"ripe": 3, "backports": 2}
"""Names that several distributions share, and how many parts of a module's name are a distribution's."""
NEWER_PYTHONS = ("compression",)
"""Modules of the standard library that this version of Python may not have."""
UNIMPORTED = {
    "certifi": "keeps cousteau installable, see pyproject.toml",
    "psycopg": "SQLAlchemy loads it by name",
    "tzdata": "zoneinfo reads it where the system has no time zones",
}
"""Dependencies that no module imports, and why they are there."""


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _declared() -> set[str]:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["project"]
    return {_normal(re.split(r"[\[<>=!~; ]", requirement)[0]) for requirement in project["dependencies"]}


def _imported() -> Iterator[tuple[set[str], Offence]]:
    providers = packages_distributions()
    ours = {*CODE, "migrations", *sys.stdlib_module_names, *NEWER_PYTHONS}
    for module in modules(*CODE, "migrations"):
        for name, line, _ in imports(module):
            top = name.partition(".")[0]
            if top not in ours:
                owners = {_normal(owner) for owner in providers.get(top, [top])}
                if length := NAMESPACES.get(top):
                    owners = {_normal(".".join(name.split(".")[:length]))}
                yield owners, Offence(module.path, line, name)


def _pins(name: str) -> dict[str, list[str]]:
    """Each pinned `name==version; condition` of a lock file, with its hashes."""
    text = (REPOSITORY / name).read_text("utf-8").replace("\\\n", " ")
    entries = (line.split("--hash=") for line in text.splitlines() if line.strip() and not line.startswith("#"))
    return {pin.strip(): [digest.strip() for digest in digests] for pin, *digests in entries}


def test_the_top_level_is_short_and_known() -> None:
    """A newcomer's first look finds nothing that nobody can explain."""
    assert {name.partition("/")[0] for name in committed_files()} <= TOP_LEVEL.keys()


def test_no_address_of_a_machine_or_registry_is_committed() -> None:
    """A checkout works anywhere, with whatever registry its user has."""
    texts = ((name, (REPOSITORY / name).read_bytes().decode("utf-8", "replace")) for name in committed_files())
    uphold(
        "Paths are relative to the checkout; packages are named, their registry is not.",
        (
            Offence(name, number, line.strip()[:100])
            for name, text in texts
            for number, line in enumerate(text.splitlines(), 1)
            if ADDRESSES.search(line)
        ),
    )


def test_no_large_file_is_committed() -> None:
    """A recording that is part of the project is small."""
    assert [name for name in committed_files() if (REPOSITORY / name).stat().st_size > LARGEST_FILE] == []


def test_no_lock_that_records_addresses_is_committed() -> None:
    """Other tools' lock files name the registry they were made with."""
    forbidden = re.compile(r"uv\.lock|poetry\.lock|Pipfile\.lock|pylock.*\.toml")

    assert [name for name in committed_files() if forbidden.fullmatch(PurePath(name).name)] == []


@pytest.mark.parametrize(
    "name", ["requirements.lock", "requirements-dev.lock", "tests/clients/clients.lock", "tests/clients/build.lock"]
)
def test_a_lock_is_versions_and_hashes_only(name: str) -> None:
    """Every package is pinned and hashed; nothing says where to fetch it."""
    pins = _pins(name)

    assert [pin for pin, hashes in pins.items() if "==" not in pin or not hashes] == []
    assert [pin for pin in pins if not re.match(r"[a-z0-9._-]+(\[[a-z0-9,-]+\])?==", pin)] == []
    assert "://" not in (REPOSITORY / name).read_text("utf-8")


def test_the_tests_run_what_the_service_runs() -> None:
    """Both locks pin the same versions of what they share."""
    assert _pins("requirements.lock").items() <= _pins("requirements-dev.lock").items()


def test_every_dependency_is_locked() -> None:
    """`make lock` was run after the last change of pyproject.toml."""
    assert _declared() <= {_normal(re.split(r"[\[=]", pin)[0]) for pin in _pins("requirements.lock")}


@pytest.mark.parametrize("name", ["clients", "build"])
def test_every_foreign_client_is_locked(name: str) -> None:
    """`make lock` was run after the last change of what the rehearsal Atlas is tried with."""
    wanted = (REPOSITORY / f"tests/clients/{name}.in").read_text("utf-8").split()
    locked = {_normal(re.split(r"[\[=]", pin)[0]) for pin in _pins(f"tests/clients/{name}.lock")}

    assert wanted
    assert {_normal(each) for each in wanted} <= locked


def test_what_is_imported_is_declared() -> None:
    """A package that comes along with another one may be gone with its next version."""
    declared = _declared() | {"pydantic", "starlette"}  # what fastapi and pydantic-settings are made of, and document
    uphold(
        "Add the package to `dependencies` in pyproject.toml and run `make lock`.",
        (offence for owners, offence in _imported() if not owners & declared),
    )


def test_what_is_declared_is_imported() -> None:
    """Whatever is installed must be kept safe; what is not used is not installed."""
    imported = {owner for owners, _ in _imported() for owner in owners}

    assert _declared() - imported == UNIMPORTED.keys()


def test_an_address_is_seen() -> None:
    """The law can be broken, in the forms that addresses take."""
    registry, folder = "https://" + "py" + "pi.org/simple", "/" + "work/main"

    assert ADDRESSES.search(f"index-url = {registry}")
    assert ADDRESSES.search(f'open("{folder}/x")')
    assert not ADDRESSES.search("frame/work/load")
