"""The tree as the laws see it: modules read once, and what can be asked of their syntax."""

import ast
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

REPOSITORY = Path(__file__).resolve().parents[2]
CODE = ("app", "measurements")
ALL = (*CODE, "migrations", "tests")

Function = ast.FunctionDef | ast.AsyncFunctionDef


class Module(NamedTuple):
    """A source file: its path from the top of the checkout, its text, and its syntax."""

    path: str
    text: str
    syntax: ast.Module

    @property
    def name(self) -> str:
        """The dotted name: `app.store.engine`."""
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    def is_in(self, places: Iterable[str]) -> bool:
        """Whether the module is one of these dotted names, or below one."""
        return any(f"{self.name}.".startswith(f"{place}.") for place in places)


class Import(NamedTuple):
    """One imported thing: `sqlalchemy.Engine` for `from sqlalchemy import Engine`."""

    name: str
    line: int
    local: str


class Offence(NamedTuple):
    """What breaks a law, and where."""

    path: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"  {self.path}:{self.line}: {self.what}"


def module_of(text: str, path: str = "app/specimen.py") -> Module:
    """A module that is not on disk, to see that a law can be broken."""
    return Module(path, text, ast.parse(text))


@cache
def modules(*folders: str) -> tuple[Module, ...]:
    """Every module below the folders."""
    paths = (path for folder in folders for path in sorted((REPOSITORY / folder).rglob("*.py")))
    return tuple(module_of(path.read_text("utf-8"), path.relative_to(REPOSITORY).as_posix()) for path in paths)


@cache
def committed_files() -> tuple[str, ...]:
    """Every file under version control, and those about to be."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True, text=True).stdout
    return tuple(sorted(name for name in listed.split("\0") if name and (REPOSITORY / name).is_file()))


def imports(module: Module) -> Iterator[Import]:
    """Everything that a module imports, wherever in it."""
    for node in ast.walk(module.syntax):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(alias.name, node.lineno, alias.asname or alias.name.partition(".")[0])
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                yield Import(f"{node.module}.{alias.name}", node.lineno, alias.asname or alias.name)


def functions(module: Module) -> Iterator[Function]:
    """Every function and method, nested ones included."""
    return (node for node in ast.walk(module.syntax) if isinstance(node, Function))


def attributes(module: Module) -> Iterator[tuple[str, int]]:
    """Every dotted access such as `datetime.now`, with its line; only its last two names, however long it is.

    What was imported under another name is called by its own.
    """
    names = {found.local: found.name.rpartition(".")[2] for found in imports(module)}
    for node in ast.walk(module.syntax):
        if isinstance(node, ast.Attribute):
            owner = node.value
            before = owner.id if isinstance(owner, ast.Name) else owner.attr if isinstance(owner, ast.Attribute) else ""
            yield f"{names.get(before, before)}.{node.attr}", node.lineno


def calls(module: Module) -> Iterator[tuple[str, int]]:
    """The last name of all that is called, with its line; its own one where it was imported under another."""
    names = {found.local: found.name.rpartition(".")[2] for found in imports(module)}
    for node in ast.walk(module.syntax):
        if isinstance(node, ast.Call):
            called = node.func
            if isinstance(called, ast.Name):
                yield names.get(called.id, called.id), node.lineno
            elif isinstance(called, ast.Attribute):
                yield called.attr, node.lineno


def uphold(law: str, offences: Iterable[Offence], exceptions: Mapping[str, str] | None = None) -> None:
    """Fail with the law's words and every offence against it.

    `exceptions` maps the path of a module to the reason why the law does not hold there; one that is no longer
    needed fails as well.
    """
    allowed = exceptions or {}
    found = list(offences)
    unneeded = sorted(allowed.keys() - {offence.path for offence in found})
    broken = [offence for offence in found if offence.path not in allowed]
    assert not broken, "\n".join([law, *map(str, broken)])
    assert not unneeded, f"These exceptions are no longer needed, remove them: {unneeded}"
