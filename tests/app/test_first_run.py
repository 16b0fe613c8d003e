"""What a newcomer sees: `make run` ends with the service up, full of our laboratory's recording."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.running import INSTALLED, make_run
from tests.weeks import until

REHEARSED = {"target": "k-root", "label": "rehearsed", "metric": "rtt_median_ms", "country": "TJ"}
LABORATORY = {"target": "k-root", "label": "laboratory", "metric": "rtt_median_ms", "bin": "5m"}


@pytest.mark.acceptance("spine.1")
def test_make_run_ends_with_the_service_up(repository: Path, tmp_path: Path) -> None:
    """Every address it names answers, and the series is there, labelled; a second time nothing is new.

    The set-up itself, and how long all of it takes, is measured by `make bench` in a fresh clone.
    """
    with make_run(repository, tmp_path, INSTALLED) as (client, said):
        until(lambda: client.get("/api/v1/series", params=REHEARSED).json()["rows"])
        rehearsed = client.get("/api/v1/series", params=REHEARSED).json()["rows"]
        addresses = re.findall(r"http://127\.0\.0\.1:\d+(/\S*)", said)
        statuses = {address: client.get(address).status_code for address in addresses}
        rows = client.get("/api/v1/series", params=LABORATORY).json()["rows"]
        page = client.get("/api/v1/results", params={"label": "laboratory", "limit": 1}).json()
    with make_run(repository, tmp_path, INSTALLED) as (client, said_again):
        rows_again = client.get("/api/v1/series", params=LABORATORY).json()["rows"]

    assert len(addresses) == 5
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


def test_make_run_finds_another_one_running(repository: Path, tmp_path: Path) -> None:
    """A second `make run` beside the first says that Rasad is up already, and ends well."""
    with make_run(repository, tmp_path, INSTALLED) as (client, _):
        settings = {**os.environ, "RASAD_DATA_DIR": str(tmp_path), "RASAD_PORT": str(client.base_url.port)}
        second = subprocess.run(
            ["make", "run", *INSTALLED], cwd=repository, env=settings, capture_output=True, text=True, check=True
        )

    assert "Rasad is already up." in second.stderr
