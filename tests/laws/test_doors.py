"""Who may import what: one door to each library, and modules that stand alone."""

import ast
import sys
from collections.abc import Iterator

import pytest

from tests.laws.tree import CODE, Import, Module, Offence, calls, imports, module_of, modules, uphold

DOORS = {
    "alembic": ("app.store",),
    "backports.zstd": ("app.compression",),
    "compression": ("app.compression",),
    "apprise": ("app.notifying",),
    "apscheduler": ("app.scheduler",),
    "cronsim": ("measurements.campaigns.schedule",),
    "cryptography": ("app.signing",),
    "dns": (
        "app.rehearsal",
        "app.resolving",
        "measurements.definitions.dns",  # whether a name fits into a message
        "measurements.results.parsing",
    ),
    "fastapi": ("app.api", "app.web", "app.rehearsal", "app.main", "app.dependencies", "app.errors"),
    "httpcore": ("measurements.connections",),
    "httpx": (
        "app.clocks",  # the rehearsal's clock, beside its API
        "measurements.atlas",
        "measurements.connections",
        "measurements.ripestat",
    ),
    "mimeparse": ("app.api",),
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
    "tenacity": ("measurements.atlas", "measurements.ripestat"),
    "typer": ("app.cli",),
    "uvicorn": ("app.cli", "app.main", "app.rehearsal"),
    "websocket": ("measurements.atlas",),
    "yaml": ("measurements.campaigns.document",),
}
"""Each library, and the only places that import it. A second place means that a second thing must change with it."""

MIGRATIONS_OWN = ("alembic", "sqlalchemy")
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
    """Imports that are not at the top of the module, where the version of Python may choose between two."""
    by_version = (node for node in module.syntax.body if isinstance(node, ast.If) and _asks_version(node.test))
    top = {id(node) for node in (*module.syntax.body, *(inner for node in by_version for inner in _both(node)))}
    for node in ast.walk(module.syntax):
        if isinstance(node, ast.Import | ast.ImportFrom) and id(node) not in top:
            yield Offence(module.path, node.lineno, ast.unparse(node))


def _asks_version(test: ast.expr) -> bool:
    return any(isinstance(node, ast.Attribute) and node.attr == "version_info" for node in ast.walk(test))


def _both(choice: ast.If) -> list[ast.stmt]:
    return [*choice.body, *choice.orelse]


def imports_by_name(module: Module) -> Iterator[Offence]:
    """Imports of what is named by a text, which no law can see."""
    return (Offence(module.path, line, name) for name, line in calls(module) if name in ("import_module", "__import__"))


def not_a_migrations(module: Module) -> Iterator[Offence]:
    """Imports in a migration of anything but the two libraries that it is written in."""
    for found in imports(module):
        if found.name.partition(".")[0] not in {*MIGRATIONS_OWN, *sys.stdlib_module_names}:
            yield Offence(module.path, found.line, found.name)


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
        (offence for module in modules("migrations") for offence in not_a_migrations(module)),
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
        {
            "app/cli/__init__.py": "the workers of an ingest import what they were started from, which must be little",
            "app/cli/main.py": "what a command does not need costs memory, and a second at each start",
        },
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


def test_nothing_is_imported_by_a_text() -> None:
    """The doors, and who may import whom, are read from the imports that stand in the code."""
    uphold(
        "Import it by a statement.",
        (offence for module in modules(*CODE, "migrations") for offence in imports_by_name(module)),
    )


def test_an_import_by_a_text_is_seen() -> None:
    """However it is called."""
    text = "import importlib\nimportlib.import_module('a')\n__import__('b')"

    assert [offence.what for offence in imports_by_name(module_of(text))] == ["import_module", "__import__"]


def test_a_hidden_import_is_seen() -> None:
    """In a function, in a condition and in a `try`; the version of Python is no condition of ours."""
    text = "import a\ndef f():\n    import b\nif a:\n    import c\ntry:\n    import d\nexcept ImportError: ...\n"
    text += "if sys.version_info >= (3, 14):\n    import e\nelse:\n    import f\n"

    assert sorted(offence.what for offence in nested_imports(module_of(text))) == ["import b", "import c", "import d"]


def test_a_dependence_of_a_migration_is_seen() -> None:
    """Ours and anybody's count, its own two libraries and Python's do not."""
    text = "import sqlalchemy\nimport json\nfrom app.store import tables\nimport requests\n"

    assert [offence.what for offence in not_a_migrations(module_of(text))] == ["app.store.tables", "requests"]
