"""Collecting from a running rehearsal, by real processes: memory, keys, and a stream that is cut all the time."""

import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from pydantic import SecretStr
from sqlalchemy import Engine

from app.doors import make_atlas
from app.rehearsal.api.keys import CREATE_KEY, DEMONSTRATION_KEY, READ_KEY, STOP_KEY
from app.rehearsal.api.platform import Limits
from app.rehearsal.world import make_world, named_scenario
from app.settings import Settings
from measurements.atlas.gateway import Plan
from measurements.definitions.base import Definition
from measurements.definitions.ping import Ping
from measurements.definitions.traceroute import Traceroute
from measurements.selections import ProbeSelection, SelectedBy
from measurements.targets import K_ROOT
from tests.clocks import RunningClock
from tests.databases import MakeDatabase
from tests.ingesting import command
from tests.memory import peak_mb
from tests.rehearsing import EPOCH, RehearsedAtlas, rehearsing
from tests.weeks import compare, pass_until, rehearsed, run, until, working

HOUR = 3_600
EVERYBODY = range(9_100_000, 9_100_100)
K_ROOT_V4 = "193.0.14.129"
MEGABYTE = 1_000_000
BOUNDLESS = Limits(
    results_per_day=10**9, results_per_second=10**6, credits_per_day=10**12, opening_balance=10**13, strangers={}
)
"""What no account may do, so that there is much to collect."""
TWICE = {"kind": "duplicate", "probability": 1, "least_s": 1, "most_s": 60}
KEYS = (DEMONSTRATION_KEY, CREATE_KEY, READ_KEY, STOP_KEY)


def dispatched(url: str, atlas: RehearsedAtlas, definition: Definition, n_probes: int) -> int:
    """A measurement of our own on a rehearsal."""
    settings = Settings(
        database_url=url, atlas_url=atlas.https, atlas_ca_file=atlas.ca_file, atlas_is_rehearsal=True,
        atlas_key=SecretStr(atlas.key),
    )  # fmt: skip
    everywhere = ProbeSelection(by=SelectedBy.AREA, value="WW", requested=n_probes)
    plan = Plan(definitions=(definition,), selections=(everywhere,), tag="rasad-rehearsal-1")
    with make_atlas(settings, RunningClock()) as door:
        [atlas_id] = door.dispatch(plan)
    return atlas_id


def collect_much(url: str, engine: Engine, hours: float) -> tuple[float, float, int]:
    """Collect one body of long traceroutes; its size and the most memory it took, in MB, and how many results."""
    world = make_world(3, named_scenario("calm"), EPOCH)
    path = Traceroute(
        target=K_ROOT_V4, address_family=4, description="rehearsed, and long", interval_s=60, spread_s=10, packets=16
    )
    with rehearsing(world, limits=BOUNDLESS, rules=(TWICE,)) as atlas:
        atlas_id = dispatched(url, atlas, path, 40)
        run(url, atlas, "follow", str(atlas_id))
        start = int(atlas.now())
        atlas.advance(hours * HOUR)
        process = subprocess.Popen(
            command("collect", "--json"),
            env=rehearsed(url, atlas),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        peak = peak_mb(process)
        assert process.returncode == 0
        with atlas.client() as client:
            lines = client.get(f"/measurements/{atlas_id}/results/", params={"format": "txt", "start": start})
        verdict = compare(engine, atlas, atlas_id, (start, int(atlas.now()) + 1), range(9_100_000, 9_100_100))
        assert verdict[1:] == ([], [], [])
        return len(lines.content) / MEGABYTE, peak, verdict.n_produced


@pytest.mark.acceptance("atlas.4")
def test_memory_stays_flat_while_much_is_collected(
    make_sqlite_database: MakeDatabase, open_engine: Callable[[str], Engine]
) -> None:
    """A tenth of the drill's; kept whole it would pass the bound."""
    url = make_sqlite_database()
    size_mb, most_mb, n_results = collect_much(url, open_engine(url), 1.5)
    assert n_results > 3_000
    assert size_mb > 25
    assert most_mb < 200


@pytest.mark.drill
def test_memory_stays_flat_while_a_body_of_500_megabytes_is_collected(
    make_sqlite_database: MakeDatabase, open_engine: Callable[[str], Engine]
) -> None:
    url = make_sqlite_database()
    size_mb, most_mb, _ = collect_much(url, open_engine(url), 40)  # a body is a day; the second one is the large one
    assert size_mb > 900
    assert most_mb < 200


@pytest.mark.acceptance("atlas.5")
def test_no_key_is_left_anywhere(make_sqlite_database: MakeDatabase) -> None:
    """Not in what a worker says at its most talkative, not in an error, not in the files of the database."""
    url = make_sqlite_database()
    with rehearsing(make_world(3, named_scenario("calm"), EPOCH), speed=60) as atlas:
        atlas_id = dispatched(url, atlas, Ping(target=K_ROOT_V4, address_family=4, description="rehearsed"), 5)
        run(url, atlas, "follow", "1001", str(atlas_id))
        refused = {"kind": "server_error", "probability": 0.2, "path": "/api/v2/measurements/*"}
        atlas.faults(refused)
        with working(url, atlas, RASAD_LOG_LEVEL="debug", RASAD_ATLAS_READ_KEY=READ_KEY) as workers:
            pass_until(atlas, workers, EPOCH + HOUR)
        unknown = subprocess.run(
            command("follow", "4711"), env=rehearsed(url, atlas), capture_output=True, check=False
        )  # fmt: skip
        asked = " ".join(atlas.calls())
    path = Path(url.removeprefix("sqlite:///"))
    said = workers.everything.encode()
    held = [file.read_bytes() for file in path.parent.glob(f"{path.name}*")]
    assert unknown.returncode == 1
    assert b"polled" in said
    for key in KEYS:
        for content in (said, unknown.stdout, unknown.stderr, asked.encode(), *held):
            assert key.encode() not in content


def test_a_worker_that_waits_for_an_answer_ends_when_it_is_told_to(make_sqlite_database: MakeDatabase) -> None:
    """A supervisor kills what does not end; time-outs are of a minute here, and the server never answers."""
    url = make_sqlite_database()
    with rehearsing(make_world(3, named_scenario("calm"), EPOCH), speed=1, jumps=False) as atlas:
        run(url, atlas, "follow", "1001", "--probe", "9100000")
        atlas.faults({"kind": "hang", "probability": 1, "path": "/api/v2/measurements/*"})
        with working(url, atlas) as workers:
            until(lambda: atlas.control.get("/faults").json()["counts"].get("hang", 0) > 0)
            began = time.monotonic()
            workers.stop()
            lasted_s = time.monotonic() - began
    assert lasted_s < 10
    assert "the worker ends what is in hand" in workers.everything


@pytest.mark.acceptance("atlas.6")
@pytest.mark.parametrize(
    ("lasts_s", "probes"),
    [
        pytest.param(30, (9_100_000, 9_100_002), id="short"),
        pytest.param(300, (), id="five_minutes", marks=pytest.mark.drill),
    ],
)
def test_a_stream_that_is_cut_all_the_time_costs_little_and_loses_nothing(
    lasts_s: int, probes: tuple[int, ...], make_sqlite_database: MakeDatabase, open_engine: Callable[[str], Engine]
) -> None:
    """In real time; the processor's time is the worker's, from when it listens on.

    Of all probes something comes by every stream, so that each is followed by another within seconds.
    """
    url = make_sqlite_database()
    rules = (
        {"kind": "stream_closed", "every": 2, "after_s": 3},
        {"kind": "stream_broken", "probability": 1, "after_s": 4},
    )
    with rehearsing(make_world(3, named_scenario("calm"), EPOCH), speed=1, jumps=False, rules=rules) as atlas:
        run(url, atlas, "follow", "1001", *(word for probe_id in probes for word in ("--probe", str(probe_id))))
        since = int(atlas.now())
        with working(url, atlas) as workers:
            until(lambda: "stream connected" in workers.said())
            worker = psutil.Process(workers.pids[0])
            before, lines = sum(worker.cpu_times()[:2]), len(workers.said().splitlines())
            pass_until(atlas, workers, atlas.now() + lasts_s)
            spent = sum(worker.cpu_times()[:2]) - before
            said = workers.said().splitlines()[lines:]
        n_streams = sum(atlas.calls()["STREAM /stream"].values())
        atlas.advance(HOUR)
        run(url, atlas, "collect")
        verdict = compare(open_engine(url), atlas, 1001, (since, int(atlas.now()) - 900), probes or EVERYBODY)
    assert n_streams >= lasts_s / 10, "it was cut, and came back"
    assert spent < 0.1 * lasts_s
    assert len(said) <= 10 * max(1, lasts_s / 60), said
    assert verdict.n_produced
    assert verdict[1:] == ([], [], [])


def test_a_backfill_of_k_root_from_the_tajik_probes_and_again(make_sqlite_database: MakeDatabase) -> None:
    """By name and country, as a person asks; what is older than a day is not asked for twice."""
    url = make_sqlite_database()
    asked = ("backfill", "--builtin", "k-root", "--country", "TJ", "--json")
    days = ("--from", "2027-01-12T06:00:00Z", "--to", "2027-01-12T07:30:00Z")
    with rehearsing(make_world(3, named_scenario("calm"), EPOCH)) as atlas:
        first = json.loads(run(url, atlas, *asked, *days))
        again = json.loads(run(url, atlas, *asked, *days))
        series = json.loads(
            run(url, atlas, "series", "reach", "--label", "rehearsed", "--country", "TJ", "--format", "json")
        )
    assert first["read"] == first["kept"] > 1_000
    assert first["quarantined"] == 0
    assert first["n_requests"] == len(K_ROOT.built_ins)
    assert (again["n_requests"], again["read"]) == (0, 0)
    assert {row["country_code"] for row in series["rows"]} == {"TJ"}
    assert {row["label"] for row in series["rows"]} == {"rehearsed"}


def test_a_real_atlas_is_not_asked_for_tajik_probes(make_sqlite_database: MakeDatabase) -> None:
    """The same server, but nobody said that it is a rehearsal."""
    url = make_sqlite_database()
    with rehearsing(make_world(3, named_scenario("calm"), EPOCH)) as atlas:
        settings = {**rehearsed(url, atlas), "RASAD_ATLAS_IS_REHEARSAL": "0"}
        asked = command("backfill", "--builtin", "k-root", "--country", "TJ", "--from", "2026-11-20")
        done = subprocess.run(asked, env=settings, capture_output=True, text=True, check=False)
        followed = subprocess.run(command("follow", "1001"), env=settings, capture_output=True, text=True, check=False)
        calls = atlas.calls()
    assert (done.returncode, followed.returncode) == (1, 1)
    assert "in Tajikistan" in done.stderr
    assert "have not agreed that public results may be read" in " ".join(done.stderr.split())
    assert "have not agreed that public results may be read" in " ".join(followed.stderr.split())
    assert not any("results" in call for call in calls)
