"""What every test stands on: no network, no settings of the person running it, and two databases."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

TEST_CLIENTS_HOST = "testserver"
"""Starlette's client for tests asks under this name."""

pytest_plugins = [
    "tests.network",
    "tests.databases",
    "tests.logging_restored",
    "tests.acceptance_report",
    "tests.nothing_skipped",
]

REPOSITORY = Path(__file__).resolve().parents[1]
settings.register_profile("unhurried", settings(), deadline=None)
settings.load_profile("unhurried")  # several tests run at once: how long an example takes says nothing of the code
SHARED_DATA = REPOSITORY.parent / "shared" / "data"


def pytest_configure() -> None:
    """Forget the settings of whoever runs the tests, before anything reads them."""
    for name in [name for name in os.environ if name.startswith("RASAD_") and not name.startswith("RASAD_TEST_")]:
        del os.environ[name]
    os.environ["RASAD_HOSTS"] = TEST_CLIENTS_HOST


@pytest.fixture(scope="session")
def repository() -> Path:
    """The folder of the checkout."""
    return REPOSITORY


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of recorded results beside the checkout; a test that needs it is skipped where it is absent."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the recorded results are not beside this checkout (../shared/data)")
    return SHARED_DATA


@pytest.fixture(scope="session")
def open_recordings(shared_data: Path) -> Path:
    """Real results from public repositories: read, never copied."""
    return shared_data / "open"


@pytest.fixture(scope="session")
def laboratory_recordings(shared_data: Path) -> Path:
    """Results of the real probe code in our laboratory, with ground truth."""
    return shared_data / "lab"
