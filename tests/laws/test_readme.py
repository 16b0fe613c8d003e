"""What a newcomer can do is written where a newcomer looks."""

import re

import pytest

from app.operations.due_tasks import POLL_EVERY_S, RECHECK_EVERY_S, REFRESH_EVERY_S
from app.settings import PREFIX, Settings
from measurements.campaigns.collecting import advance, begin, poll_windows, recheck_windows
from measurements.targets import K_ROOT
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


DAY = 86_400
CHAPTER = README.partition("## From a rehearsal to RIPE Atlas")[2].partition("\n## ")[0]


def _questions_a_day() -> tuple[int, int]:
    """Of polls and of re-checks, for one measurement that has been followed for three weeks."""
    position = begin(0, None, None, 0)
    polls = rechecks = 0
    for now in range(0, 31 * DAY, POLL_EVERY_S):
        asked = len(poll_windows(position, now))
        position = advance(position, {}, now)
        due = recheck_windows(position, now) if now % RECHECK_EVERY_S == 0 else {}
        done = {age: windows[-1].to_at or now for age, windows in due.items()}
        position = position._replace(rechecked={**position.rechecked, **done})
        if now >= 21 * DAY:
            polls += asked
            rechecks += sum(map(len, due.values()))
    return round(polls / 10), round(rechecks / 10)


@pytest.mark.acceptance("atlas.8")
def test_what_is_asked_of_the_platform_per_day_is_what_is_written() -> None:
    polls, rechecks = _questions_a_day()
    lookups = DAY // REFRESH_EVERY_S
    total = len(K_ROOT.built_ins) * (polls + rechecks + lookups)

    assert f"{polls} questions of polls" in CHAPTER
    assert f"{rechecks} of re-checks" in CHAPTER
    assert f"{lookups} look-ups" in CHAPTER
    assert f"{total:,} requests" in " ".join(CHAPTER.split())


@pytest.mark.acceptance("atlas.8")
def test_the_way_from_no_key_to_a_real_one_names_every_key_and_its_grant() -> None:
    keys = [f"{PREFIX}{name.upper()}" for name in Settings.model_fields if name.endswith("_key")]

    assert len(keys) == 4
    assert [key for key in keys if f"`{key}`" not in CHAPTER] == []
    for grant in ("measurements.create_measurement", "credits.get_credit_info", "stop a measurement"):
        assert grant in CHAPTER
    for step in ("rasad rehearsal serve", "RASAD_ATLAS_IS_REHEARSAL=1", "No key, the real Atlas", "A key."):
        assert step in CHAPTER
