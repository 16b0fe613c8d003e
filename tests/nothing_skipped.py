"""In CI a skipped test fails the run: what it needs (PostgreSQL, the recorded results) is there, or should be."""

import os

import pytest


class NothingSkipped:
    """Collects what was skipped, and refuses it at the end."""

    def __init__(self) -> None:
        self._skipped: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a skip; an expected failure is not one."""
        if report.skipped and not hasattr(report, "wasxfail"):
            self._skipped.append(report.nodeid)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Fail a run that would otherwise have passed."""
        if self._skipped:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say why."""
        if self._skipped:
            terminalreporter.section("skipped, which CI does not allow")
            terminalreporter.line("\n".join(self._skipped), red=True)


def pytest_configure(config: pytest.Config) -> None:
    """Only in CI: a developer may lack the recordings."""
    if os.environ.get("CI"):
        config.pluginmanager.register(NothingSkipped(), "rasad-nothing-skipped")
