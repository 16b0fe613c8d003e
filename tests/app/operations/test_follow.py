"""Following and backfilling: taken up again where it was cut off."""

import pytest
from sqlalchemy import Engine, text

from app.operations.backfill import backfill
from app.operations.collect_measurement import poll
from app.operations.fetch_window import Fetched
from app.operations.follow_measurement import follow_measurement
from app.operations.list_followed import followed_entries, followed_on_the_wire
from app.operations.refresh_measurement import refresh_measurement
from app.operations.sight import MACHINE, sight_of
from app.store.engine import reading, transactions
from app.store.followed import unfollow
from measurements.atlas.failures import CutOff, Phase, ServerFailed
from measurements.atlas.gateway import Plan
from measurements.definitions.ping import Ping
from measurements.errors import InvalidFilter
from measurements.results.outcome import Label
from measurements.selections import ProbeSelection, SelectedBy
from tests.collecting import BUILT_IN, Bench, follow, know, probe

DAY = 86_400


@pytest.fixture
def bench(engine: Engine) -> Bench:
    return Bench(engine)


def test_a_backfill_goes_on_where_it_was_cut_off(bench: Bench) -> None:
    end = bench.now // DAY * DAY - 2 * DAY
    for at in range(end - 4 * DAY, end, 3_600):
        bench.report(9_100_001, at)
    bench.atlas.calls.clear()
    failed = ServerFailed("500", phase=Phase.READ, status=500)
    cut = CutOff("cut", phase=Phase.READ)
    bench.atlas.fail_next("results", cut, failed)

    def run() -> Fetched:
        return backfill(
            bench.fetcher, atlas_ids=[BUILT_IN], probe_ids=[9_100_001], from_at=end - 4 * DAY, to_at=end
        )  # fmt: skip

    with pytest.raises(ServerFailed):
        run()
    first = len(bench.held())
    second = run()
    assert second.kept == 96 - first
    assert len(bench.held()) == 96
    bench.atlas.calls.clear()
    assert run().n_requests == 0, "everything was fetched to its end"
    assert "results" not in bench.atlas.calls


def test_what_is_younger_than_a_day_is_asked_for_again(bench: Bench) -> None:
    bench.report(9_100_001, bench.now - 3_600)
    span = {"atlas_ids": [BUILT_IN], "probe_ids": [9_100_001], "from_at": bench.now - 7_200, "to_at": bench.now}
    assert backfill(bench.fetcher, **span).kept == 1  # type: ignore[arg-type] # a mapping of two types
    assert backfill(bench.fetcher, **span).duplicate == 1  # type: ignore[arg-type] # as above


def test_what_the_platform_says_of_its_end_is_noted(bench: Bench) -> None:
    bench.atlas.know_probes(probe(9_100_001, "TJ", status={"id": 1, "name": "Connected"}))
    plan = Plan(
        definitions=(Ping(target="192.0.2.1", address_family=4, description="rehearsal"),),
        selections=(ProbeSelection(by=SelectedBy.COUNTRY, value="TJ", requested=1),),
        tag="rasad-1",
    )
    [atlas_id] = bench.atlas.dispatch(plan)
    bench.follow(atlas_id)
    bench.pass_time(hours=1)
    bench.atlas.stop(atlas_id)
    refresh_measurement(
        transactions(bench.engine), bench.atlas, bench.clock, bench.followed(atlas_id), "http://atlas.example"
    )  # fmt: skip
    assert bench.followed(atlas_id).position.stop_at == bench.now


def test_probes_are_kept_by_the_time_at_which_they_were_so(bench: Bench) -> None:
    know(bench, probe(5, "KZ", status={"id": 1, "name": "Connected"}))
    bench.pass_time(days=1)
    know(bench, probe(5, "KZ", status={"id": 1, "name": "Connected"}))
    bench.pass_time(days=1)
    know(bench, probe(5, "KZ", status={"id": 2, "name": "Disconnected"}))
    with reading(bench.engine) as connection:
        rows = connection.execute(text("SELECT status FROM probe_snapshots ORDER BY observed_at")).scalars().all()
    assert rows == ["Connected", "Disconnected"]


def test_the_list_says_who_is_silent_and_how_old_everything_is(bench: Bench) -> None:
    bench.follow()
    bench.report(9_100_001, bench.now)
    bench.report(9_100_002, bench.now)
    bench.pass_time(hours=6)
    poll(bench.fetcher, bench.followed())
    with reading(bench.engine) as connection:
        [entry] = followed_entries(connection, Label.REHEARSED, bench.now, sight_of(connection, MACHINE, 0)).entries
    wire = followed_on_the_wire(entry)
    assert (wire["age_s"], wire["is_stale"], wire["n_heard"], wire["n_silent"]) == (6 * 3_600, True, 2, 2)
    assert wire["silent"][0]["silent_for_s"] == 6 * 3_600


def test_nobody_is_silent_before_anything_could_be_heard(bench: Bench) -> None:
    """Followed from days ago, a minute ago: what is wanted of the past is no age, and no alarm."""
    follow_measurement(
        transactions(bench.engine), bench.atlas, bench.clock, atlas_id=BUILT_IN, label=Label.REHEARSED,
        origin="http://atlas.example", since_at=bench.now - 5 * DAY, probe_ids=[9_100_001],
    )  # fmt: skip
    told = []
    for hours in (0.1, 3):
        bench.pass_time(hours=hours)
        with reading(bench.engine) as connection:
            [entry] = followed_entries(connection, Label.REHEARSED, bench.now, sight_of(connection, MACHINE, 0)).entries
        told.append((entry.silence.is_stale, len(entry.silence.silent), entry.silence.age_s))
    assert told == [(False, 0, 360), (True, 1, 3 * 3_600 + 360)]


def test_what_is_followed_no_longer_keeps_its_results(bench: Bench) -> None:
    bench.follow()
    bench.report(9_100_001, bench.now)
    bench.pass_time(minutes=10)
    poll(bench.fetcher, bench.followed())
    with transactions(bench.engine)() as connection:
        assert unfollow(connection, BUILT_IN, Label.REHEARSED)
        assert not unfollow(connection, BUILT_IN, Label.REHEARSED)
    assert len(bench.held()) == 1


def test_no_probe_is_not_all_probes(bench: Bench) -> None:
    with pytest.raises(InvalidFilter):
        follow(bench, [])
