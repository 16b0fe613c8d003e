"""The image, as far as it can be tried without building one: what it copies, and what it installs, works alone."""

import os
import shlex
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.laws.tree import REPOSITORY, committed_files

PACKAGES = ("app/", "measurements/", "migrations/")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `pip install .` installs."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


def test_the_image_is_made_of_files_that_exist() -> None:
    """The Dockerfile copies what is committed and not ignored, and leaves root behind."""
    lines = (REPOSITORY / "Dockerfile").read_text("utf-8").replace("\\\n", "").splitlines()
    commands = [words for line in lines if (words := shlex.split(line, comments=True))]
    copied = [
        name for word, *names in commands if word == "COPY" and not names[0].startswith("--") for name in names[:-1]
    ]
    let_in = (REPOSITORY / ".dockerignore").read_text("utf-8").splitlines()

    assert copied
    assert [name for name in copied if not (REPOSITORY / name).exists() or f"!{name}" not in let_in] == []
    assert [words[-2:] for words in commands][-3:] == [["USER", "rasad"], ["ENTRYPOINT", "[rasad]"], ["CMD", "[serve]"]]


def test_what_is_installed_is_complete(wheel: Path) -> None:
    """Data and migrations travel with the code."""
    with zipfile.ZipFile(wheel) as archive:
        installed = set(archive.namelist())

    assert [name for name in committed_files() if name.startswith(PACKAGES) and name not in installed] == []


def test_what_is_installed_works_without_the_checkout(wheel: Path, tmp_path: Path) -> None:
    """In the image there are no sources beside the packages, and the database is made all the same."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "installed")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("COV")},
        "PYTHONPATH": str(tmp_path / "installed"),
        "RASAD_DATA_DIR": str(tmp_path / "data"),
    }
    script = "import app.cli; print(app.cli.__file__); app.cli.main()"

    done = subprocess.run(
        [sys.executable, "-c", script, "db", "upgrade"],
        check=False, capture_output=True, text=True, cwd=tmp_path, env=environment,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(str(tmp_path / "installed"))
    assert (tmp_path / "data" / "rasad.db").is_file()
