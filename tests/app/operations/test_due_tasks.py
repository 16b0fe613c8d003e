"""What a worker does for each followed measurement, what it notes of it, and what it leaves alone."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest
from sqlalchemy import Engine

from app.operations.due_tasks import POLL_EVERY_S, TURN_S, Tasks
from app.operations.fetch_window import Fetched, Fetcher
from app.operations.run_due import run_due
from app.store.engine import reading, transactions
from measurements.atlas.failures import NotAgreed, Phase, ServerFailed
from measurements.atlas.memory import MemoryAtlas
from measurements.errors import Stopped
from tests.collecting import BUILT_IN, Bench

FAILED = ServerFailed("502", phase=Phase.READ, status=502)


@pytest.fixture
def bench(engine: Engine) -> Bench:
    made = Bench(engine)
    made.follow()
    return made


def work(bench: Bench, on_batch: Callable[[], None] = lambda: None) -> None:
    """Run what is due once; `on_batch` comes between, before every question."""

    def fetcher_for(renew: Callable[[Fetched], None]) -> Fetcher:
        def both(fetched: Fetched) -> None:
            renew(fetched)
            on_batch()

        return replace(bench.fetcher, on_batch=both)

    tasks = Tasks(
        snapshot=partial(reading, bench.engine), fetcher_for=fetcher_for, tend=lambda: None, seal=lambda _: None
    )
    run_due(transactions(bench.engine), bench.clock, tasks, worker="a")


def test_why_a_poll_failed_is_noted_until_one_succeeds(bench: Bench) -> None:
    bench.atlas.fail_next("results", FAILED)
    work(bench)
    failed_at = bench.now
    assert (bench.followed().failure, bench.followed().failing_since_at) == ("poll: 502", failed_at)
    bench.pass_time(seconds=POLL_EVERY_S)
    work(bench)
    assert (bench.followed().failure, bench.followed().failing_since_at) == (None, None)


def test_a_poll_that_was_stopped_neither_failed_nor_succeeded(bench: Bench) -> None:
    """A worker that is begun anew every night would else forget since when a measurement fails."""
    bench.atlas.fail_next("results", FAILED)
    work(bench)
    noted = bench.followed()
    bench.pass_time(seconds=POLL_EVERY_S)

    def stop() -> None:
        raise Stopped("the worker was asked to end")

    with pytest.raises(Stopped):
        work(bench, stop)
    assert (bench.followed().failure, bench.followed().failing_since_at) == (noted.failure, noted.failing_since_at)


class RealAtlas(MemoryAtlas):
    """One that cannot be shown to be a rehearsal."""

    def require_rehearsal(self) -> None:
        """It is none."""
        raise NotAgreed("this is RIPE Atlas itself")


def test_what_may_be_collected_no_longer_is_not_and_the_reason_is_noted(bench: Bench) -> None:
    """It was followed on a rehearsal; or its probes came to Tajikistan since."""
    atlas = RealAtlas(bench.clock)
    atlas.know_built_in(bench.atlas.measurement(BUILT_IN).record)
    bench.fetcher = bench.fetcher_of(atlas)
    bench.pass_time(days=1)
    work(bench)
    assert "not agreed that public results" in str(bench.followed().failure)
    assert "results" not in atlas.calls
    assert "measurement" in atlas.calls, "how it stands is no data from there"


def test_where_probes_are_is_asked_again_within_the_hour_when_it_failed_and_then_daily(bench: Bench) -> None:
    bench.report(9_100_001, bench.now)
    bench.pass_time(hours=1)
    work(bench)
    bench.pass_time(days=1)
    bench.atlas.fail_next("probes", FAILED)
    asked = []
    for _ in range(25):
        work(bench)
        asked.append(bench.atlas.calls.count("probes"))
        bench.pass_time(hours=1)
    assert asked[0] == asked[1] - 1 == 1, "it failed, and was asked again"
    assert asked[14] == 2, "once it is known it is known for the day"
    assert asked[15] == asked[-1] == 3


def test_years_of_one_measurement_do_not_keep_others_waiting(bench: Bench) -> None:
    """Its turn is over after some minutes, between two windows, and it goes on at its next."""
    bench.pass_time(days=5)
    began = bench.followed().position.polled_until_at

    def last_long() -> None:
        bench.pass_time(seconds=TURN_S / 2)

    work(bench, last_long)
    polled = bench.followed().position.polled_until_at
    assert 0 < polled - began <= 2 * 86_400

    for _ in range(5):
        bench.pass_time(seconds=POLL_EVERY_S)
        work(bench, last_long)
    assert bench.now - bench.followed().position.polled_until_at < 86_400
