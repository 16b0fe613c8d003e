"""Days of rehearsed time with everything going wrong: what we hold is what the server produced, once each."""

import json
from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine

from app.doors import make_atlas
from app.rehearsal.world import make_world, named_scenario
from app.settings import Settings
from measurements.atlas.gateway import Plan
from measurements.definitions.ping import Ping
from measurements.definitions.traceroute import Traceroute
from measurements.selections import these_probes
from tests.clocks import RunningClock
from tests.databases import MakeDatabase
from tests.rehearsing import EPOCH, RehearsedAtlas, rehearsing
from tests.weeks import Verdict, compare, pass_until, run, working

HOUR = 3_600
BUILT_INS = (1001, 10301, 5001)
PROBES = (9_100_000, 9_100_001, 9_100_002, 9_100_005, 9_100_009, 9_100_020, 9_100_027, 9_100_035)
SKEWED, SILENT = 9_100_005, 9_100_009
SILENT_FROM_S, SILENT_TO_S = 2 * HOUR, 5 * HOUR
SPEED = 60.0
"""Beside the jumps: a time-out of a minute costs a second."""


def everything_wrong(late_s: int, silent: tuple[int, int]) -> tuple[dict[str, Any], ...]:
    """Every fault there is, on requests for results and on results."""
    path = "/api/v2/measurements/*"
    return (
        {"kind": "too_many_requests", "probability": 0.03, "path": path, "retry_after_s": 5},
        {"kind": "too_many_requests", "probability": 0.03, "path": path},
        {"kind": "server_error", "probability": 0.03, "path": path},
        {"kind": "bad_gateway", "probability": 0.03, "path": path},
        {"kind": "hang", "probability": 0.004, "path": path},
        {"kind": "slow_body", "probability": 0.01, "path": path, "pause_s": 0.01},
        {"kind": "cut_body", "probability": 0.05, "path": path},
        {"kind": "reply_lost", "probability": 0.5, "limit": 1},
        {"kind": "stream_closed", "every": 2, "after_s": 3},
        {"kind": "stream_broken", "after_s": 4},  # a stream that lasts meets no more of them
        {"kind": "duplicate", "probability": 0.05, "least_s": 60, "most_s": late_s},
        {"kind": "late", "probability": 0.05, "least_s": HOUR, "most_s": late_s},
        {"kind": "silent", "probes": [SILENT], "from": EPOCH + silent[0], "to": EPOCH + silent[1]},
        {"kind": "clock_skew", "probes": [SKEWED], "offset_s": 900},
    )


class Plot(NamedTuple):
    """How long it goes, how late results may be, and when workers are killed."""

    hours: int
    settles_h: int
    late_h: int
    n_workers: int
    kills_h: tuple[float, ...]


def live_through(url: str, engine: Engine, plot: Plot) -> tuple[list[Verdict], str]:
    """Follow measurements through it all; how each compares, and what the workers said."""
    world = make_world(7, named_scenario("practice"), EPOCH)
    rules = everything_wrong(plot.late_h * HOUR, (SILENT_FROM_S, SILENT_TO_S))
    with rehearsing(world, speed=SPEED) as atlas:
        ours = _create(url, atlas)
        probes = [word for probe in PROBES for word in ("--probe", str(probe))]
        run(url, atlas, "follow", *map(str, (*BUILT_INS, *ours)), *probes)
        since = int(atlas.now())
        atlas.faults(*rules)
        end = EPOCH + plot.hours * HOUR
        with working(url, atlas, plot.n_workers) as workers:
            pass_until(atlas, workers, end + plot.settles_h * HOUR, [EPOCH + at * HOUR for at in plot.kills_h])
        followed = json.loads(run(url, atlas, "followed", "--format", "json"))["followed"]
        assert {one["atlas_id"] for one in followed} == {*BUILT_INS, *ours}
        verdicts = [compare(engine, atlas, atlas_id, (since, end), PROBES) for atlas_id in (*BUILT_INS, *ours)]
        struck = atlas.control.get("/faults").json()["counts"]
        for kind in ("too_many_requests", "server_error", "bad_gateway", "cut_body", "stream_broken"):
            assert struck.get(kind), f"{kind} never struck: {struck}"
        require_results_struck(atlas, ours[0], (since, end))
        return verdicts, workers.said()


def require_results_struck(atlas: RehearsedAtlas, atlas_id: int, span: tuple[int, int]) -> None:
    """Results came late, twice and by a wrong clock, and a probe said nothing for hours."""
    atlas.faults()  # what was measured before it stays as it was
    asked: dict[str, str | int] = {"msm": atlas_id, "from": span[0], "to": span[1] - 1, "format": "lines"}
    lines = [json.loads(line) for line in atlas.control.get("/ledger", params=asked).text.splitlines()]
    with atlas.client() as client:
        read = client.get(f"/measurements/{atlas_id}/results/", params={"start": span[0], "stop": span[1] - 1}).json()
    honest = [line for line in lines if line["prb_id"] != SKEWED]
    assert max(line["stored_timestamp"] - line["timestamp"] for line in honest) > HOUR
    assert {line["lts"] for line in lines if line["prb_id"] == SKEWED} == {-1}
    said_at = [line["timestamp"] - EPOCH for line in lines if line["prb_id"] == SILENT]
    assert said_at
    assert not any(SILENT_FROM_S <= at < SILENT_TO_S for at in said_at)
    names = Counter((body["prb_id"], body["timestamp"]) for body in read)
    assert max(names.values()) > 1


def _create(url: str, atlas: RehearsedAtlas) -> tuple[int, ...]:
    """Two measurements of our own, made before anything goes wrong."""
    settings = Settings(
        database_url=url, atlas_url=atlas.https, atlas_ca_file=atlas.ca_file, atlas_is_rehearsal=True,
        atlas_key=SecretStr(atlas.key),
    )  # fmt: skip
    plan = Plan(
        definitions=(
            Ping(target="193.0.14.129", address_family=4, description="rehearsed ping"),
            Traceroute(target="193.0.14.129", address_family=4, description="rehearsed path"),
        ),
        selections=(these_probes(*PROBES),),
        tag="rasad-rehearsal-1",
    )
    with make_atlas(settings, RunningClock()) as door:
        return door.dispatch(plan)


def require_complete(verdicts: list[Verdict]) -> None:
    """Minus nothing, twice nothing; and there was something to lose."""
    assert [verdict[1:] for verdict in verdicts] == [([], [], [])] * len(verdicts)
    assert all(verdict.n_produced for verdict in verdicts)


SHORT = Plot(hours=6, settles_h=7, late_h=2, n_workers=1, kills_h=(1.5,))
WEEK = Plot(hours=7 * 24, settles_h=48, late_h=8, n_workers=1, kills_h=(20, 70, 120))


@pytest.mark.acceptance("atlas.3")
def test_a_day_with_every_fault_loses_nothing_though_the_worker_is_killed(
    make_sqlite_database: MakeDatabase, open_engine: Callable[[str], Engine]
) -> None:
    url = make_sqlite_database()
    verdicts, _ = live_through(url, open_engine(url), SHORT)
    require_complete(verdicts)


@pytest.mark.acceptance("atlas.3")
def test_three_workers_on_one_database_neither_lose_nor_double(
    make_postgresql_database: MakeDatabase, open_engine: Callable[[str], Engine]
) -> None:
    url = make_postgresql_database()
    verdicts, _ = live_through(url, open_engine(url), SHORT._replace(n_workers=3))
    require_complete(verdicts)


@pytest.mark.drill
@pytest.mark.parametrize("kills", [(), WEEK.kills_h], ids=["whole", "killed"])
def test_a_week_with_every_fault_loses_nothing(
    kills: tuple[float, ...], make_sqlite_database: MakeDatabase, open_engine: Callable[[str], Engine]
) -> None:
    url = make_sqlite_database()
    verdicts, _ = live_through(url, open_engine(url), WEEK._replace(kills_h=kills))
    require_complete(verdicts)


@pytest.mark.drill
def test_a_week_with_three_workers_on_postgresql_loses_nothing(
    make_postgresql_database: MakeDatabase, open_engine: Callable[[str], Engine]
) -> None:
    url = make_postgresql_database()
    verdicts, _ = live_through(url, open_engine(url), WEEK._replace(n_workers=3))
    require_complete(verdicts)
