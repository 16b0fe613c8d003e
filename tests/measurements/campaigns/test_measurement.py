"""Measurement objects of all generations."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from measurements.campaigns.measurement import Measurement, read_measurement
from measurements.errors import UnreadableObject

OBJECT: dict[str, Any] = {
    "id": 1001,
    "type": "ping",
    "af": 4,
    "target": "k.root-servers.net",
    "target_ip": "193.0.14.129",
    "interval": 240,
    "spread": 120,
    "start_time": 1_290_000_000,
    "stop_time": None,
    "is_oneoff": False,
    "status": {"id": 2, "name": "Ongoing", "when": None},
    "participant_count": 12_000,
}


def test_a_current_object_is_read() -> None:
    """The target goes by its one name; participants are not listed."""
    assert read_measurement(OBJECT) == Measurement(
        addresses=("193.0.14.129",),
        atlas_id=1001,
        type="ping",
        target="k-root",
        address_family=4,
        interval_s=240,
        spread_s=120,
        start_at=1_290_000_000,
        stop_at=None,
        is_oneoff=False,
        status="Ongoing",
        participants=None,
        participant_count=12_000,
    )


@pytest.mark.parametrize(
    ("changes", "member", "expected"),
    [
        ({"start_time": "2010-11-17T13:20:00Z"}, "start_at", 1_290_000_000),
        ({"type": {"id": 1, "name": "Ping"}}, "type", "ping"),
        ({"type": "DNS", "use_probe_resolver": True, "target": None}, "target", "probe-resolvers"),
        ({"stop_time": 1_300_000_000}, "stop_at", 1_300_000_000),
        ({"status": {"id": 4, "name": "Stopped", "when": 1_300_000_000}}, "stop_at", 1_300_000_000),
        ({"status": {"id": 2, "name": "Ongoing", "when": 1_300_000_000}}, "stop_at", None),
        ({"interval": None, "is_oneoff": True}, "interval_s", None),
        ({"probes": [{"id": 7, "url": "https://atlas.ripe.net/api/v2/probes/7/"}]}, "participants", frozenset({7})),
        ({"probes": [7, 8]}, "participants", frozenset({7, 8})),
        ({"probes": []}, "participants", None),
        ({"af": None}, "address_family", 0),
    ],
)
def test_other_generations_say_the_same_otherwise(changes: dict[str, object], member: str, expected: object) -> None:
    """Instants as texts, types as objects, participants as numbers."""
    assert getattr(read_measurement({**OBJECT, **changes}), member) == expected


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": None},
        {"type": None},
        {"af": 5},
        {"interval": 0},
        {"interval": "240"},
        {"start_time": "soon"},
        {"probes": 7},
    ],
)
def test_a_senseless_member_is_named(wrong: dict[str, object]) -> None:
    """So that whoever wrote the file can find it."""
    with pytest.raises(UnreadableObject) as caught:
        read_measurement({**OBJECT, **wrong})

    assert caught.value.member in wrong


def test_recorded_anchor_meshes_are_read(shared_data: Path) -> None:
    """4,482 short objects without an interval; stopped ones know since when."""
    with gzip.open(shared_data / "registry" / "anchor-mesh-2020-05-20.json.gz") as file:
        meshes = [entry for entry in _objects(json.load(file)) if "af" in entry]

    measurements = [read_measurement(entry) for entry in meshes]

    assert len(measurements) == 4482
    assert {
        one.stop_at is None for one, entry in zip(measurements, meshes, strict=True) if entry["status"]["id"] == 4
    } == {False}
    assert all(one.start_at for one in measurements)


def _objects(value: object) -> list[dict[str, Any]]:
    if isinstance(value, dict):
        return [value]
    return [found for part in value for found in _objects(part)] if isinstance(value, list) else []
