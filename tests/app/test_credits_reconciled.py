"""A night of dispatches on a rehearsal where much goes wrong: settled is what it charged, to the last credit."""

from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine

from app.operations import keep_treasury
from app.operations.credit_entries import account_entries
from app.operations.find_lost_dispatches import find_lost
from app.operations.reconcile_credits import reconcile
from app.operations.send_dispatches import send_intended
from app.operations.stop_dispatches import decide_again
from app.store import treasury as store
from app.store.catalogue import put_entry
from app.store.dispatches import find_created, find_under_way
from app.store.engine import reading, writing
from measurements.agreements.parties import Party
from measurements.atlas.client import AtlasClient
from measurements.atlas.endpoint import Endpoint, EndpointKind, Keys
from measurements.atlas.failures import AtlasFailure
from measurements.campaigns.limits import PlatformLimits
from measurements.results.outcome import Label
from measurements.units import DAY_S
from tests.agreeing import Parties
from tests.measurements.agreements.making import make_card, make_entry
from tests.measurements.atlas.stages import RehearsedClock
from tests.rehearsing import RehearsedAtlas, rehearsing

HOUR = 3_600
FAULTS: tuple[dict[str, Any], ...] = (
    {"kind": "server_error", "probability": 0.1, "path": "/api/v2/measurements/*"},
    {"kind": "bad_gateway", "probability": 0.1, "path": "/api/v2/measurements/*"},
    {"kind": "reply_lost", "probability": 0.3},
    {"kind": "late", "probability": 0.3, "least_s": 60, "most_s": 5_400},
    {"kind": "duplicate", "probability": 0.2, "least_s": 60, "most_s": 5_400},
    {"kind": "silent", "probability": 0.2},
)
K_ROOT: dict[str, Any] = {"target": "k-root", "address_family": 4}
SOA = {"query_type": "SOA", "query_argument": "."}
CARD = make_card(
    measurements=[
        {**K_ROOT, "type": "ping", "interval_s": 240},
        {**K_ROOT, "type": "traceroute", "interval_s": 900, "parameters": {"size": 1_500}},
        {**K_ROOT, "type": "dns", "interval_s": 240, "parameters": {**SOA, "protocol": "TCP"}},
        {**K_ROOT, "type": "dns", "interval_s": None, "parameters": SOA},
        {**K_ROOT, "type": "ping", "interval_s": None, "parameters": {"packets": 16}},
    ],
    max_packets_per_s="900",
)
ALLOTTED = 100_000
N_TRIES = 30


class JumpingClock(RehearsedClock):
    """Whoever waits has waited."""

    def sleep(self, seconds: float) -> None:
        """Jump ahead."""
        self._rehearsed.advance(seconds)


@pytest.fixture
def rehearsed() -> Iterator[RehearsedAtlas]:
    with rehearsing() as atlas:
        yield atlas


@pytest.mark.acceptance("orchestration.6")
def test_a_night_with_faults_reconciles_to_the_last_credit(engine: Engine, rehearsed: RehearsedAtlas) -> None:
    parties = Parties(engine)
    agreement_id = _agreed(parties)
    clock = parties.clock = JumpingClock(rehearsed)  # type: ignore[assignment]  # it is manual elsewhere
    endpoint = Endpoint(address=rehearsed.http, stream_address=rehearsed.http, kind=EndpointKind.REHEARSAL)
    keys = Keys(create=rehearsed.key, read=rehearsed.key, stop=rehearsed.key)
    with closing(AtlasClient(endpoint, clock, keys=keys)) as atlas:
        opening = atlas.credits().balance
        rehearsed.faults(*FAULTS, seed=5)
        work = parties.transaction, atlas, clock, Label.REHEARSED
        for entry in range(len(CARD.measurements)):
            for _ in range(2):
                parties.intend(agreement_id, entry, n_probes=4, stop_at=parties.now + 2 * HOUR)
        for _ in range(N_TRIES):  # what passes is tried again, with growing pauses
            _until_quiet(rehearsed, lambda: send_intended(*work) + find_lost(*work))
            rehearsed.advance(HOUR / N_TRIES)
        _until_quiet(rehearsed, lambda: len(decide_again(*work, PlatformLimits(concurrent=6)).pending))
        rehearsed.faults()
        rehearsed.advance(9 * HOUR)
        _until_quiet(rehearsed, lambda: send_intended(*work) + find_lost(*work))  # what nobody waits for is given up
        decide_again(*work)

        done = reconcile(*work)
        spent = opening - atlas.credits().balance
        assert done.agrees
        assert spent == done.charged == sum(one.settled for one in done.dispatches) > 0
        assert _account(parties) == {
            "allotted": ALLOTTED,
            "settled": spent,
            "available": ALLOTTED - spent - _held(parties),
        }
        assert all(one.settled >= one.reckoned for one in done.dispatches)

        rehearsed.advance(10 * DAY_S)
        assert reconcile(*work) == done._replace(dispatches=tuple(one._replace(held=0) for one in done.dispatches)), (
            "nothing more came"
        )
        assert _account(parties) == {"allotted": ALLOTTED, "settled": spent, "available": ALLOTTED - spent}
    with reading(engine) as connection:
        created = find_created(connection, Label.REHEARSED)
        assert len(created) >= 6
        assert not find_under_way(connection, Label.REHEARSED)
    assert len({one.atlas_id for one in created}) == len(created)


def _agreed(parties: Parties) -> int:
    with writing(parties.engine) as connection:
        put_entry(connection, make_entry(max_packets_per_s=Decimal(100)), parties.now)
    agreement_id = parties.agree(CARD)
    with writing(parties.engine) as connection:
        acting = parties.acting(connection, Party.RIPE_NCC)
        keep_treasury.allot(acting, Label.REHEARSED, agreement_id, ALLOTTED)
    return agreement_id


def _until_quiet(atlas: RehearsedAtlas, act: Any) -> None:
    """Again and again until nothing is left to do, whatever fails; not for ever."""
    for _ in range(60):
        try:
            if not act():
                return
        except AtlasFailure:
            pass
        atlas.advance(30)
    pytest.fail("it never ends")


def _account(parties: Parties) -> dict[str, int]:
    with reading(parties.engine) as connection:
        (account,) = account_entries(parties.acting(connection, Party.RIPE_NCC))
    return {name: account[name] for name in ("allotted", "settled", "available")}


def _held(parties: Parties) -> int:
    with reading(parties.engine) as connection:
        return sum(one.held for one in store.find_holdings(connection).values())
