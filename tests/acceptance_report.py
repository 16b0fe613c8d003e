"""The acceptance table: which line of which issue is proved by which test, and which figures are met.

`--acceptance show` prints it after any run; `--acceptance require` also fails when a line is missing or failed.
The lines stand in tests/acceptance.toml, the figures in bench.json, as `make bench` left it:
{"figures": {name: {"value": 1.2, "target": 1.0, "direction": ">=", "unit": "ratio", "cause": null, "at": "…",
"commit": "…", "machine": "…"}}}, where `cause` says why a figure falls short.

With workers (`-n`), each of them collects the tests and notes on every one which lines it proves; a report carries
that to the process that was started, which alone draws up the table.
"""

import json
import operator
import tomllib
from collections import defaultdict
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).resolve().parent
COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    ">": operator.gt,
    "<=": operator.le,
    "<": operator.lt,
}
_PLUGIN = "rasad-acceptance"


class Standing(StrEnum):
    """How a line of the acceptance list stands."""

    PASSED = "passed"
    FAILED = "failed"
    MISSING = "missing"
    MET = "met"
    SHORT = "short"

    @property
    def is_accepted(self) -> bool:
        """A figure that falls short is reported, not refused; its cause stands beside it."""
        return self not in (Standing.FAILED, Standing.MISSING)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an acceptance list: what it says, and the figures it asks for besides a test."""

    says: str
    figures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table: `spine.3 passed tests/…::test_… (4)`."""

    line: str
    standing: Standing
    evidence: str

    def __str__(self) -> str:
        return f"{self.line:10} {self.standing:8} {self.evidence}"


@dataclass(slots=True)
class Evidence:
    """What the tests marked with one line did."""

    passed: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    failed: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)


def rows(lines: Mapping[str, Line], evidence: Mapping[str, Evidence], bench: Mapping[str, Any] | None) -> Iterator[Row]:
    """The whole table: for each line its tests, then its figures."""
    for name, line in lines.items():
        yield _test_row(name, evidence.get(name, Evidence()))
        yield from (_figure_row(name, figure, bench) for figure in line.figures)


def _test_row(line: str, found: Evidence) -> Row:
    skipped = f"; {len(found.skipped)} skipped: {found.skipped[0]}" if found.skipped else ""
    if found.failed:
        return Row(line, Standing.FAILED, ", ".join(found.failed))
    if not found.passed:
        return Row(line, Standing.MISSING, f"no test proved it{skipped}")
    tests = ", ".join(f"{name} ({count})" if count > 1 else name for name, count in found.passed.items())
    return Row(line, Standing.PASSED, tests + skipped)


def _figure_row(line: str, name: str, bench: Mapping[str, Any] | None) -> Row:
    if bench is None:
        return Row(line, Standing.MISSING, f"{name} not measured (run make bench)")
    figure = bench["figures"].get(name)
    if figure is None:
        return Row(line, Standing.MISSING, f"{name} was never measured (run make bench)")
    direction, target, unit = figure["direction"], figure["target"], figure.get("unit") or ""
    origin = f"measured {figure.get('at')} at {figure.get('commit')}"
    found = f"{name} {figure['value']:.4g} {unit} (target {direction} {target}), {origin}"
    if COMPARISONS[direction](figure["value"], target):
        return Row(line, Standing.MET, found)
    return Row(line, Standing.SHORT, f"{found}: {figure.get('cause') or 'no cause stated'}")


def read_lines(path: Path = HERE / "acceptance.toml") -> dict[str, Line]:
    """`spine.3` and so on, each with its words and its figures."""
    issues = tomllib.loads(path.read_text(encoding="utf-8"))
    return {
        f"{issue}.{number}": Line(asked["says"], tuple(asked.get("figures", ())))
        for issue, lines in issues.items()
        for number, asked in lines.items()
    }


def read_bench(path: Path = HERE.parent / "bench.json") -> Mapping[str, Any] | None:
    """The last benchmark's figures; None where none was run."""
    bench: Mapping[str, Any] | None = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None
    return bench


class Marks:
    """Notes on every test which lines it proves, in the process that runs it."""

    def __init__(self, lines: Container[str]) -> None:
        self._lines = lines

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """A report takes along what is noted on its test."""
        for item in items:
            item.user_properties += [("acceptance", line) for line in _lines_of(item)]

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """A line that no issue has is a mistake; the test fails with it, since a worker has no other way to say so."""
        for line in _lines_of(item):
            if line not in self._lines:
                pytest.fail(f"it proves {line!r}, which tests/acceptance.toml does not have", pytrace=False)


def _lines_of(item: pytest.Item) -> list[str]:
    return [line for marker in item.iter_markers("acceptance") for line in marker.args]


class AcceptanceReport:
    """Collects what marked tests do, and prints the table where pytest's own summary stands."""

    def __init__(self, lines: Mapping[str, Line], *, is_required: bool) -> None:
        self.is_required = is_required
        self.lines = lines
        self.evidence: dict[str, Evidence] = defaultdict(Evidence)
        self._rows: list[Row] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the outcome of a test under each of its lines."""
        for line in (str(value) for name, value in report.user_properties if name == "acceptance"):
            found = self.evidence[line]
            if report.failed:
                found.failed.append(report.nodeid)
            elif report.skipped:
                reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
                found.skipped.append(reason.removeprefix("Skipped: "))
            elif report.when == "call":
                found.passed[report.nodeid.partition("[")[0]] += 1

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Draw up the table, and fail the run when a required line is missing or failed."""
        self._rows = list(rows(self.lines, self.evidence, read_bench()))
        if self.is_required and not all(row.standing.is_accepted for row in self._rows):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the table."""
        terminalreporter.section("acceptance")
        said = None
        for row in self._rows:
            if row.line != said:
                terminalreporter.line(f"{row.line:10} {self.lines[row.line].says}", bold=True)
                said = row.line
            terminalreporter.line(str(row), green=row.standing.is_accepted, red=not row.standing.is_accepted)


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--acceptance show|require`."""
    parser.addoption("--acceptance", choices=["show", "require"], help="print the acceptance table; require it")


def pytest_configure(config: pytest.Config) -> None:
    """Report only when asked: a run of one file proves little."""
    if wish := config.getoption("--acceptance"):
        lines = read_lines()
        config.pluginmanager.register(Marks(lines), f"{_PLUGIN}-marks")
        if not hasattr(config, "workerinput"):  # xdist's word for a worker
            config.pluginmanager.register(AcceptanceReport(lines, is_required=wish == "require"), _PLUGIN)
