"""Collecting from an Atlas in memory: complete, once each, whatever fails in between."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text

from app.operations.collect_measurement import poll, recheck
from app.operations.fetch_window import Fetched, Fetcher
from app.operations.follow_measurement import follow_measurement
from app.operations.prepare_records import Preparer
from app.store.engine import reading, transactions
from app.store.followed import Followed, find_followed, save_stop
from measurements.atlas.failures import CutOff, Phase, ServerFailed
from measurements.atlas.memory import MemoryAtlas
from measurements.campaigns.collecting import SETTLED_AFTER_S, Window
from measurements.results.outcome import Label
from measurements.units import seconds
from tests.clocks import ManualClock

BUILT_IN = 1001
PING: dict[str, Any] = {
    "fw": 5080, "lts": 3, "type": "ping", "af": 4, "dst_name": "193.0.14.129", "dst_addr": "193.0.14.129",
    "src_addr": "10.0.0.2", "from": "198.51.100.7", "proto": "ICMP", "size": 64, "ttl": 57, "step": 240, "sent": 1,
    "rcvd": 1, "dup": 0, "min": 5.0, "max": 5.0, "avg": 5.0, "result": [{"rtt": 5.0}],
}  # fmt: skip


class Bench:
    """An Atlas, a clock and a database, and a collector between them."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.clock = ManualClock()
        self.atlas = MemoryAtlas(self.clock)
        self.atlas.know_built_in(
            {"id": BUILT_IN, "type": "ping", "af": 4, "target": "k.root-servers.net", "interval": 240, "start_time": 0,
             "is_oneoff": False, "status": {"id": 2, "name": "Ongoing"}, "stop_time": None}
        )  # fmt: skip
        self.fetcher = Fetcher(
            transaction=transactions(engine), atlas=self.atlas, clock=self.clock, preparer=Preparer(1),
            label=Label.REHEARSED, origin="http://atlas.example",
        )  # fmt: skip

    @property
    def now(self) -> int:
        return seconds(self.clock.now())

    def follow(self) -> None:
        follow_measurement(
            transactions(self.engine), self.atlas, self.clock, atlas_id=BUILT_IN, label=Label.REHEARSED,
            origin="http://atlas.example",
        )  # fmt: skip

    def followed(self) -> Followed:
        with reading(self.engine) as connection:
            found = find_followed(connection, Label.REHEARSED, BUILT_IN)
        assert found
        return found

    def report(self, probe_id: int, at: int, *, late: int = 60) -> None:
        self.atlas.hand_in(BUILT_IN, probe_id, at, stored_at=at + late, **PING)

    def held(self) -> list[tuple[int, int]]:
        with reading(self.engine) as connection:
            rows = connection.execute(text("SELECT probe_id, measured_at FROM results ORDER BY 1, 2"))
            return [(row[0], row[1]) for row in rows]

    def pass_time(self, **duration: float) -> None:
        self.clock.advance(timedelta(**duration).total_seconds())


@pytest.fixture
def bench(engine: Engine) -> Bench:
    made = Bench(engine)
    made.follow()
    return made


def test_a_poll_brings_what_is_new_and_again_nothing(bench: Bench) -> None:
    start = bench.now
    for at in range(start, start + 600, 240):
        bench.report(9_100_001, at)
    bench.pass_time(minutes=12)
    first = poll(bench.fetcher, bench.followed())
    again = poll(bench.fetcher, bench.followed())
    assert (first.kept, again.kept, again.duplicate) == (3, 0, 3)
    assert bench.held() == [(9_100_001, at) for at in range(start, start + 600, 240)]


def test_what_is_collected_names_its_source_and_is_labelled(bench: Bench) -> None:
    bench.report(9_100_001, bench.now)
    bench.pass_time(minutes=10)
    poll(bench.fetcher, bench.followed())
    with reading(bench.engine) as connection:
        assert connection.execute(text("SELECT DISTINCT label FROM results")).scalars().all() == ["rehearsed"]
        sources = connection.execute(text("SELECT kind, name FROM sources")).all()
    assert [tuple(source) for source in sources] == [("atlas", "http://atlas.example/measurements/1001/results")]


def test_an_upload_that_is_hours_late_is_found_by_a_re_check(bench: Bench) -> None:
    at = bench.now + 60
    bench.report(9_100_001, at, late=6 * 3_600)
    bench.report(9_100_001, at + 240)
    bench.pass_time(minutes=20)
    poll(bench.fetcher, bench.followed())
    assert bench.held() == [(9_100_001, at + 240)]
    bench.pass_time(hours=24)
    poll(bench.fetcher, bench.followed())
    assert bench.held() == [(9_100_001, at + 240)], "it is older than a poll's overlap"
    recheck(bench.fetcher, bench.followed())
    assert bench.held() == [(9_100_001, at), (9_100_001, at + 240)]


def test_a_probe_that_was_cut_off_is_caught_up_when_it_is_heard_again(bench: Bench) -> None:
    start = bench.now
    bench.report(9_100_001, start)
    for hour in range(1, 30):
        bench.report(9_100_001, start + hour * 3_600, late=(30 - hour) * 3_600)
        bench.report(9_100_002, start + hour * 3_600)
    for _ in range(31 * 6):
        bench.pass_time(minutes=10)
        poll(bench.fetcher, bench.followed())
    assert [probe for probe, _ in bench.held()].count(9_100_001) == 1, "nothing new of it was heard yet"
    bench.report(9_100_001, bench.now)
    bench.pass_time(minutes=10)
    poll(bench.fetcher, bench.followed())
    assert [probe for probe, _ in bench.held()].count(9_100_001) == 31, "what it owed came with its first new result"


def test_a_body_that_is_cut_off_is_asked_for_in_halves(bench: Bench) -> None:
    start = bench.now
    for at in range(start, start + 6_000, 60):
        bench.report(9_100_001, at)
    bench.pass_time(hours=2)
    cut = CutOff("cut off", phase=Phase.READ)
    bench.atlas.fail_next("results", cut, cut)
    fetched = poll(bench.fetcher, bench.followed())
    assert fetched.n_halved == 2
    assert len(bench.held()) == 100


def test_a_poll_that_fails_moves_no_watermark_and_the_next_one_finds_everything(bench: Bench) -> None:
    start = bench.now
    for at in range(start, start + 600, 60):
        bench.report(9_100_001, at)
    bench.pass_time(minutes=20)
    before = bench.followed().position
    bench.atlas.fail_next("results", ServerFailed("502", phase=Phase.READ, status=502))
    with pytest.raises(ServerFailed):
        poll(bench.fetcher, bench.followed())
    assert bench.followed().position == before
    bench.pass_time(days=2)
    poll(bench.fetcher, bench.followed())
    assert len(bench.held()) == 10


def test_what_ended_is_settled_after_its_last_re_check_and_not_before(bench: Bench) -> None:
    with transactions(bench.engine)() as connection:
        save_stop(connection, bench.followed(), bench.now + 3_600)
    bench.pass_time(hours=1)
    recheck(bench.fetcher, bench.followed())
    assert bench.followed().settled_at is None
    bench.pass_time(seconds=SETTLED_AFTER_S)
    recheck(bench.fetcher, bench.followed())
    assert bench.followed().settled_at == bench.now


def test_every_batch_is_told_so_that_a_lease_can_be_renewed(bench: Bench) -> None:
    told: list[int] = []
    on_batch: Callable[[Fetched], None] = lambda fetched: told.append(fetched.read)  # noqa: E731 - typed
    fetcher = Fetcher(
        transaction=bench.fetcher.transaction, atlas=bench.atlas, clock=bench.clock, preparer=Preparer(1),
        label=Label.REHEARSED, origin="http://atlas.example", on_batch=on_batch,
    )  # fmt: skip
    bench.report(9_100_001, bench.now)
    bench.pass_time(minutes=10)
    fetcher.fetch(BUILT_IN, Window(bench.now - 600, None), Fetched())
    assert told == [1]
