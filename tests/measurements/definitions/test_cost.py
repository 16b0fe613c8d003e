"""What a result costs is what the platform charges: by the rehearsal's own reckoning, and as it was recorded."""

import json
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.rehearsal.api.accounts import BATCH_S
from app.rehearsal.api.definitions import MODELS, cost_per_result, shown_fields
from app.rehearsal.api.platform import Limits
from measurements.atlas.gateway import Plan
from measurements.atlas.payloads import definition_body
from measurements.definitions.base import Definition
from measurements.selections import in_country
from tests.app.rehearsal.asking import TAJIKISTAN
from tests.measurements.definitions.random_definitions import KINDS, Fields, drawn
from tests.measurements.definitions.test_definitions import dns, ping, traceroute
from tests.rehearsing import rehearsing

pytestmark = pytest.mark.acceptance("orchestration.6")
SELECTIONS = (in_country("TJ", 3),)
MANY = Limits(10**6, 10**6, 10**6, 10**9, 10**9, 10**12, strangers={})


def plan(*definitions: Definition, is_oneoff: bool) -> Plan:
    """They are dispatched from three Tajik probes."""
    return Plan(definitions=definitions, selections=SELECTIONS, tag="a-tag", is_oneoff=is_oneoff)


def definitions(seed: int) -> Iterator[Definition]:
    """One after another, without end."""
    draw = random.Random(seed)  # noqa: S311 - not for secrets
    while True:
        kind, fields = drawn(draw)
        yield KINDS[kind](**fields)


def test_ten_thousand_definitions_cost_what_the_rehearsal_reckons() -> None:
    """Every type, size and protocol; the rehearsal reads what is sent, and reckons by itself."""
    costs = set()
    for number, definition in zip(range(10_000), definitions(20_261_124), strict=False):
        is_oneoff = number % 2 == 0
        body = definition_body(definition, plan(definition, is_oneoff=is_oneoff))
        read = MODELS[definition.type].model_validate(body)
        theirs = cost_per_result(shown_fields(read, is_oneoff=is_oneoff), is_oneoff=is_oneoff)
        assert definition.credits_per_result(is_oneoff=is_oneoff) == theirs, body
        costs.add(theirs)
    assert min(costs) == 1
    assert max(costs) == 16 * 2 * 10 * 2, "sixteen large packets of a one-off traceroute"


@pytest.mark.parametrize("is_oneoff", [False, True])
def test_the_bill_is_what_each_delivered_result_costs(*, is_oneoff: bool) -> None:
    """Results of which nothing came back as well: a probe has measured, and that is what is paid for."""
    drawn_ones = zip(range(24), definitions(7), strict=False)
    wanted = [replace(one, interval_s=3_600, spread_s=None) for _, one in drawn_ones]
    bodies = [definition_body(one, plan(one, is_oneoff=is_oneoff)) for one in wanted]
    asked = {"definitions": bodies, "probes": [TAJIKISTAN], "is_oneoff": is_oneoff}
    with rehearsing(limits=MANY) as atlas, atlas.client(atlas.key) as client:
        ids = client.post("/measurements/", json=asked).raise_for_status().json()["measurements"]
        until = int(atlas.advance(21 * 3_600)) // BATCH_S * BATCH_S
        shown = [client.get(f"/measurements/{each}/").json()["credits_per_result"] for each in ids]
        pages = client.get("/credits/transactions/", params={"page_size": 500}).json()
        delivered = {each: len(atlas.ledger(each, until=until)) for each in ids}
    paid = dict.fromkeys(ids, 0)
    for entry in pages["results"]:
        paid[entry["measurement_id"]] -= entry["amount"]

    assert pages["next"] is None
    assert shown == [one.credits_per_result(is_oneoff=is_oneoff) for one in wanted]
    assert sum(delivered.values()) >= 24
    assert paid == {each: delivered[each] * price for each, price in zip(ids, shown, strict=True)}


@pytest.mark.parametrize(
    ("definition", "is_oneoff", "recorded"),
    [(ping(), True, 6), (traceroute(), True, 60), (dns(), False, 10)],
)
def test_a_result_costs_what_objects_of_the_platform_were_seen_to_say(
    definition: Definition, *, is_oneoff: bool, recorded: int
) -> None:
    """`credits_per_result` of crawled objects of 2026, which hold the doubled price of one-offs."""
    assert definition.credits_per_result(is_oneoff=is_oneoff) == recorded


def test_recorded_objects_that_say_what_a_result_costs_say_the_same(shared_data: Path) -> None:
    """The recordings beside this checkout hold descriptions and objects; those with a price are reckoned again."""
    files = sorted((shared_data / "registry/api-bodies").glob("*.json"))
    assert files
    for record in (each for file in files for each in _objects(json.loads(file.read_text()))):
        if isinstance(record.get("credits_per_result"), int):
            is_oneoff = bool(record.get("is_oneoff"))
            assert record["credits_per_result"] == _read(record).credits_per_result(is_oneoff=is_oneoff), record


def _read(record: dict[str, Any]) -> Definition:
    told: Fields = {name: record[name] for name in ("packets", "size", "protocol") if record.get(name) is not None}
    asked: Fields = {"query_type": "SOA", "query_argument": "."} if record["type"] == "dns" else {}
    return KINDS[record["type"]](address_family=4, description="-", target="193.0.14.129", **told, **asked)


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _objects(each)
