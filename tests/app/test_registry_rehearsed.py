"""RIPEstat and the worker: asked once a day, and never by a rehearsal unless it is on this machine."""

from collections.abc import Iterator
from threading import Event

import pytest
from sqlalchemy import Engine, text

from app.doors import make_ripestat
from app.settings import Settings, UnusableSettings
from app.store.engine import reading
from app.store.find_registry import find_registry
from app.worker import Worker
from measurements.atlas.memory import MemoryAtlas
from measurements.results.outcome import Label
from measurements.units import DAY_S, HOUR_S, seconds
from tests.clocks import ManualClock
from tests.measurements.ripestat.serving import Served, knowing, serving
from tests.network import OutsideNetworkError, attempts

ELSEWHERE = "https://192.0.2.1"
REHEARSAL = "http://127.0.0.1:9"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def served(clock: ManualClock) -> Iterator[Served]:
    """A RIPEstat on this machine."""
    with serving(knowing(clock)) as found:
        yield found


def settings(address: str | None, *, is_rehearsal: bool) -> Settings:
    """With a RIPEstat, or the one that is asked unless set."""
    if address is None:
        return Settings(atlas_url=REHEARSAL, atlas_is_rehearsal=is_rehearsal, stream=False)
    return Settings(atlas_url=REHEARSAL, atlas_is_rehearsal=is_rehearsal, stream=False, ripestat_url=address)


def work(engine: Engine, chosen: Settings, clock: ManualClock) -> None:
    """Everything that is due, once."""
    Worker(settings=chosen, engine=engine, clock=clock, atlas=MemoryAtlas(clock), stop=Event()).wake()


def finished(engine: Engine) -> dict[str, str | None]:
    """Task -> how its last turn failed."""
    with reading(engine) as connection:
        rows = connection.execute(text("SELECT task, failure FROM ticks ORDER BY due_at"))
        return {row.task: row.failure for row in rows}


@pytest.mark.parametrize("address", [None, "https://stat.ripe.net", ELSEWHERE, "https://stat.example"])
def test_a_rehearsal_tries_no_connection_to_the_internet(
    engine: Engine, clock: ManualClock, address: str | None
) -> None:
    """Whatever is set, for days: the guard of the tests has seen no attempt, by name or by address."""
    for _ in range(3):
        work(engine, settings(address, is_rehearsal=True), clock)
        clock.advance(DAY_S)

    assert attempts == []
    assert "rehearsed tend" in finished(engine)
    assert "rehearsed refresh registry" not in finished(engine)


@pytest.mark.parametrize("address", [None, ELSEWHERE])
def test_nor_does_anybody_who_asks_for_the_door_during_one(clock: ManualClock, address: str | None) -> None:
    with (
        pytest.raises(UnusableSettings, match="a rehearsal asks nothing of the Internet"),
        make_ripestat(settings(address, is_rehearsal=True), clock),
    ):
        pytest.fail("there is a door")

    assert attempts == []


def test_without_a_rehearsal_the_real_one_is_asked(engine: Engine, clock: ManualClock) -> None:
    """That the guard would have seen it."""
    with pytest.raises(OutsideNetworkError, match=r"stat\.ripe\.net"):
        work(engine, settings(None, is_rehearsal=False), clock)

    assert len(attempts) == 1
    attempts.clear()


@pytest.mark.parametrize(("is_rehearsal", "label"), [(True, Label.REHEARSED), (False, Label.MEASURED)])
def test_one_on_this_machine_is_asked_once_a_day(
    engine: Engine,
    clock: ManualClock,
    served: Served,
    is_rehearsal: bool,  # noqa: FBT001 - a parameter
    label: Label,
) -> None:
    """And what it says is labelled as what it was asked for."""
    chosen = settings(served.address, is_rehearsal=is_rehearsal)
    for _ in range(3):
        work(engine, chosen, clock)
    assert len(served.questions) == 4
    assert {params["sourceapp"] for _, params in served.questions} == {"rasad"}

    clock.advance(DAY_S)
    work(engine, chosen, clock)
    assert len(served.questions) == 8
    assert finished(engine)[f"{label} refresh registry"] is None
    with reading(engine) as connection:
        found = {one: find_registry(connection, seconds(clock.now()), one) is not None for one in Label}
    assert found == {one: one is label for one in Label}


def test_a_refresh_that_fails_is_said_and_tried_again_within_the_hour(engine: Engine, clock: ManualClock) -> None:
    chosen = settings(REHEARSAL, is_rehearsal=False)

    work(engine, chosen, clock)
    assert "no connection" in (finished(engine)["measured refresh registry"] or "")
    asked = []
    with serving(knowing(clock)) as served:
        for _ in range(20):
            clock.advance(HOUR_S)
            work(engine, settings(served.address, is_rehearsal=False), clock)
            asked.append(len(served.questions))
    assert asked == [4] * 20, "once an hour later, and not again before the next day"
