"""What a newcomer can do is written where a newcomer looks."""

import re

from app.settings import PREFIX, Settings
from tests.laws.tree import REPOSITORY

README = (REPOSITORY / "README.md").read_text("utf-8")


def test_every_setting_is_documented() -> None:
    """A setting that only the code knows is set by nobody."""
    assert [name for name in Settings.model_fields if f"{PREFIX}{name.upper()}" not in README] == []


def test_no_setting_is_documented_that_does_not_exist() -> None:
    """What is said of a variable must be true of this version."""
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields} | {"RASAD_TEST_POSTGRESQL_URL"}

    assert set(re.findall(r"RASAD_[A-Z_]+[A-Z]", README)) <= known


def test_every_target_of_make_is_documented() -> None:
    """And `make help` prints the same ones."""
    targets = re.findall(r"^([a-z]+):.* ## ", (REPOSITORY / "Makefile").read_text("utf-8"), re.MULTILINE)

    assert {"setup", "run", "test", "lint", "bench", "drill", "acceptance"} <= set(targets)
    assert [target for target in targets if f"make {target}" not in README] == []
