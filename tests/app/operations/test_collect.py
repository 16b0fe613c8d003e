"""Collecting from an Atlas in memory: complete, once each, whatever fails in between."""

from collections.abc import Callable
from dataclasses import replace
from unittest.mock import ANY

import pytest
from sqlalchemy import Engine, text

from app.operations.collect_measurement import poll, recheck
from app.operations.fetch_window import Fetched, Fetcher
from app.operations.prepare_records import Preparer
from app.store.engine import reading, transactions
from app.store.followed import save_owed, save_poll, save_stop, unfollow
from measurements.atlas.failures import AtlasFailure, CutOff, Phase, ServerFailed, TimedOut
from measurements.campaigns.collecting import SETTLED_AFTER_S, Owed, Window
from measurements.errors import Stopped
from measurements.results.outcome import Label
from tests.collecting import BUILT_IN, Bench

DAY = 86_400


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


def test_what_a_probe_owes_after_weeks_is_found_though_its_newest_result_comes_first(bench: Bench) -> None:
    start = bench.now
    back = start + 20 * DAY
    bench.report(9_100_001, start)
    bench.report(9_100_001, start + 2 * DAY, late=18 * DAY + 5 * 3_600)
    bench.report(9_100_001, back)
    for _ in range(21 * 24):
        bench.pass_time(hours=1)
        poll(bench.fetcher, bench.followed())
        recheck(bench.fetcher, bench.followed())
    assert (9_100_001, start + 2 * DAY) in bench.held()
    assert bench.followed().position.owed == {9_100_001: Owed(ANY, ANY, 12 * 3_600)}, "it may owe more"

    for _ in range(8 * 24):
        bench.pass_time(hours=1)
        recheck(bench.fetcher, bench.followed())
    assert bench.followed().position.owed == {}


def test_a_reminder_that_fails_is_repeated(bench: Bench) -> None:
    start = bench.now
    bench.report(9_100_001, start)
    bench.pass_time(days=4)
    poll(bench.fetcher, bench.followed())
    bench.report(9_100_001, bench.now)
    bench.pass_time(minutes=10)
    poll(bench.fetcher, bench.followed())
    recheck(bench.fetcher, bench.followed())
    bench.report(9_100_001, start + 240, late=4 * DAY + 1_800)
    bench.pass_time(hours=1)
    owed = bench.followed().position.owed
    bench.atlas.fail_next("results", *[ServerFailed("502", phase=Phase.READ, status=502)] * 2)

    with pytest.raises(ServerFailed):
        recheck(bench.fetcher, bench.followed())

    assert bench.followed().position.owed == owed != {}
    recheck(bench.fetcher, bench.followed())
    assert (9_100_001, start + 240) in bench.held()
    assert {one.asked_s for one in bench.followed().position.owed.values()} == {3_600}


def test_a_probe_that_goes_away_again_while_it_is_reminded_owes_everything_anew(bench: Bench) -> None:
    position = bench.followed().position
    first = position._replace(owed={9_100_001: Owed(1, 2, 0)})
    second = position._replace(owed={9_100_001: Owed(1, 3, 0)})
    with transactions(bench.engine)() as connection:
        save_poll(connection, bench.followed(), first, bench.now)
    reminded = bench.followed()
    with transactions(bench.engine)() as connection:
        save_poll(connection, bench.followed(), second, bench.now)
        save_owed(connection, reminded, {9_100_001: None})
    assert bench.followed().position.owed == second.owed


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


def test_every_question_and_batch_is_told_so_that_a_lease_can_be_renewed(bench: Bench) -> None:
    told: list[int] = []
    on_batch: Callable[[Fetched], None] = lambda fetched: told.append(fetched.read)  # noqa: E731 - typed
    fetcher = Fetcher(
        transaction=bench.fetcher.transaction, atlas=bench.atlas, clock=bench.clock, preparer=Preparer(1),
        label=Label.REHEARSED, origin="http://atlas.example", on_batch=on_batch,
    )  # fmt: skip
    bench.report(9_100_001, bench.now)
    bench.pass_time(minutes=10)
    fetcher.fetch(BUILT_IN, Window(bench.now - 600, None), Fetched())
    assert told == [0, 1]


def test_a_server_that_says_nothing_is_not_asked_in_halves(bench: Bench) -> None:
    bench.pass_time(hours=2)
    bench.atlas.fail_next("results", TimedOut("nothing came", phase=Phase.WAIT))
    with pytest.raises(TimedOut):
        poll(bench.fetcher, bench.followed())
    assert bench.atlas.calls.count("results") == 1


@pytest.mark.parametrize(
    "failure",
    [TimedOut("nothing came", phase=Phase.WAIT), ServerFailed("504", phase=Phase.READ, status=504)],
    ids=["silence", "gateway"],
)
def test_a_day_that_is_too_much_to_be_gathered_in_time_is_asked_for_in_parts(
    bench: Bench, failure: AtlasFailure
) -> None:
    """Else it would fail for ever: something on the way gives up after half a minute, whatever we do."""
    start = bench.now
    for hour in range(40):
        bench.report(9_100_001, start + hour * 3_600)
    bench.pass_time(hours=41)
    bench.atlas.fail_next("results", failure, failure)
    fetched = poll(bench.fetcher, bench.followed())
    assert (fetched.n_halved, len(bench.held())) == (2, 40)


def test_a_server_that_is_away_is_not_asked_for_ever_less(bench: Bench) -> None:
    """A day, half of it, a quarter, three hours: then it is left."""
    bench.pass_time(hours=16)
    window = Window(bench.now // DAY * DAY - DAY, bench.now // DAY * DAY)
    bench.atlas.fail_next("results", *[TimedOut("nothing came", phase=Phase.WAIT)] * 99)
    with pytest.raises(TimedOut):
        bench.fetcher.fetch(BUILT_IN, window, Fetched())
    assert bench.atlas.calls.count("results") == 4


def test_one_bad_day_keeps_nothing_newer_from_coming_and_is_asked_for_again(bench: Bench) -> None:
    start = bench.now
    for hour in range(96):
        bench.report(9_100_001, start + hour * 3_600)
    bench.pass_time(hours=97)
    bench.atlas.fail_next("results", ServerFailed("500", phase=Phase.READ, status=500))
    with pytest.raises(ServerFailed):
        poll(bench.fetcher, bench.followed())
    held = len(bench.held())
    assert 60 < held < 96, "all but what had failed"
    assert bench.followed().position.polled_until_at == start
    poll(bench.fetcher, bench.followed())
    assert len(bench.held()) == 96


def test_a_long_poll_goes_on_where_it_was_cut_off(bench: Bench) -> None:
    bench.pass_time(days=5)
    told: list[int] = []

    def stop_at_the_third(_: Fetched) -> None:
        told.append(1)
        if len(told) == 3:
            raise Stopped("the worker was asked to end")

    fetcher = replace(bench.fetcher, on_batch=stop_at_the_third)
    before = bench.followed().position.polled_until_at
    with pytest.raises(Stopped):
        poll(fetcher, bench.followed())
    assert bench.followed().position.polled_until_at > before + 86_400


def test_a_clock_that_was_ahead_once_loses_nothing(bench: Bench) -> None:
    start = bench.now
    bench.report(9_100_001, start)
    bench.pass_time(days=30)
    poll(bench.fetcher, bench.followed())
    recheck(bench.fetcher, bench.followed())
    bench.pass_time(days=-29)
    for hour in range(1, 24):
        bench.report(9_100_001, start + hour * 3_600)
    poll(bench.fetcher, bench.followed())
    assert len(bench.held()) == 24
    assert bench.followed().position.polled_until_at == bench.now


def test_a_poll_of_what_was_followed_anew_meanwhile_moves_no_mark(bench: Bench) -> None:
    stale = bench.followed()
    with transactions(bench.engine)() as connection:
        assert unfollow(connection, BUILT_IN, Label.REHEARSED)
    bench.pass_time(days=1)
    bench.follow()
    since = bench.followed().position.since_at
    bench.pass_time(days=1)
    poll(bench.fetcher, stale)
    recheck(bench.fetcher, stale)
    assert bench.followed().position.polled_until_at == since


def test_a_re_check_of_what_is_followed_no_longer_ends_quietly(bench: Bench) -> None:
    stale = bench.followed()
    with transactions(bench.engine)() as connection:
        assert unfollow(connection, BUILT_IN, Label.REHEARSED)
    bench.pass_time(days=2)
    recheck(bench.fetcher, stale)


def test_what_is_read_again_and_again_is_one_delivery(bench: Bench) -> None:
    bench.report(9_100_001, bench.now)
    for _ in range(3):
        bench.pass_time(minutes=5)
        poll(bench.fetcher, bench.followed())
    with reading(bench.engine) as connection:
        assert connection.execute(text("SELECT count(*) FROM deliveries")).scalar_one() == 1
