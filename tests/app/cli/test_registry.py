"""`rasad ingest-registry` and `rasad registry …`, run as people run them."""

import csv
import io
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clocks import RunningClock
from tests.databases import MakeDatabase
from tests.ingesting import command, environment, rasad
from tests.measurements.ripestat.envelopes import announced, country
from tests.measurements.ripestat.serving import Served, knowing, serving


@pytest.fixture
def url(make_sqlite_database: MakeDatabase) -> str:
    return make_sqlite_database()


@pytest.fixture
def served() -> Iterator[Served]:
    """A RIPEstat on this machine, today."""
    with serving(knowing(RunningClock())) as found:
        yield found


def say(url: str, *arguments: str, exit_code: int = 0, **settings: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        command(*arguments), env={**environment(url), **settings}, capture_output=True, text=True, check=False
    )
    assert done.returncode == exit_code, done.stderr
    assert "Traceback" not in done.stderr
    return done


def test_files_are_taken_in_and_others_are_refused_by_name(url: str, tmp_path: Path) -> None:
    folder = tmp_path / "registry"
    folder.mkdir()
    (folder / "a.json").write_text(json.dumps(announced("192.0.2.0/24")))
    (folder / "b.json").write_text('{"hello": "world"}')
    (folder / "c.json").write_text(json.dumps(country()))

    report = rasad(url, "ingest-registry", folder, exit_code=1)
    for_people = say(url, "ingest-registry", str(folder / "c.json"), "--country", "TJ")

    assert (report["read"], report["by_kind"]) == (1, {"originated_prefix": 1})
    assert {Path(name).name for name in report["refused"]} == {"b.json", "c.json"}
    assert "read 2 listings: 2 new, 0 changed, 0 unchanged" in for_people.stderr


def test_asked_and_shown(url: str, served: Served) -> None:
    """A table says it in words, JSON has all of it, CSV the facts."""
    asked = say(url, "registry", "refresh", RASAD_RIPESTAT_URL=served.address, RASAD_RIPESTAT_SOURCEAPP="rasad-tests")
    again = json.loads(say(url, "registry", "refresh", "--json", RASAD_RIPESTAT_URL=served.address).stdout)
    table = say(url, "registry", "show", "198.51.100.1").stdout
    other = say(url, "registry", "show", "AS64999")
    answer = json.loads(say(url, "registry", "show", "AS64500", "--format", "json").stdout)
    rows = list(csv.DictReader(io.StringIO(say(url, "registry", "show", "192.0.2.1", "--format", "csv").stdout)))

    assert "3 prefixes and 3 networks are registered in Tajikistan; the networks announce 4 prefixes" in asked.stderr
    assert served.questions[0][1]["sourceapp"] == "rasad-tests"
    assert (again["new"], again["unchanged"]) == (0, 5)
    assert "198.51.100.1 (as64500): Tajik; registered in Tajikistan and announced by a network" in table
    assert "registered_prefix  198.51.100.0/24" in table
    assert other.stdout == "AS64999: not Tajik; no registry lists it as Tajik\n"
    assert (answer["is_tajik"], answer["facts"][0]["value"]) == (True, "AS64500")
    assert [(row["kind"], row["value"], row["origin_asn"]) for row in rows] == [
        ("originated_prefix", "192.0.2.0/24", "64501")
    ]


def test_where_nothing_is_held_it_says_what_to_do(url: str) -> None:
    shown = say(url, "registry", "show", "198.51.100.1")

    assert "not known whether it is Tajik; nobody has brought yet the prefixes registered in TJ" in shown.stdout
    assert "rasad registry refresh asks RIPEstat" in shown.stderr


def test_an_address_that_others_could_answer_for_is_refused(url: str) -> None:
    failed = say(url, "registry", "refresh", exit_code=1, RASAD_RIPESTAT_URL="http://stat.example")

    assert "only this machine is asked without TLS" in failed.stderr
