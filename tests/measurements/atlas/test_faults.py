"""The client before a rehearsal in which something goes wrong again and again."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from measurements.atlas.failures import AnswerLost, CutOff
from measurements.atlas.gateway import AtlasGateway, StreamEvent, Subscription
from tests.measurements.atlas.plans import plan
from tests.measurements.atlas.stages import QUICK, SETTLED_S, RehearsedStage, results
from tests.rehearsing import RehearsedAtlas, rehearsing

ON_LOOKING_UP: list[dict[str, Any]] = [
    {"kind": "too_many_requests", "every": 5, "retry_after_s": 0, "method": "GET"},
    {"kind": "too_many_requests", "every": 7, "method": "GET"},
    {"kind": "server_error", "every": 3, "method": "GET"},
    {"kind": "bad_gateway", "every": 4, "method": "GET"},
]


@contextmanager
def before(*rules: dict[str, Any]) -> Iterator[tuple[RehearsedAtlas, RehearsedStage]]:
    """A client before a rehearsal with these faults."""
    with rehearsing(rules=rules) as rehearsed:
        stage = RehearsedStage(rehearsed, rehearsed.http, replace(QUICK, retry_s=30))
        try:
            yield rehearsed, stage
        finally:
            stage.client.close()


def test_what_was_created_unheard_is_found_once() -> None:
    """The reply was lost; the measurement was not."""
    with before({"kind": "reply_lost", "every": 1, "limit": 1}) as (_, stage):
        with pytest.raises(AnswerLost) as lost:
            stage.atlas.dispatch(plan(tag="rasad-lost"))

        assert lost.value.tag == "rasad-lost"
        assert [one.tags for one in stage.atlas.find_by_tag("rasad-lost")] == [("rasad-lost",)]


def test_looking_up_and_reading_go_on_through_every_refusal() -> None:
    """Nothing is missing, nothing is there twice."""
    with before(*ON_LOOKING_UP) as (rehearsed, stage):
        (atlas_id,) = stage.atlas.dispatch(plan())
        stage.advance(86_400)
        for _ in range(5):
            assert stage.atlas.measurement(atlas_id).atlas_id == atlas_id
            assert len(list(stage.atlas.probes({}))) == 12
            assert len(stage.atlas.participants(atlas_id).probe_ids) == 2
            assert len(results(stage.atlas, atlas_id, start_at=0)) == len(rehearsed.ledger(atlas_id, until=stage.now()))


def test_a_cut_body_is_known_to_be_cut_and_can_be_read_again() -> None:
    """Every second one is."""
    with before({"kind": "cut_body", "every": 2, "path": "*/results/"}) as (rehearsed, stage):
        (atlas_id,) = stage.atlas.dispatch(plan())
        stage.advance(86_400)
        expected = len(rehearsed.ledger(atlas_id, until=stage.now()))

        lengths = sorted(len(_read_until_cut(stage.atlas, atlas_id)) for _ in range(4))

    assert lengths[2:] == [expected, expected]
    assert 0 < lengths[0] == lengths[1] < expected


def _read_until_cut(atlas: AtlasGateway, atlas_id: int) -> list[bytes]:
    found: list[bytes] = []
    with atlas.results(atlas_id, start_at=0) as reader:
        try:
            found.extend(reader)
        except CutOff:
            assert not reader.is_complete
        else:
            assert reader.is_complete
    return found


@pytest.mark.parametrize("kind", ["stream_closed", "stream_broken"])
def test_a_stream_that_is_cut_comes_back_with_what_it_missed(kind: str) -> None:
    """Closed as agreed, or broken off, soon after it was opened."""
    events: list[StreamEvent] = []
    with before({"kind": kind, "every": 1, "after_s": 0.5}) as (_, stage):
        (atlas_id,) = stage.atlas.dispatch(plan())
        stage.advance(SETTLED_S)
        with stage.atlas.stream([Subscription(atlas_id)], lambda event, _: events.append(event)) as stream:
            found: set[bytes] = set()
            while stream.n_reconnects < 2:
                if (line := stream.take(0.2)) is None:  # else time would run away from whoever must keep up with it
                    stage.advance(240)
                else:
                    found.add(line)

    assert found
    assert events == [StreamEvent.CONNECTED, StreamEvent.LOST]
