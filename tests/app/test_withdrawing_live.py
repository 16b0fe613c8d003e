"""A withdrawal on a rehearsal where everything goes wrong, and the process that withdraws is killed in the middle."""

import json
import subprocess
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from sqlalchemy import Engine, select

from app.rehearsal.world import make_world, named_scenario
from app.store import tables
from app.store.audit import Wanted
from app.store.audit import entries as list_entries
from app.store.engine import reading
from app.store.records import unpack_body
from measurements.agreements.audit import Act
from measurements.agreements.parties import Party
from measurements.canonical import digest_of
from tests.agreeing_rehearsed import SMALL, Run, agree, runner, set_up
from tests.databases import MakeDatabase
from tests.ingesting import command
from tests.measurements.agreements.making import CARD
from tests.rehearsing import EPOCH, RehearsedAtlas, rehearsing
from tests.weeks import Workers, rehearsed, working

SPEED = 10.0
"""Rehearsed seconds a second while a withdrawal is watched."""
QUICK = 240.0
"""And while there is only to be waited."""
TWO_MINUTES = 120
LATE_S = 5_400
AHEAD_S = 900
"""By which a probe's clock is ahead: what it measured before a withdrawal says that it was measured after it."""
HOUR = 3_600
EVERYTHING_WRONG: tuple[dict[str, Any], ...] = (
    {"kind": "too_many_requests", "probability": 0.1, "path": "/api/v2/measurements/*", "retry_after_s": 2},
    {"kind": "server_error", "probability": 0.1, "path": "/api/v2/measurements/*"},
    {"kind": "bad_gateway", "probability": 0.1, "path": "/api/v2/measurements/*"},
    {"kind": "hang", "probability": 0.02, "path": "/api/v2/measurements/*"},
    {"kind": "late", "probability": 0.3, "least_s": 60, "most_s": LATE_S},
    {"kind": "duplicate", "probability": 0.2, "least_s": 60, "most_s": LATE_S},
)


class Ended(NamedTuple):
    """How a withdrawal ended, by what the database holds."""

    withdrawn_at: int
    stopped_at: tuple[int, ...]
    atlas_ids: tuple[int, ...]


def how_it_ended(engine: Engine) -> Ended | None:
    """None while something is not known to have stopped."""
    with reading(engine) as connection:
        withdrawn = connection.execute(select(tables.withdrawals.c.withdrawn_at)).scalars().all()
        column = tables.dispatches.c
        sent = connection.execute(select(column.stopped_at, column.atlas_id).where(column.sent_at.is_not(None))).all()
    if not withdrawn or any(row.stopped_at is None for row in sent):
        return None
    return Ended(withdrawn[0], tuple(row.stopped_at for row in sent), tuple(row.atlas_id for row in sent))


def wait_for(atlas: RehearsedAtlas, workers: Workers, is_so: Callable[[], Any], within_s: float) -> Any:
    """Wait until something is so, for so many rehearsed seconds."""
    began = atlas.now()
    while not (found := is_so()):
        workers.require_alive()
        assert atlas.now() - began < within_s, workers.said()[-3000:]
        time.sleep(0.05)  # whoever makes it so tells nobody
    return found


def kept(engine: Engine) -> Sequence[Any]:
    """Every record, and how it stands."""
    column = tables.raw_records.c
    with reading(engine) as connection:
        return connection.execute(
            select(column.status, column.reason, column.body, column.measured_at, column.stored_at, column.retrieved_at)
        ).all()


def first_participant(atlas: RehearsedAtlas, engine: Engine) -> int:
    """A probe that takes part in both measurements, being chosen alike."""
    with reading(engine) as connection:
        atlas_id = connection.execute(select(tables.dispatches.c.atlas_id)).scalars().first()
    with atlas.client(atlas.read_key) as client:
        found = client.get(f"/measurements/{atlas_id}/", params={"optional_fields": "probes"}).json()["probes"]
    return int(found[0]["id"])


def drill(url: str, engine: Engine, folder: Path, *, killed_after_s: float | None) -> None:
    """Agree, measure for an hour, withdraw while everything goes wrong, and look at what is left."""
    card = folder / "card.json"
    card.write_text(json.dumps(CARD | SMALL), "utf-8")
    world = make_world(7, named_scenario("practice"), EPOCH)
    with rehearsing(world, speed=SPEED, jumps=False) as atlas:
        go = runner(url, atlas, folder)
        keys = set_up(go)
        agree(go, keys, card)
        for entry in ("1", "2"):
            go("dispatch", "1", "--entry", entry, key=keys[Party.COMMUNICATIONS_SERVICE])
        atlas.advance(600)  # by then its probes are chosen
        skewed = first_participant(atlas, engine)
        atlas.faults(*EVERYTHING_WRONG, {"kind": "clock_skew", "probes": [skewed], "offset_s": AHEAD_S})
        with working(url, atlas, RASAD_DATA_DIR=str(folder)) as workers:
            set_speed(atlas, QUICK)
            wait_for(atlas, workers, lambda: kept(engine), 2 * HOUR)
            atlas.advance(HOUR)
            set_speed(atlas, SPEED)
            withdraw(url, atlas, engine, folder, keys[Party.TOJIKTELECOM], killed_after_s)
            ended: Ended = wait_for(atlas, workers, lambda: how_it_ended(engine), 3 * TWO_MINUTES)
            set_speed(atlas, QUICK)
            atlas.advance(LATE_S)
            wait_for(atlas, workers, lambda: any(one.reason for one in kept(engine)), 6 * HOUR)
        require_ended(go, keys[Party.TOJIKTELECOM], atlas, engine, ended)


def set_speed(atlas: RehearsedAtlas, speed: float) -> None:
    """So many rehearsed seconds a second from now on."""
    atlas.control.put("/clock", json={"speed": speed}).raise_for_status()


def withdraw(
    url: str, atlas: RehearsedAtlas, engine: Engine, folder: Path, key: str, killed_after_s: float | None
) -> None:
    """Withdraw; where it is killed so long after it began, nobody tries again but the worker.

    Unless it was killed before it had said a word to the database.
    """
    environment = rehearsed(url, atlas, RASAD_DATA_DIR=str(folder), RASAD_KEY=key)
    asked = partial(subprocess.Popen, command("withdraw", "1"), env=environment, stderr=subprocess.DEVNULL)
    withdrawing = asked()
    if killed_after_s is not None:
        time.sleep(killed_after_s)  # an instant that nobody has chosen
        withdrawing.kill()
    withdrawing.wait(120)
    if not is_withdrawn(engine):
        asked().wait(120)


def is_withdrawn(engine: Engine) -> bool:
    """Whether a party's word is in the database."""
    with reading(engine) as connection:
        return bool(connection.execute(select(tables.withdrawals)).all())


def require_ended(go: Run, key: str, atlas: RehearsedAtlas, engine: Engine, ended: Ended) -> None:
    """Stopped in time, at the platform as well; late results put aside; and a record that verifies."""
    assert max(ended.stopped_at) - ended.withdrawn_at <= TWO_MINUTES
    atlas.faults()
    with atlas.client(atlas.read_key) as client:
        for atlas_id in ended.atlas_ids:
            assert client.get(f"/measurements/{atlas_id}/").json()["status"]["name"] == "Stopped"
    for one in kept(engine):
        is_trusted = json.loads(unpack_body(one.body))["lts"] >= 0
        is_late = not is_trusted and one.stored_at >= ended.withdrawn_at
        is_after = one.measured_at >= ended.withdrawn_at
        if is_after and one.retrieved_at < ended.withdrawn_at:
            continue  # a clock that was ahead told of a time of which nobody knew yet that it would not be covered
        is_outside = is_after or is_late
        assert (one.status, one.reason) == (("quarantined", "outside_consent") if is_outside else ("kept", None))
    record = json.loads(go("withdraw", "1", "--json", key=key).stdout)
    assert record["is_complete"]
    assert [one["atlas_id"] for one in record["measurements"]] == list(ended.atlas_ids)
    with reading(engine) as connection:
        entries = list_entries(connection, Wanted(act=Act.CESSATION_RECORDED))
    assert [one.digest for one in entries] == [digest_of(record)]
    go("audit", "verify")


@pytest.mark.acceptance("agreement.4")
@pytest.mark.parametrize("killed_after_s", [None, 1.6], ids=["whole", "killed"])
def test_a_withdrawal_stops_everything_within_two_rehearsed_minutes(
    killed_after_s: float | None, make_database: MakeDatabase, open_engine: Callable[[str], Engine], tmp_path: Path
) -> None:
    url = make_database()
    drill(url, open_engine(url), tmp_path, killed_after_s=killed_after_s)


@pytest.mark.drill
@pytest.mark.parametrize("tenths", range(8, 28, 2))
def test_a_withdrawal_may_be_killed_at_any_instant(
    tenths: int, make_database: MakeDatabase, open_engine: Callable[[str], Engine], tmp_path: Path
) -> None:
    url = make_database()
    drill(url, open_engine(url), tmp_path, killed_after_s=tenths / 10)
