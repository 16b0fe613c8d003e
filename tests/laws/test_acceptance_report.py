"""The acceptance table tells what was proved, what failed, what was not tried, and which figures fall short."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.acceptance_report import Evidence, Line, Standing, read_lines, rows
from tests.bench.figures import ASKED
from tests.laws.tree import REPOSITORY

ORIGIN = {"at": "2026-11-24T00:00:00Z", "commit": "1234567", "machine": "2 cores"}
BENCH = {
    "figures": {
        "speed": {"value": 1.5, "target": 1.0, "direction": ">=", "unit": "ratio", "cause": None, **ORIGIN},
        "memory": {"value": 512, "target": 300, "direction": "<", "unit": "MB", "cause": "all is read", **ORIGIN},
    },
}


WORKERS = pytest.mark.parametrize("workers", ["0", "2"])
"""The tests in one process, and shared between two that report to a third."""


def run_specimen(folder: Path, *arguments: str, is_ci: bool = False) -> subprocess.CompletedProcess[str]:
    """Run the suite's plugins over `folder`, in a pytest of its own."""
    plugins = ("xdist", "tests.acceptance_report", "tests.nothing_skipped")
    command = [sys.executable, "-m", "pytest", *(f"-p{plugin}" for plugin in plugins)]
    environment = {
        "PYTHONPATH": str(REPOSITORY),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        **({"CI": "true"} if is_ci else {}),
    }
    options = ["-o", "markers=acceptance(line)", "-p", "no:cacheprovider", "--rootdir", str(folder), str(folder)]
    return subprocess.run(
        [*command, *options, *arguments], check=False, capture_output=True, text=True, cwd=folder, env=environment
    )


def test_a_line_is_passed_by_its_tests() -> None:
    """The tests that prove a line stand beside it, a parametrised one once."""
    (row,) = rows({"spine.4": Line("kill -9")}, {"spine.4": Evidence(passed={"tests/a.py::test_kill": 20})}, None)

    assert (row.standing, row.evidence) == (Standing.PASSED, "tests/a.py::test_kill (20)")


def test_one_failure_fails_the_line() -> None:
    """Whatever else passed."""
    evidence = Evidence(passed={"tests/a.py::test_one": 1}, failed=["tests/a.py::test_two"])

    (row,) = rows({"spine.4": Line("kill -9")}, {"spine.4": evidence}, None)

    assert (row.standing, row.evidence) == (Standing.FAILED, "tests/a.py::test_two")


def test_what_was_only_skipped_is_missing() -> None:
    """And the table says why it was skipped."""
    (row,) = rows({"spine.2": Line("all recordings")}, {"spine.2": Evidence(skipped=["no recordings here"])}, None)

    assert (row.standing, row.evidence) == (Standing.MISSING, "no test proved it; 1 skipped: no recordings here")
    assert not row.standing.is_accepted


def test_figures_are_met_or_short_with_their_cause() -> None:
    """A figure that falls short is reported as it is, and accepted; hiding it would not be."""
    _, met, short = rows({"spine.7": Line("as fast as asked", ("speed", "memory"))}, {}, BENCH)

    assert (met.standing, met.evidence) == (
        Standing.MET,
        "speed 1.5 ratio (target >= 1.0), measured 2026-11-24T00:00:00Z at 1234567",
    )
    assert (short.standing, short.evidence) == (
        Standing.SHORT,
        "memory 512 MB (target < 300), measured 2026-11-24T00:00:00Z at 1234567: all is read",
    )
    assert short.standing.is_accepted


@pytest.mark.parametrize(("bench", "words"), [(None, "not measured (run make bench)"), (BENCH, "was never measured")])
def test_a_figure_that_nobody_measured_is_missing(bench: dict[str, object] | None, words: str) -> None:
    """No benchmark, or one of an earlier version without it."""
    _, row = rows({"spine.7": Line("as fast as asked", ("latency",))}, {}, bench)

    assert row.standing is Standing.MISSING
    assert words in row.evidence


def test_the_lines_are_those_of_the_issue() -> None:
    """Eight lines; two ask for figures, all of which `make bench` measures."""
    lines = read_lines()

    assert [name for name in lines if name.startswith("spine.")] == [f"spine.{number}" for number in range(1, 9)]
    assert [name for name, line in lines.items() if line.figures] == ["spine.1", "spine.7"]
    assert {figure for line in lines.values() for figure in line.figures} == ASKED.keys()


def test_a_line_with_figures_needs_a_test_too() -> None:
    """A benchmark that nobody runs in the suite may have stopped working."""
    test, figure = rows({"spine.7": Line("as fast as asked", ("speed",))}, {}, BENCH)

    assert (test.standing, figure.standing) == (Standing.MISSING, Standing.MET)


@WORKERS
def test_a_required_line_without_a_test_fails_the_run(tmp_path: Path, workers: str) -> None:
    """All tests pass, and yet `make acceptance` does not; what workers ran stands once in one table."""
    (tmp_path / "test_specimen.py").write_text(
        "import pytest\n@pytest.mark.acceptance('spine.8')\n"
        "@pytest.mark.parametrize('number', range(4))\ndef test_fuzz(number):\n    pass\n"
    )

    shown, required = (run_specimen(tmp_path, "-n", workers, "--acceptance", wish) for wish in ("show", "require"))

    assert (shown.returncode, required.returncode) == (0, 1)
    assert required.stdout.count("spine.8    passed   test_specimen.py::test_fuzz (4)\n") == 1
    assert required.stdout.count("spine.4    missing  no test proved it\n") == 1
    assert required.stdout.splitlines()[-1].strip("= ").startswith("4 passed in")


@WORKERS
def test_a_failure_and_a_skip_reach_the_table(tmp_path: Path, workers: str) -> None:
    """With the test's name, or with the reason."""
    (tmp_path / "test_specimen.py").write_text(
        "import pytest\n@pytest.mark.acceptance('spine.4')\ndef test_kill():\n    assert False\n"
        "@pytest.mark.acceptance('spine.2')\ndef test_all():\n    pytest.skip('no recordings')\n"
    )

    done = run_specimen(tmp_path, "-n", workers, "--acceptance", "show")

    assert done.returncode == 1
    assert "spine.4    failed   test_specimen.py::test_kill\n" in done.stdout
    assert "spine.2    missing  no test proved it; 1 skipped: no recordings\n" in done.stdout


@WORKERS
def test_a_line_that_no_issue_has_is_refused(tmp_path: Path, workers: str) -> None:
    """A slip of the pen would otherwise prove nothing, unnoticed."""
    (tmp_path / "test_specimen.py").write_text(
        "import pytest\n@pytest.mark.acceptance('spin.8')\ndef test_fuzz():\n    pass\n"
    )

    done = run_specimen(tmp_path, "-n", workers, "--acceptance", "show")

    assert done.returncode == 1
    assert "it proves 'spin.8', which tests/acceptance.toml does not have" in done.stdout
    assert done.stdout.splitlines()[-1].strip("= ").startswith("1 error in")


@WORKERS
def test_ci_refuses_a_skipped_test(tmp_path: Path, workers: str) -> None:
    """A developer may lack the recordings or a database server; CI may not."""
    (tmp_path / "test_specimen.py").write_text(
        "import pytest\ndef test_with():\n    pytest.skip('no server')\ndef test_without():\n    pass\n"
    )

    at_home, in_ci = (run_specimen(tmp_path, "-n", workers, is_ci=is_ci) for is_ci in (False, True))

    assert (at_home.returncode, in_ci.returncode) == (0, 1)
    refused = in_ci.stdout.partition("skipped, which CI does not allow")[2]
    assert refused.count("test_specimen.py::test_with\n") == 1
