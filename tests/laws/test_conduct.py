"""What code may do: time and settings are handed in, owners commit, exceptions to rules have reasons."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator

import pytest

from tests.laws.tree import ALL, CODE, Module, Offence, attributes, calls, imports, module_of, modules, uphold

CLOCKS = {
    *("datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.sleep", "time.time", "time.time_ns"),
    *("time.monotonic", "time.monotonic_ns", "time.perf_counter", "time.perf_counter_ns"),
}
TRANSACTIONS = {"begin", "begin_nested", "commit", "rollback"}
TRANSACTION_WORDS = re.compile(r"\s*(BEGIN|COMMIT|ROLLBACK|END|SAVEPOINT|AUTOCOMMIT)\b")
UNITS_OF_WORK = {"reading", "tending", "transactions", "writing"}
STATEMENTS = {"exec_driver_sql", "execute", "scalars"}
WHERE_CLOCKS_ARE_MADE = ("app.clocks", "app.dependencies", "app.rehearsal")
WHERE_CLOCKS_ARE_CALLED_FOR = ("app.cli", "app.dependencies", "app.main", "app.worker")
WHERE_UNITS_OF_WORK_BEGIN = ("app.api.service", "app.api.telemetry", "app.cli", "app.store", "app.worker")
WHERE_SQL_IS_SPOKEN = ("app.store",)
WHERE_THE_ENVIRONMENT_IS_READ = ("app.settings",)
WHERE_TRANSACTIONS_END = ("app.store.engine",)
EXCUSE = re.compile(r"#\s*(noqa|type:\s*ignore|pragma:|fmt:\s*off|mypy:|ruff:|nosec)(?P<rest>.*)")
REASON = re.compile(r"(?:\s-\s|\s#\s)\s*\S+.*\w")
BROAD = re.compile(r"\b(Base)?Exception\b")
BROAD_SUPPRESSION = re.compile(r"(contextlib\.)?suppress\(.*\b(Base)?Exception\b")
WHY = re.compile(r"#.*\w+ \w+ \w+")
UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|HA" r"CK|XX" r"X)\b")


def own_clock(module: Module) -> Iterator[Offence]:
    """Looks at the clock, which should have been handed in."""
    found = [(name, line) for name, line in attributes(module) if name in CLOCKS]
    found += [(name, line) for name, line, _ in imports(module) if name in CLOCKS]
    return (Offence(module.path, line, name) for name, line in found if not module.is_in(WHERE_CLOCKS_ARE_MADE))


def own_environment(module: Module) -> Iterator[Offence]:
    """Reads the environment, which is read once."""
    names = {"os.environ", "os.environb", "os.getenv", "os.getenvb"}
    found = [(name, line) for name, line in attributes(module) if name in names]
    found += [(name, line) for name, line, _ in imports(module) if name in names]
    return (Offence(module.path, line, name) for name, line in found if not module.is_in(WHERE_THE_ENVIRONMENT_IS_READ))


def own_commit(module: Module) -> Iterator[Offence]:
    """Ends a transaction that somebody else began."""
    for node in ast.walk(module.syntax):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in TRANSACTIONS:
            yield Offence(module.path, node.lineno, f".{node.func.attr}()")
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and TRANSACTION_WORDS.match(node.value):
            yield Offence(module.path, node.lineno, node.value)


def own_clock_made(module: Module) -> Iterator[Offence]:
    """Makes a clock, or asks for one, without being the start of a process."""
    for name, line in calls(module):
        if name == "make_clock" and not module.is_in(WHERE_CLOCKS_ARE_CALLED_FOR):
            yield Offence(module.path, line, name)


def own_unit_of_work(module: Module) -> Iterator[Offence]:
    """Begins a unit of work instead of being handed one."""
    for name, line in calls(module):
        if name in UNITS_OF_WORK and not module.is_in(WHERE_UNITS_OF_WORK_BEGIN):
            yield Offence(module.path, line, name)


def own_sql(module: Module) -> Iterator[Offence]:
    """Sends a statement to the database past the store."""
    for name, line in calls(module):
        if name in STATEMENTS and not module.is_in(WHERE_SQL_IS_SPOKEN):
            yield Offence(module.path, line, name)


def unexplained(module: Module) -> Iterator[Offence]:
    """Switches a rule off without saying why."""
    for token in tokenize.generate_tokens(io.StringIO(module.text).readline):
        excuse = EXCUSE.search(token.string) if token.type == tokenize.COMMENT else None
        if excuse and not REASON.search(excuse["rest"]):
            yield Offence(module.path, token.start[0], excuse[0])


def broad_catch(module: Module) -> Iterator[Offence]:
    """Catches everything, mistakes of ours included."""
    lines = module.text.splitlines()
    for node in ast.walk(module.syntax):
        if isinstance(node, ast.ExceptHandler):
            caught = "everything" if node.type is None else ast.unparse(node.type)
            is_broad = node.type is None or BROAD.search(caught)
            if is_broad and not WHY.search(lines[node.lineno - 1]):
                yield Offence(module.path, node.lineno, f"except {caught}")
        elif isinstance(node, ast.Call) and BROAD_SUPPRESSION.match(ast.unparse(node)):
            yield Offence(module.path, node.lineno, ast.unparse(node))


def unfinished(module: Module) -> Iterator[Offence]:
    """Notes to oneself."""
    for number, line in enumerate(module.text.splitlines(), 1):
        if note := UNFINISHED.search(line):
            yield Offence(module.path, number, note[0])


def test_time_is_handed_in() -> None:
    """A decision that looks at the clock cannot be tested at midnight, nor rehearsed."""
    uphold(
        "Take a Clock, or `now` where a decision is pure; only app/dependencies makes one.",
        (offence for module in modules(*CODE) for offence in own_clock(module)),
    )


def test_the_environment_is_read_once() -> None:
    """What can be set is documented and checked in one place."""
    uphold(
        "Add a setting to app/settings.py and hand its value on; nothing else reads the environment.",
        (offence for module in modules(*CODE) for offence in own_environment(module)),
    )


def test_only_the_owner_of_a_unit_of_work_commits() -> None:
    """Half an ingest must not become visible because something below it committed."""
    uphold(
        "Transactions begin and end in `writing` and `reading` of app/store/engine; take the connection they give.",
        (
            offence
            for module in modules(*CODE)
            if not module.is_in(WHERE_TRANSACTIONS_END)
            for offence in own_commit(module)
        ),
    )


def test_clocks_are_asked_for_where_a_process_starts() -> None:
    """Else there would be two, and only one of them could be rehearsed."""
    uphold(
        "Take a Clock: the commands and app/main ask app/dependencies for it and hand it on.",
        (offence for module in modules(*CODE) for offence in own_clock_made(module)),
    )


def test_units_of_work_are_handed_in() -> None:
    """An operation that begins its own cannot be part of a larger one."""
    uphold(
        "Take a connection, or for a long operation a `Transaction`; whoever calls begins and ends it.",
        (offence for module in modules(*CODE) for offence in own_unit_of_work(module)),
    )


def test_only_the_store_speaks_sql() -> None:
    """Two databases are kept alike in one place."""
    uphold(
        "Put the statement into app/store and call that.",
        (offence for module in modules(*CODE) for offence in own_sql(module)),
    )


def test_every_exception_to_a_rule_has_its_reason() -> None:
    """Whoever reads the line can judge whether the reason still holds."""
    uphold(
        "Say why on the same line: `# noqa: S608 - own names`, `# type: ignore[index]  # columns are in order`.",
        (offence for module in modules(*ALL) for offence in unexplained(module)),
    )


def test_nothing_catches_everything() -> None:
    """Except at a foreign library's door, where the reason stands on the line."""
    uphold(
        "Name the exceptions you expect; a broad one says on its line whose cannot be named.",
        (offence for module in modules(*ALL) for offence in broad_catch(module)),
    )


def test_nothing_is_left_for_later() -> None:
    """What is worth doing is an issue or is done."""
    uphold(
        "Do it now, or open an issue; a note in the code is read by nobody.",
        (offence for module in modules(*ALL) for offence in unfinished(module)),
    )


@pytest.mark.parametrize(
    ("law", "text", "expected"),
    [
        (own_clock, "from datetime import datetime, UTC\ndatetime.now(UTC)", ["datetime.now"]),
        (own_clock, "import datetime\ndatetime.datetime.now()", ["datetime.now"]),
        (own_clock, "from time import sleep", ["time.sleep"]),
        (own_clock, "def f(clock): return clock.now()", []),
        (own_clock, "from datetime import datetime as dt\ndt.now()", ["datetime.now"]),
        (own_clock, "import time as t\nt.time()", ["time.time"]),
        (own_clock_made, "from app.dependencies import make_clock as m\nm()", ["make_clock"]),
        (own_environment, "import os as o\no.environ", ["os.environ"]),
        (own_environment, "import os\nos.environ['X']", ["os.environ"]),
        (own_environment, "from os import getenv", ["os.getenv"]),
        (own_commit, "def f(connection): connection.commit()", [".commit()"]),
        (own_commit, "def f(session):\n    with session.begin(): ...", [".begin()"]),
        (own_commit, "def f(c): c.exec_driver_sql('COMMIT')", ["COMMIT"]),
        (own_commit, "def f(e): e.execution_options(isolation_level='AUTOCOMMIT')", ["AUTOCOMMIT"]),
        (own_commit, "NOTE = 'Begin here'", []),
        (own_unit_of_work, "def f(e):\n    with writing(e) as c: ...", ["writing"]),
        (own_unit_of_work, "def f(transaction):\n    with transaction() as c: ...", []),
        (own_sql, "def f(c): c.execute('SELECT 1')", ["execute"]),
        (unexplained, "x = 1  # noqa: S608", ["# noqa: S608"]),
        (unexplained, "x = 1  # noqa: S608 - own names", []),
        (unexplained, "x = y  # type: ignore[index]", ["# type: ignore[index]"]),
        (unexplained, "x = y  # type: ignore[index]  # in order", []),
        (broad_catch, "try: ...\nexcept Exception: ...", ["except Exception"]),
        (broad_catch, "try: ...\nexcept: ...", ["except everything"]),
        (broad_catch, "try: ...\nexcept (Exception, ValueError): ...", ["except (Exception, ValueError)"]),
        (broad_catch, "with contextlib.suppress(Exception): ...", ["contextlib.suppress(Exception)"]),
        (broad_catch, "try: ...\nexcept Exception:  # noqa: BLE001\n    ...", ["except Exception"]),
        (broad_catch, "try: ...\nexcept Exception:  # Sagan raises anything at all\n    ...", []),
        (broad_catch, "try: ...\nexcept ValueError: ...", []),
        (unfinished, "x = 1  # TO" + "DO: more", ["TO" + "DO"]),
    ],
)
def test_each_law_can_be_broken(law: object, text: str, expected: list[str]) -> None:
    """A law that finds nothing in its own specimen protects nothing."""
    assert callable(law)
    assert [offence.what for offence in law(module_of(text))] == expected
