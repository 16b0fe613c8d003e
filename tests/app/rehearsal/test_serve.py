"""`rasad rehearsal serve` as people run it: it says where it is, answers on both ports, and stops when told to."""

import json
import re
import signal
import ssl
import subprocess
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import takewhile
from pathlib import Path
from textwrap import dedent
from typing import IO

import httpx
import psutil
import pytest

from app.cli.rehearsal import serve
from app.rehearsal.contract import FIRST_PROBE_ID
from app.rehearsal.faults.plan import read_plan
from app.rehearsal.world import make_world
from app.rehearsal.world.scenario import read_scenario
from tests.app.rehearsal.asking import PING, create, wanted
from tests.ingesting import command, environment

TIMEOUT_S = 30
SCENARIO = """
name = "an exercise"
[[signals]]
kind = "loss"
from = "1h"
to = "2h"
targets = ["k-root"]
share = 0.5
[faults]
seed = 3
[[faults.rules]]
kind = "server_error"
path = "/api/v2/anchors*"
"""
MANY_BYTES = 500_000_000
GROWTH_LIMIT_BYTES = 60_000_000


@contextmanager
def _serve(folder: Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], IO[str]]]:
    arguments = command("rehearsal", "serve", "--http", "0", "--https", "0", "--ca-file", folder / "ca.pem", *options)
    process = subprocess.Popen(
        arguments, cwd=folder, env=environment("sqlite://"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        yield process, process.stdout if "--json" in options else process.stderr
    finally:
        process.kill()
        process.communicate()


def _stop(process: subprocess.Popen[str], number: int) -> str:
    process.send_signal(number)
    _, said = process.communicate(timeout=TIMEOUT_S)
    assert process.returncode == 0, said
    return said


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_from_start_to_end(tmp_path: Path, number: int) -> None:
    """With a scenario: both ports, the certificate, the key; and at the end the truth."""
    scenario, truth = tmp_path / "exercise.toml", tmp_path / "truth.json"
    scenario.write_text(SCENARIO)
    options = ("--json", "--speed", "0", "--start", "2027-01-15T08:00:00Z", "--scenario", str(scenario))
    with _serve(tmp_path, *options, "--ground-truth", str(truth)) as (process, said):
        where = json.loads(said.readline())
        trust = ssl.create_default_context(cafile=where["ca_file"])
        headers = {"Authorization": f"Key {where['key']}"}
        with httpx.Client(
            base_url=f"{where['https']}/api/v2", verify=trust, headers=headers, trust_env=False
        ) as client:
            number_ = create(client)
            assert client.get("/anchors/").status_code == 500
        with httpx.Client(base_url=f"{where['http']}/api/v2", trust_env=False) as client:
            assert client.get(f"/measurements/{number_}/").json()["creation_time"] == 1_800_000_000
        assert _stop(process, number) == ""
    told = json.loads(truth.read_text())
    assert told["faults"]["counts"] == {"server_error": 1}
    assert told["measurements"] == [{"id": number_, "requested": 3, "enlisted": 0, "silent": []}]
    assert (told["begun_at"], told["world"]["scenario"]) == (1_800_000_000, "an exercise")


def test_it_tells_people_how_to_try_it(tmp_path: Path) -> None:
    """With addresses that work."""
    with _serve(tmp_path) as (process, said):
        text = "".join(takewhile(lambda line: not line.startswith("Stop it"), said))
        (address,) = re.findall(r"curl '(\S+/probes/\S+)'", text)
        probes = httpx.get(address, trust_env=False).json()["results"]
        assert min(probe["id"] for probe in probes) >= FIRST_PROBE_ID
        assert "ripe-atlas measure" in text
        exported = dict(re.findall(r"(RASAD_\w+|REQUESTS_CA_BUNDLE)=(\S+)", text))
        assert exported["RASAD_ATLAS_IS_REHEARSAL"] == "1"
        assert address.startswith(exported["RASAD_ATLAS_URL"])
        assert Path(exported["REQUESTS_CA_BUNDLE"]).is_absolute(), "the other terminal may be elsewhere"
        key = {"Authorization": f"Key {exported['RASAD_ATLAS_KEY']}"}
        assert httpx.get(f"{exported['RASAD_ATLAS_URL']}/api/v2/credits/", headers=key, trust_env=False).is_success
        _stop(process, signal.SIGTERM)


def test_the_scenario_in_the_help_can_be_played() -> None:
    """As it stands there."""
    said = dedent((serve.__doc__ or "").partition("exercise.toml:\n")[2].partition("    Examples:")[0])
    scenario = tomllib.loads(said)
    plan = read_plan(scenario, 0)
    assert [rule.kind for rule in plan.rules] == ["hang"]
    del scenario["faults"]
    assert len(make_world(0, read_scenario(scenario), 0).ground_truth(0, 3 * 86_400)["signals"][0]["occurrences"]) == 3


def test_time_and_measurements_outlive_a_kill(tmp_path: Path) -> None:
    """What was created is kept when it is created."""
    options = ("--json", "--speed", "0", "--state", str(tmp_path / "state.json"), "--start")
    with _serve(tmp_path, *options, "2027-01-15T08:00:00Z") as (process, said):
        where = json.loads(said.readline())
        answer = httpx.post(
            f"{where['http']}/api/v2/measurements/", json=wanted(PING), params={"key": where["key"]}, trust_env=False
        )
        process.kill()
    with _serve(tmp_path, *options, "2028-01-01T00:00:00Z") as (_process, said):
        where = json.loads(said.readline())
        (number,) = answer.json()["measurements"]
        body = httpx.get(f"{where['http']}/api/v2/measurements/{number}/", trust_env=False).json()
        assert body["creation_time"] == 1_800_000_000
        assert httpx.get(f"{where['http']}/rehearsal/clock", trust_env=False).json()["now"] == 1_800_000_000


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("name = 'x'\n[[faults.rules]]\nkind = 'earthquake'", "faults.rules.0"),
        ("name = 'x'\n[[signals]]\nkind = 'earthquake'", "signals"),
        ("name = 'x'\n[[signals]]\nkind = 'loss'\nfrom = 0\nto = 9\nshare = 1\ntargets = ['no.example']", "signals[0]"),
        ("name = ", "exercise.toml"),
    ],
)
def test_what_is_no_scenario(tmp_path: Path, text: str, complaint: str) -> None:
    """Is told at once, in one line."""
    (tmp_path / "exercise.toml").write_text(text)
    with _serve(tmp_path, "--scenario", "exercise.toml") as (process, _said):
        _, error = process.communicate(timeout=TIMEOUT_S)
        assert process.returncode == 1
        assert complaint in error
        assert "Traceback" not in error


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (("--state", "damaged.json"), "--state: damaged.json holds no rehearsal"),
        (("--state", "nowhere/state.json"), "--state: nowhere/state.json cannot be written: No such file"),
        (("--ground-truth", "nowhere/truth.json"), "--ground-truth: nowhere/truth.json cannot be written: No such"),
        (("--ca-file", "damaged.json/ca.pem"), "--ca-file: damaged.json/ca.pem cannot be written: "),
        (("--seed", "-1"), "--seed"),
        (("--speed", "inf"), "--speed"),
    ],
)
def test_what_cannot_be_begun(tmp_path: Path, options: tuple[str, str], complaint: str) -> None:
    """Told at once by the name of the option, and not when all is over."""
    (tmp_path / "damaged.json").write_text("{")
    with _serve(tmp_path, *options) as (process, _said):
        _, error = process.communicate(timeout=TIMEOUT_S)
    assert process.returncode in (1, 2)
    assert complaint in " ".join(error.split())
    assert "Traceback" not in error


@pytest.mark.slow
def test_a_large_body_needs_no_memory(tmp_path: Path) -> None:
    """Half a gigabyte of results goes through a process that does not grow."""
    with _serve(tmp_path, "--json", "--speed", "0", "--start", "2027-03-01T00:00:00Z") as (process, said):
        where = json.loads(said.readline())
        watched = psutil.Process(process.pid)
        url = f"{where['http']}/api/v2/measurements/5001/results/"
        params = {"start": "2025-09-01T00:00:00Z", "format": "txt"}
        before, most, received = 0, 0, 0
        with httpx.stream("GET", url, params=params, timeout=60, trust_env=False) as answer:
            for piece in answer.iter_raw(2**20):
                received += len(piece)
                if not before and received > 20_000_000:
                    before = watched.memory_info().rss
                most = max(most, watched.memory_info().rss)
                if received >= MANY_BYTES:
                    break
        assert received >= MANY_BYTES
        assert most - before < GROWTH_LIMIT_BYTES
