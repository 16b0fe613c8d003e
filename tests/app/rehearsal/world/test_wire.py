"""What results look like: as the laboratory's, readable by Sagan and by our own door, all generations."""

import gzip
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ripe.atlas.sagan import Result

from app.rehearsal.contract import Body
from app.rehearsal.world import make_world, named_scenario
from measurements.results.outcome import Label, RecordStatus
from measurements.results.reading import read_record
from tests.app.rehearsal.world.worlds import EPOCH, HOUR, bodies, builtin, calm, measurement, probe_ids

GENERATIONS = {4610, 4790, 5020, 5080, 5120}
TYPES = ("ping", "traceroute", "dns")
Keys = frozenset[str]


def everything() -> Iterator[Body]:
    """Results of all built-ins in a week in which much happens, and of measurements that fail in every way."""
    world = make_world(1, named_scenario(), EPOCH)
    ids = probe_ids(world)
    for asked in world.builtins():
        hours = 40 if asked["interval"] < HOUR else 24 * 7
        for start in (EPOCH, EPOCH + 40 * HOUR):
            yield from (one.body for one in world.results(asked, ids, start, start + hours * HOUR // 4))
    common: dict[str, Any] = {"interval": 1800, "resolve_on_probe": True}
    query: dict[str, Any] = {"query_class": "IN", "query_type": "A", "query_argument": "www.example.net"}
    for target in ("k.root-servers.net", "nothing.example", "private.example", "mute.example", "8.8.8.8", "9.9.9.9"):
        for address_family in (4, 6):
            yield from bodies(calm(), measurement("ping", target, address_family, **common), hours=4)
            for protocol in ("ICMP", "UDP", "TCP"):
                asked = measurement("traceroute", target, address_family, protocol=protocol, **common)
                yield from bodies(calm(), asked, hours=2)
            for protocol in ("UDP", "TCP"):
                asked = measurement("dns", target, address_family, protocol=protocol, **common, **query)
                yield from bodies(calm(), asked, hours=2)
    yield from bodies(calm(), measurement("dns", "", use_probe_resolver=True, **query, interval=1800), hours=4)


@pytest.fixture(scope="module")
def generated() -> list[Body]:
    """All of it, made once."""
    return list(everything())


def top_keys(body: Body) -> Keys:
    """The keys of a result; whether a DNS query was aimed at a name changes nothing else in it."""
    return frozenset(body) - {"name"}


def inner_keys(body: Body) -> set[tuple[str, Keys]]:
    """The keys of its parts, each with what part it is of."""
    found: set[tuple[str, Keys]] = set()
    for entry in body.get("resultset", ()):
        found |= {("resultset", frozenset(entry) - {"qbuf"}), *inner_keys(entry)}
    result = body.get("result")
    if isinstance(result, dict):
        found.add(("answer", frozenset(result)))
        found |= {("record", frozenset(record)) for record in result.get("answers", ())}
    for part in result if isinstance(result, list) else ():
        found.add(("hop" if "hop" in part else "entry", frozenset(part)))
        found |= {("reply", frozenset(reply)) for reply in part.get("result", ())}
    if "error" in body and isinstance(body["error"], dict):
        found.add(("error", frozenset(body["error"])))
    return found


@pytest.fixture(scope="module")
def laboratory(laboratory_recordings: Path) -> dict[str, list[Body]]:
    """What the real probe code of firmware 5120 wrote, by type."""
    found = {}
    for kind in TYPES:
        with gzip.open(laboratory_recordings / f"{kind}.ndjson.gz", "rt", encoding="utf-8") as lines:
            found[kind] = [json.loads(line) for line in lines]
    return found


def of_newest(generated: list[Body], kind: str) -> list[Body]:
    """Those that the laboratory's generation wrote."""
    return [body for body in generated if body["fw"] == 5120 and body["type"] == kind]


@pytest.mark.parametrize("kind", TYPES)
def test_the_newest_generation_has_the_laboratorys_keys(
    kind: str, generated: list[Body], laboratory: dict[str, list[Body]]
) -> None:
    """Every combination of keys at the top was seen in the laboratory."""
    seen = {top_keys(body) for body in laboratory[kind]}
    strange = Counter(
        tuple(sorted(top_keys(body))) for body in of_newest(generated, kind) if top_keys(body) not in seen
    )

    assert not strange


@pytest.mark.parametrize("kind", TYPES)
def test_the_parts_of_the_newest_generation_have_the_laboratorys_keys(
    kind: str, generated: list[Body], laboratory: dict[str, list[Body]]
) -> None:
    """Entries, hops, replies, answers, records and errors."""
    seen = {part for body in laboratory[kind] for part in inner_keys(body)}
    strange = {part for body in of_newest(generated, kind) for part in inner_keys(body)} - seen

    assert not strange


def attributes(body: Body) -> frozenset[tuple[str, str]]:
    """What Sagan makes of a result: its attributes and their types, missing ones left out."""
    parsed = Result.get(body, on_error=Result.ACTION_IGNORE, on_malformation=Result.ACTION_IGNORE)
    found = {name: value for name, value in vars(parsed).items() if not name.startswith("_") and value is not None}
    return frozenset((name, type(value).__name__) for name, value in found.items() if name != "raw_data")


@pytest.mark.parametrize("kind", TYPES)
def test_sagan_sees_the_laboratorys_attributes(
    kind: str, generated: list[Body], laboratory: dict[str, list[Body]]
) -> None:
    """With the laboratory's types; a number without a fraction may be either."""
    seen = {name for body in laboratory[kind] for name, _ in attributes(body)}
    types = {pair for body in laboratory[kind] for pair in attributes(body)}
    found = {pair for body in of_newest(generated, kind)[::7] for pair in attributes(body)}

    assert {name for name, _ in found} <= seen
    assert {pair for pair in found if pair[1] not in ("int", "float")} <= types


def test_every_generation_reports_every_type(generated: list[Body]) -> None:
    """And tells its own version where it has one."""
    found = {(body["fw"], body["type"]) for body in generated}

    assert found == {(firmware, kind) for firmware in GENERATIONS for kind in TYPES}
    assert {body["fw"] for body in generated if "mver" in body} == {5020, 5080, 5120}


def test_sagan_reads_every_generation(generated: list[Body]) -> None:
    """No result is malformed for it."""
    parsed = [Result.get(body, on_error=Result.ACTION_IGNORE) for body in generated[::11]]

    assert len(parsed) > 3000
    assert {one.is_malformed for one in parsed} == {False}


def test_our_own_door_keeps_them_all(generated: list[Body]) -> None:
    """And every outcome that there is comes up."""
    readings = [read_record(json.dumps(body).encode(), Label.REHEARSED) for body in generated]

    assert len(readings) > 30_000
    assert {(reading.status, reading.reason) for reading in readings} == {(RecordStatus.KEPT, None)}
    outcomes = {str(reading.result.outcome) for reading in readings if reading.result}
    assert outcomes == {"reply", "no_reply", "send_error", "resolution_failed", "not_allowed"}


def test_older_generations_differ_where_they_did() -> None:
    """TXT as a plain string and no port before 4750 and 5000."""
    found = {
        body["fw"]: body for body in bodies(calm(), builtin(10301), hours=1) if "answers" in body.get("result", {})
    }

    texts = {firmware: type(body["result"]["answers"][0]["RDATA"]) for firmware, body in found.items()}
    assert texts == {4610: str, 4790: list, 5020: list, 5080: list, 5120: list}
    assert {firmware for firmware, body in found.items() if "dst_port" in body} == {5020, 5080, 5120}
