"""What others have measured: none of it is read from Tajikistan unless the three parties say so."""

from dataclasses import replace

import pytest
from sqlalchemy import Engine

from app.operations import keep_memorandum
from app.operations.backfill import backfill
from app.operations.collect_measurement import poll, recheck
from app.operations.refresh_registry import refresh_registry
from app.operations.require_agreed import NotYetAgreed
from app.operations.take_stream import wanted_of_stream
from app.store.engine import reading, transactions, writing
from app.store.followed import list_followed
from measurements.agreements.parties import Party
from measurements.atlas.failures import NotAgreed
from measurements.atlas.gateway import Subscription
from measurements.atlas.memory import MemoryAtlas
from measurements.results.outcome import Label
from tests.agreeing import Parties
from tests.collecting import BUILT_IN, Bench, follow, know, probe
from tests.measurements.ripestat.serving import knowing

DAY = 86_400


class RealAtlas(MemoryAtlas):
    """One that cannot be shown to be a rehearsal."""

    def require_rehearsal(self) -> None:
        """It is none."""
        raise NotAgreed("this is RIPE Atlas itself")


@pytest.fixture
def bench(engine: Engine) -> Bench:
    return Bench(engine)


@pytest.fixture
def real(bench: Bench) -> Bench:
    atlas = RealAtlas(bench.clock)
    atlas.know_built_in(bench.atlas.measurement(BUILT_IN).record)
    bench.atlas = atlas
    look_up_registry(bench)
    return bench


def look_up_registry(bench: Bench) -> None:
    refresh_registry(
        transactions(bench.engine),
        knowing(bench.clock),
        bench.clock,
        label=Label.MEASURED,
        origin="https://stat.example",
    )


@pytest.mark.parametrize(
    ("probe_ids", "concern"),
    [(None, "all participants"), ([1], "is or was in Tajikistan"), ([2, 3], "where probe 3 is"), ([4], "is or was")],
)
def test_the_real_platform_is_not_followed_where_data_from_tajikistan_could_come(
    real: Bench, probe_ids: list[int] | None, concern: str
) -> None:
    know(real, probe(1, "TJ"), probe(2, "DE"), probe(4, "TJ"))
    real.pass_time(days=2)
    know(real, probe(4, "UZ"))
    with pytest.raises(NotYetAgreed, match=concern):
        follow(real, probe_ids)
    with reading(real.engine) as connection:
        assert list_followed(connection, Label.MEASURED) == []


def test_probes_that_are_known_to_be_elsewhere_are_followed(real: Bench) -> None:
    know(real, probe(2, "DE"))
    follow(real, [2])
    with reading(real.engine) as connection:
        assert [one.position.probe_ids for one in list_followed(connection, Label.MEASURED)] == [(2,)]


def test_what_was_followed_before_its_probes_came_to_tajikistan_is_collected_no_longer(real: Bench) -> None:
    """Neither by a poll, whoever asks for one, nor by a re-check, nor by the stream."""
    know(real, probe(2, "DE"))
    follow(real, [2])
    real.fetcher = replace(real.fetcher_of(real.atlas), label=Label.MEASURED)
    with reading(real.engine) as connection:
        [followed] = list_followed(connection, Label.MEASURED)
        assert wanted_of_stream(connection, real.atlas, Label.MEASURED, real.now) == [Subscription(BUILT_IN, 2)]
    real.pass_time(days=2)
    know(real, probe(2, "TJ"))

    for ask in (poll, recheck):
        with pytest.raises(NotYetAgreed, match="is or was in Tajikistan"):
            ask(real.fetcher, followed)
    assert "results" not in real.atlas.calls
    with reading(real.engine) as connection:
        assert wanted_of_stream(connection, real.atlas, Label.MEASURED, real.now) == []


@pytest.mark.parametrize(
    ("more", "concern"),
    [
        ({"type": "ping", "target": "www.nic.tj", "target_ip": "203.0.113.200"}, "under .tj"),
        ({"type": "ping", "target": "192.0.2.1"}, "registered to Tajikistan"),
        ({"type": "ping", "target": "203.0.113.200", "resolved_ips": ["203.0.113.200", "192.0.2.1"]}, "registered to"),
        ({"type": "ping", "target": "www.example.org"}, "to which address"),
        ({"type": "dns", "use_probe_resolver": True, "query_argument": "president.TJ."}, "asks for a name under .tj"),
        ({"type": "ping", "target": "203.0.113.200"}, None),
        ({"type": "dns", "use_probe_resolver": True, "query_argument": "example.org"}, None),
    ],
)
def test_what_others_measure_about_tajik_institutions_is_not_read_from_wherever(
    real: Bench, more: dict[str, object], concern: str | None
) -> None:
    real.atlas.know_built_in({**real.atlas.measurement(BUILT_IN).record, "target": None, "id": 5_000_001, **more})
    know(real, probe(2, "DE"))
    if concern is None:
        follow(real, [2], 5_000_001)
        return
    with pytest.raises(NotYetAgreed, match=concern):
        follow(real, [2], 5_000_001)
    with reading(real.engine) as connection:
        assert list_followed(connection, Label.MEASURED) == []


def test_what_is_tajik_has_to_be_known_before_anything_is_read(real: Bench) -> None:
    know(real, probe(2, "DE"))
    real.pass_time(days=31)
    with pytest.raises(NotYetAgreed, match="was not looked up lately"):
        follow(real, [2])
    look_up_registry(real)
    follow(real, [2])


def test_what_is_public_is_read_once_the_three_parties_have_said_so(parties: Parties) -> None:
    """And no longer once they say otherwise."""
    bench = Bench(parties.engine)
    atlas = RealAtlas(bench.clock)
    atlas.know_built_in(bench.atlas.measurement(BUILT_IN).record)
    bench.atlas, bench.clock = atlas, parties.clock
    with pytest.raises(NotYetAgreed, match="have not agreed that public results may be read"):
        follow(bench, None)
    amend(parties, is_reading_allowed=True)

    follow(bench, None)
    parties.clock.advance(DAY)
    amend(parties, is_reading_allowed=False)

    with reading(bench.engine) as connection:
        [followed] = list_followed(connection, Label.MEASURED)
    with pytest.raises(NotYetAgreed):
        poll(replace(bench.fetcher_of(atlas), label=Label.MEASURED), followed)


def amend(parties: Parties, *, is_reading_allowed: bool) -> None:
    with writing(parties.engine) as connection:
        number = keep_memorandum.propose_amendment(
            parties.acting(connection, Party.RIPE_NCC), text="Reading", is_reading_allowed=is_reading_allowed
        )
    for party in Party:
        with writing(parties.engine) as connection:
            keep_memorandum.approve_amendment(parties.acting(connection, party), number)


def test_a_rehearsal_is_followed_whole(bench: Bench) -> None:
    follow(bench, None)
    with reading(bench.engine) as connection:
        assert [one.position.probe_ids for one in list_followed(connection, Label.MEASURED)] == [None]


def test_tajik_probes_are_not_backfilled_from_the_real_platform(real: Bench) -> None:
    know(real, probe(1, "TJ"))
    real.fetcher = real.fetcher_of(real.atlas)
    with pytest.raises(NotYetAgreed):
        backfill(real.fetcher, atlas_ids=[BUILT_IN], probe_ids=[1], from_at=real.now - DAY, to_at=real.now)
    assert "results" not in real.atlas.calls


def test_a_probe_that_came_to_tajikistan_is_refused_though_what_is_held_says_otherwise(real: Bench) -> None:
    know(real, probe(2, "DE"))
    real.pass_time(days=1)
    real.atlas.know_probes(probe(2, "TJ"))
    with pytest.raises(NotYetAgreed, match="is or was in Tajikistan"):
        follow(real, [2])
