"""Who may import what: one door to each library, and modules that stand alone."""

import ast
from collections.abc import Iterator

import pytest

from tests.laws.tree import CODE, Import, Module, Offence, imports, module_of, modules, uphold

DOORS = {
    "alembic": ("app.store",),
    "apscheduler": ("app.scheduler",),
    "dns": ("measurements.results.parsing",),
    "fastapi": ("app.api", "app.web", "app.rehearsal", "app.main", "app.dependencies", "app.errors"),
    "prometheus_client": ("app.api",),
    "psycopg": ("app.store",),
    "pytz": ("measurements.results.parsing",),
    "pydantic_settings": ("app.settings",),
    "rich": ("app.cli",),
    "ripe.atlas.cousteau": ("measurements.atlas",),
    "ripe.atlas.sagan": ("measurements.results.parsing",),
    "sqlalchemy": ("app.store",),
    "sqlite3": ("app.store",),
    "starlette": ("app.api", "app.web", "app.rehearsal", "app.main", "app.dependencies", "app.errors"),
    "typer": ("app.cli",),
    "uvicorn": ("app.cli", "app.main", "app.rehearsal"),
}
"""Each library, and the only places that import it. A second place means that a second thing must change with it."""

SESSION_TYPES = {"sqlalchemy.Connection", "sqlalchemy.Engine"}
"""Elsewhere an operation may say in its signature that it is handed one of these, and pass it on."""


def _is_below(name: str, library: str) -> bool:
    return f"{name}.".startswith(f"{library}.")


def _worked_with(module: Module) -> set[str]:
    """Names that are called or looked into, and not only mentioned as a type."""
    parts = (
        node.func if isinstance(node, ast.Call) else node.value
        for node in ast.walk(module.syntax)
        if isinstance(node, ast.Call | ast.Attribute)
    )
    return {part.id for part in parts if isinstance(part, ast.Name)}


def _is_session_type(module: Module, found: Import) -> bool:
    return found.name in SESSION_TYPES and found.local not in _worked_with(module)


def through_the_wall(module: Module) -> Iterator[Offence]:
    """Imports of a library somewhere else than at its door."""
    for found in imports(module):
        for library, doors in DOORS.items():
            if _is_below(found.name, library) and not module.is_in(doors) and not _is_session_type(module, found):
                yield Offence(module.path, found.line, f"{found.name} is imported in {', '.join(doors)} only")


def not_alone(module: Module) -> Iterator[Offence]:
    """Imports of ours in a module that must stand alone."""
    for found in imports(module):
        if found.name.partition(".")[0] in CODE and not _is_below(found.name, "app.rehearsal"):
            yield Offence(module.path, found.line, found.name)


def nested_imports(module: Module) -> Iterator[Offence]:
    """Imports that are not at the top of the module."""
    top = {id(node) for node in module.syntax.body}
    for node in ast.walk(module.syntax):
        if isinstance(node, ast.Import | ast.ImportFrom) and id(node) not in top:
            yield Offence(module.path, node.lineno, ast.unparse(node))


def test_each_library_has_one_door() -> None:
    """What Sagan, SQLAlchemy or FastAPI get wrong is put right in one place, and can be replaced in one place."""
    uphold(
        "One door each: call what stands behind the door instead of importing the library a second time.",
        (offence for module in modules(*CODE) for offence in through_the_wall(module)),
    )


def test_a_migration_stands_alone() -> None:
    """It describes one step of the past; code that goes on changing must not be able to change it."""
    uphold(
        "A migration imports Alembic and SQLAlchemy only: write out what it needs.",
        (offence for module in modules("migrations") for offence in not_alone(module)),
    )


def test_the_rehearsal_stands_alone() -> None:
    """It is the oracle that our client is tested against, so it may not share our mistakes."""
    uphold(
        "app/rehearsal imports nothing of ours: it speaks the platform's own words.",
        (offence for module in modules("app/rehearsal") for offence in not_alone(module)),
    )


def test_imports_stand_at_the_top() -> None:
    """An import inside a function hides a cycle, or a dependency that the reader should know of."""
    uphold(
        "No import inside a function: break the cycle, or move the shared part down a layer.",
        (offence for module in modules(*CODE, "migrations") for offence in nested_imports(module)),
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("from ripe.atlas.sagan import Result", ["ripe.atlas.sagan.Result"]),
        ("import ripe.atlas.cousteau as atlas", ["ripe.atlas.cousteau"]),
        ("from sqlalchemy import select", ["sqlalchemy.select"]),
        ("from sqlalchemy import Engine\nEngine()", ["sqlalchemy.Engine"]),
        ("from sqlalchemy import Engine\nEngine.dispose", ["sqlalchemy.Engine"]),
        ("from sqlalchemy import Engine\nWrite = Callable[[Engine], None]", []),
        ("from sqlalchemy import Engine\ndef f(engine: Engine) -> list[Engine]: ...", []),
        ("import fastapi.responses", ["fastapi.responses"]),
        ("import richer", []),
    ],
)
def test_a_second_door_is_seen(text: str, expected: list[str]) -> None:
    """The law can be broken, and a session type in a signature does not break it."""
    assert [offence.what.partition(" ")[0] for offence in through_the_wall(module_of(text))] == expected


def test_a_hidden_import_is_seen() -> None:
    """In a function, in a condition and in a `try`."""
    text = "import a\ndef f():\n    import b\nif a:\n    import c\ntry:\n    import d\nexcept ImportError: ...\n"

    assert sorted(offence.what for offence in nested_imports(module_of(text))) == ["import b", "import c", "import d"]


def test_a_dependence_of_a_migration_is_seen() -> None:
    """Ours counts, the libraries do not."""
    text = "import sqlalchemy\nfrom app.store import tables\nfrom measurements import errors\n"

    assert [offence.what for offence in not_alone(module_of(text))] == ["app.store.tables", "measurements.errors"]
