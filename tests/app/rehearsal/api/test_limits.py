"""Limits and credits: what is refused for being too much, and what results cost."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from app.rehearsal.api.accounts import BATCH_S
from app.rehearsal.api.platform import Limits
from app.rehearsal.contract import Produced
from tests.app.rehearsal.asking import DNS, PING, TAJIKISTAN, TRACEROUTE, create, mistakes, wanted
from tests.app.rehearsal.tiny import TinyWorld
from tests.rehearsing import EPOCH, RehearsedAtlas, rehearsing

DAY_S = 86_400


def _refused(limits: Limits, *definitions: Any, **root: Any) -> dict[str, str]:
    with rehearsing(limits=limits) as atlas, atlas.client(atlas.key) as client:
        answer = client.post("/measurements/", json=wanted(*definitions, **root))
        assert client.get("/measurements/my/").json()["count"] == 0
        return mistakes(answer)


def test_strangers_count_at_a_target() -> None:
    """Of every type, and whatever the target is called; nobody sees who they are, but that they are there."""
    limits = Limits(strangers={"193.0.14.129": 24})
    with rehearsing(limits=limits) as atlas, atlas.client(atlas.key) as client:
        running = client.get("/measurements/", params={"target_ip": "193.0.14.129", "status": 2, "page_size": 0}).json()
        assert running["count"] == 24 + 1
        number = create(client)
        answer = client.post("/measurements/", json=wanted(DNS))
        text = "We do not allow more than 25 concurrent measurements to the same target: 193.0.14.129."
        assert mistakes(answer) == {"/definitions/0/target": text}
        assert create(client, {**PING, "af": 6}), "another address is another target"
        client.delete(f"/measurements/{number}")
        assert create(client, DNS)


def test_quotas() -> None:
    """Each in its own words; a multiple request is refused whole."""
    free = Limits(strangers={})
    some = [{"type": "area", "value": "WW", "requested": 1001}]
    texts = _refused(free, {**PING, "interval": 3600}, probes=some)
    assert texts == {"/probes": "You are not permitted to use more than 1000 probes per measurement."}
    many = [{"type": "area", "value": "WW", "requested": 900}]
    assert (
        "results per day"
        in _refused(Limits(results_per_day=10_000, strangers={}), PING, probes=[TAJIKISTAN] * 10)["/definitions"]
    )
    assert (
        "credits per day" in _refused(free, {**TRACEROUTE, "packets": 16, "interval": 900}, probes=many)["/definitions"]
    )
    short = {**PING, "interval": 3600, "spread": 10}
    assert "results per second" in _refused(free, short, probes=many)["/definitions/0/spread"]
    assert _refused(Limits(concurrent=1, strangers={}), PING, DNS) == {
        "/definitions": "You are not permitted to run more than 1 concurrent measurements."
    }


def test_charges_come_in_batches_per_result(atlas: RehearsedAtlas, client: httpx.Client) -> None:
    """The balance does not move when something is created, and then by what was delivered."""
    before = client.get("/credits/").json()["current_balance"]
    number = create(client, DNS)
    assert client.get("/credits/").json()["current_balance"] == before
    atlas.advance(BATCH_S)
    credits_ = client.get("/credits/").json()
    batch_at = (EPOCH + BATCH_S) // BATCH_S * BATCH_S
    delivered = len(atlas.ledger(number, until=batch_at))
    assert delivered > 50
    assert before - credits_["current_balance"] == 10 * delivered == credits_["past_day_credits_spent"]
    assert credits_["past_day_measurement_results"] == delivered
    (entry,) = client.get("/credits/transactions/").json()["results"]
    assert (entry["measurement_id"], entry["amount"], entry["results"]) == (number, -10 * delivered, delivered)
    (item,) = client.get("/credits/expense-items/").json()["results"]
    assert item["estimated_daily_cost"] == 10 * 3 * 360 == credits_["estimated_daily_expenditure"]


class _CountingWorld(TinyWorld):
    """Counts what it was made to produce."""

    n_produced = 0

    def results(self, *asked: Any) -> Iterator[Produced]:
        """As ever."""
        for each in super().results(*asked):
            self.n_produced += 1
            yield each


def test_charges_are_worked_out_as_time_goes() -> None:
    """Who asks for credits after weeks need not wait for all that was delivered in them."""
    world = _CountingWorld()
    with rehearsing(world) as atlas, atlas.client(atlas.key) as client:
        create(client)
        for _ in range(14):
            atlas.advance(DAY_S)
            client.get("/probes/")
        before = world.n_produced
        assert before > 14 * 3 * 300
        assert client.get("/credits/").json()["past_day_measurement_results"] > 800
        assert world.n_produced == before


def test_income_comes_daily(atlas: RehearsedAtlas, client: httpx.Client) -> None:
    """For the probes that are hosted."""
    before = client.get("/credits/").json()["current_balance"]
    atlas.advance(3 * DAY_S)
    assert client.get("/credits/").json()["current_balance"] == before + 3 * 3 * 21_600
    assert client.get("/credits/income-items/").json()["count"] == 3


def test_who_cannot_pay_is_stopped() -> None:
    """At the batch that empties the account; also when nobody asks for credits."""
    limits = Limits(opening_balance=500, hosted_probes=0, strangers={})
    with rehearsing(limits=limits) as atlas, atlas.client(atlas.key) as client:
        number = create(client, TRACEROUTE)
        atlas.advance(DAY_S)
        body = client.get(f"/measurements/{number}/").json()
        assert (body["status"]["id"], body["status"]["name"]) == (5, "Forced to stop")
        assert body["stop_time"] == body["status"]["when"] == (EPOCH + BATCH_S) // BATCH_S * BATCH_S
        last = max(each["timestamp"] for each in client.get(f"/measurements/{number}/results/").json())
        assert last < body["stop_time"]
        assert client.get("/credits/").json()["current_balance"] <= 0
        answer = client.post("/measurements/", json=wanted())
        assert mistakes(answer) == {"": "You do not have enough credits to schedule this measurement."}


@pytest.mark.parametrize("requested", [-1, 1000])
def test_somebody_else_may_pay(atlas: RehearsedAtlas, client: httpx.Client, requested: int) -> None:
    """Then one's own account is not charged."""
    source = {"type": "country", "value": "TJ", "requested": requested}
    create(client, {**PING, "interval": 1800}, probes=[source], bill_to="colleague@elsewhere.example")
    before = client.get("/credits/").json()["current_balance"]
    atlas.advance(BATCH_S)
    assert client.get("/credits/").json()["current_balance"] == before
