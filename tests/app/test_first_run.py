"""What a newcomer sees: `make run` ends with the service up, full of our laboratory's recording."""

import os
import re
import subprocess
from itertools import takewhile
from pathlib import Path

import pytest

from tests.running import INSTALLED, make_run
from tests.weeks import until

NIGHT_H = 4
REHEARSED = {"target": "k-root", "label": "rehearsed", "metric": "rtt_median_ms", "country": "TJ"}
LABORATORY = {"target": "k-root", "label": "laboratory", "metric": "rtt_median_ms", "bin": "5m"}


@pytest.mark.acceptance("spine.1")
def test_make_run_ends_with_the_service_up(repository: Path, tmp_path: Path) -> None:
    """Every address it names answers, and the series is there, labelled; a second time nothing is new.

    The set-up itself, and how long all of it takes, is measured by `make bench` in a fresh clone.
    """
    with make_run(repository, tmp_path, INSTALLED) as (client, said, _):
        until(lambda: client.get("/api/v1/series", params=REHEARSED).json()["rows"])
        rehearsed = client.get("/api/v1/series", params=REHEARSED).json()["rows"]
        addresses = re.findall(r"http://127\.0\.0\.1:\d+(/\S*)", said)
        statuses = {address: client.get(address).status_code for address in addresses}
        rows = client.get("/api/v1/series", params=LABORATORY).json()["rows"]
        page = client.get("/api/v1/results", params={"label": "laboratory", "limit": 1}).json()
    with make_run(repository, tmp_path, INSTALLED) as (client, said_again, _):
        rows_again = client.get("/api/v1/series", params=LABORATORY).json()["rows"]

    assert len(addresses) == 6
    assert {row["label"] for row in rehearsed} == {"rehearsed"}
    assert {row["country_code"] for row in rehearsed} == {"TJ"}
    assert set(statuses.values()) == {200}
    assert "nothing in it was measured on the Internet" in said
    assert ".venv/bin/rasad series" in said
    assert "2,249 results, 2,249 of them new" in said
    assert "2,249 results, 0 of them new" in said_again
    assert {row["label"] for row in rows} == {"laboratory"}
    assert any(row["value"] is not None for row in rows)
    assert rows_again == rows
    assert [source["name"] for source in page["results"][0]["sources"]] == ["laboratory.ndjson.gz"]


@pytest.mark.acceptance("orchestration.1")
def test_a_night_is_rehearsed_and_its_series_appears(repository: Path, tmp_path: Path) -> None:
    """Agreed on by three who speak for nobody, in a database of its own; and once, however often it is run."""
    series = {"metric": "rtt_median_ms", "target": "k-root", "label": "rehearsed", "bin": "1h"}
    with make_run(repository, tmp_path, INSTALLED) as (client, said, story):
        told = list(takewhile(lambda line: "clock is this computer's again" not in line, story))
        measured = client.get("/api/v1/measured").json()
        rows = client.get("/api/v1/series", params=series).json()["rows"]
    with make_run(repository, tmp_path, INSTALLED) as (client, _, _):
        measured_again = client.get("/api/v1/measured").json()

    assert "Three demonstration representatives, who speak for nobody" in said
    assert f"export RASAD_DATA_DIR={tmp_path}/practice" in said
    assert all(line.startswith("rehearsed ") for line in told if "k-root" in line)
    closing = [line for line in told if "of" in line and "results" in line]
    assert {line.split()[1] for line in closing} >= {"ping", "traceroute", "dns"}
    assert any("the round is closed" in line for line in told)
    assert [one["title"] for one in measured["rehearsed"]["agreements"]] == [
        "Demonstration: K-root from Tajikistan, rehearsed"
    ]
    assert {row["label"] for row in rows} == {"rehearsed"}
    assert len([one for one in rows if one["value"] is not None]) >= NIGHT_H
    assert measured["agreements"] == measured_again["agreements"] == []
    agreed_at = [[one["agreed_at"] for one in told["rehearsed"]["agreements"]] for told in (measured, measured_again)]
    assert agreed_at[0] == agreed_at[1]
    assert not (tmp_path / "rasad.db").exists(), "what is measured has another place"


def test_make_run_finds_another_one_running(repository: Path, tmp_path: Path) -> None:
    """A second `make run` beside the first says that Rasad is up already, and ends well."""
    with make_run(repository, tmp_path, INSTALLED) as (client, _, _):
        settings = {**os.environ, "RASAD_DATA_DIR": str(tmp_path), "RASAD_PORT": str(client.base_url.port)}
        second = subprocess.run(
            ["make", "run", *INSTALLED], cwd=repository, env=settings, capture_output=True, text=True, check=True
        )

    assert "Rasad is already up." in second.stderr
