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


def run_specimen(folder: Path, *arguments: str, is_ci: bool = False) -> subprocess.CompletedProcess[str]:
    """Run the suite's plugins over `folder`, in a pytest of its own."""
    command = [sys.executable, "-m", "pytest", "-p", "tests.acceptance_report", "-p", "tests.nothing_skipped"]
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


def test_a_required_line_without_a_test_fails_the_run(tmp_path: Path) -> None:
    """All tests pass, and yet `make acceptance` does not."""
    (tmp_path / "test_specimen.py").write_text(
        "import pytest\n@pytest.mark.acceptance('spine.8')\ndef test_fuzz():\n    pass\n"
    )

    shown, required = (run_specimen(tmp_path, "--acceptance", wish) for wish in ("show", "require"))

    assert (shown.returncode, required.returncode) == (0, 1)
    assert "spine.8    passed   test_specimen.py::test_fuzz" in required.stdout
    assert "spine.4    missing  no test proved it" in required.stdout
    assert required.stdout.splitlines()[-1].strip("= ").startswith("1 passed in")


def test_a_line_that_no_issue_has_is_refused(tmp_path: Path) -> None:
    """A slip of the pen would otherwise prove nothing, unnoticed."""
    (tmp_path / "test_specimen.py").write_text(
        "import pytest\n@pytest.mark.acceptance('spin.8')\ndef test_fuzz():\n    pass\n"
    )

    done = run_specimen(tmp_path, "--acceptance", "show")

    assert done.returncode == 4
    assert "'spin.8', which tests/acceptance.toml does not have" in done.stderr


def test_ci_refuses_a_skipped_test(tmp_path: Path) -> None:
    """A developer may lack the recordings or a database server; CI may not."""
    (tmp_path / "test_specimen.py").write_text(
        "import pytest\ndef test_with():\n    pytest.skip('no server')\ndef test_without():\n    pass\n"
    )

    at_home, in_ci = run_specimen(tmp_path), run_specimen(tmp_path, is_ci=True)

    assert (at_home.returncode, in_ci.returncode) == (0, 1)
    assert "test_specimen.py::test_with" in in_ci.stdout
