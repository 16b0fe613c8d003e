"""The commands that ask RIPE Atlas: what they say to people and to programs, and how they end."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import MakeDatabase
from tests.ingesting import command, environment
from tests.rehearsing import RehearsedAtlas, rehearsing
from tests.weeks import rehearsed

UNKNOWN = "4711"


@pytest.fixture
def url(make_sqlite_database: MakeDatabase) -> str:
    """A database."""
    return make_sqlite_database()


@pytest.fixture
def atlas() -> Iterator[RehearsedAtlas]:
    """A rehearsal whose time stands."""
    with rehearsing() as found:
        yield found


def say(url: str, atlas: RehearsedAtlas, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run `rasad …` against a rehearsal, however it ends."""
    return subprocess.run(
        command(*arguments), env=rehearsed(url, atlas, **settings), capture_output=True, text=True, check=False
    )


def test_one_that_cannot_be_followed_keeps_no_other_from_it(url: str, atlas: RehearsedAtlas) -> None:
    """Which did and which did not is said to people and to programs."""
    done = say(url, atlas, "follow", UNKNOWN, "1001", "--json")
    answer = json.loads(done.stdout)
    assert done.returncode == 1
    assert [one["atlas_id"] for one in answer["followed"]] == [1001]
    assert list(answer["failed"]) == [UNKNOWN]
    assert "1001: ping to" in done.stderr
    assert f"failed {UNKNOWN}: GET /api/v2/measurements/{UNKNOWN}/: 404" in done.stderr

    followed = json.loads(say(url, atlas, "followed", "--format", "json").stdout)["followed"]
    assert [one["atlas_id"] for one in followed] == [1001]


def test_unfollowing_says_what_became_of_it(url: str, atlas: RehearsedAtlas) -> None:
    """All or none."""
    say(url, atlas, "follow", "1001")
    refused = say(url, atlas, "unfollow", "1001", UNKNOWN)
    done = say(url, atlas, "unfollow", "1001", "--json")
    assert (refused.returncode, done.returncode) == (1, 0)
    assert f"measurement {UNKNOWN} is not followed; nothing was changed" in refused.stderr
    assert json.loads(done.stdout) == {"unfollowed": [1001]}
    assert "1001: followed no longer" in done.stderr


@pytest.mark.parametrize(("what", "says"), [("followed", "nothing is followed yet"), ("collect", "nothing to collect")])
def test_where_nothing_is_followed_it_is_said_how_to_begin(
    url: str, atlas: RehearsedAtlas, what: str, says: str
) -> None:
    """Instead of an empty table, or of a row of noughts."""
    done = say(url, atlas, what)
    assert (done.returncode, done.stdout) == (0, "")
    assert says in done.stderr
    assert "rasad follow NUMBER" in done.stderr


def test_what_was_brought_is_counted_though_something_failed_later(url: str, atlas: RehearsedAtlas) -> None:
    say(url, atlas, "follow", "1001", "--since", "2027-01-15T07:00:00Z")
    done = say(url, atlas, "collect", "--json")
    first = json.loads(done.stdout)
    assert (done.returncode, first["failed"]) == (0, {})
    assert first["read"] == first["kept"] + first["duplicate"] + first["quarantined"] + first["unsupported"]
    assert first["kept"] > 0


def test_whoever_waits_for_the_platform_is_told_why(url: str, atlas: RehearsedAtlas) -> None:
    atlas.faults({"kind": "server_error", "every": 1, "limit": 2, "path": "/api/v2/measurements/*"})
    done = say(url, atlas, "follow", "1001")
    assert done.returncode == 0
    assert done.stderr.count("waiting: GET") == 2
    assert "the platform's own fault; it passes; asked again in" in done.stderr


def test_a_backfill_that_fails_says_what_is_in_and_that_it_can_go_on(url: str, atlas: RehearsedAtlas) -> None:
    """Where asking again may help; where nothing is known under a number, that alone is said."""
    asked = ("backfill", "--probe", "9100000", "--from", "2027-01-15T07:00:00Z", "--measurement")
    atlas.faults({"kind": "server_error", "every": 1, "path": "/api/v2/measurements/1001/*"})
    failed, unknown = (say(url, atlas, *asked, number) for number in ("1001", UNKNOWN))
    assert (failed.returncode, unknown.returncode) == (1, 1)
    assert "it passes; 0 new results are in. The same command goes on" in failed.stderr
    assert "new results" not in unknown.stderr


def test_an_address_with_the_apis_path_is_the_same_address(url: str, atlas: RehearsedAtlas) -> None:
    """As `rasad rehearsal serve` prints it."""
    done = say(url, atlas, "follow", "1001", RASAD_ATLAS_URL=f"{atlas.https}/api/v2/")
    assert done.returncode == 0, done.stderr


def test_a_rehearsal_is_looked_for_on_this_machine_only(url: str) -> None:
    """Without its address the real platform would be asked what time it is."""
    settings = {**environment(url), "RASAD_ATLAS_IS_REHEARSAL": "1"}
    done = subprocess.run(command("follow", "1001"), env=settings, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "atlas.ripe.net is not on this machine" in done.stderr
    assert "RASAD_ATLAS_URL" in done.stderr


@pytest.mark.parametrize("holds", [None, "no certificate"])
def test_a_ca_file_that_is_none_is_named(url: str, atlas: RehearsedAtlas, tmp_path: Path, holds: str | None) -> None:
    """In a line, not in a stack of them."""
    file = tmp_path / "ca.pem"
    if holds is not None:
        file.write_text(holds)
    done = say(url, atlas, "follow", "1001", RASAD_ATLAS_CA_FILE=str(file))
    assert done.returncode == 1
    assert str(file) in done.stderr
    assert "Traceback" not in done.stderr
