"""Scenarios: what is wrong with one is said by the name of the field."""

from pathlib import Path
from typing import Any

import pytest

from app.rehearsal.world import ScenarioError, load_scenario, make_world, named_scenario
from app.rehearsal.world.scenario import read_scenario

LOSS: dict[str, Any] = {"kind": "loss", "from": 0, "to": 60, "share": 0.5}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"kind": "flood"}, "signals[0]: Input tag 'flood'"),
        ({"share": ...}, "signals[0].share: Field required"),
        ({"share": 2}, "signals[0].share: Input should be less than or equal to 1"),
        ({"shares": 1}, "signals[0].shares: Extra inputs are not permitted"),
        ({"to": 0}, "signals[0]: Value error, `to` must come after `from`"),
        ({"from": "yesterday"}, "signals[0].from: Value error, should be an instant"),
        ({"from": "2026-11-19T05:00:00"}, "signals[0].from: Value error, should be an instant"),
        ({"asns": [1]}, "signals[0].asns: Value error, no such network: 1"),
        ({"countries": ["Tajikistan"]}, "signals[0].countries[0]: String should match pattern"),
        ({"family": 5}, "signals[0].family: Input should be 0, 4 or 6"),
        (
            {"kind": "site_withdrawal", "share": ..., "sites": ["xx-xxx"]},
            "signals[0].sites: Value error, no such site: xx-xxx",
        ),
        (
            {"kind": "path_change", "share": ..., "transit": "west"},
            "signals[0].transit: Value error, no such transit: west",
        ),
        (
            {"kind": "disconnection", "share": ..., "mode": "dead"},
            "signals[0].mode: Input should be 'off', 'late' or 'cut'",
        ),
        ({"probes": [12]}, "signals[0].probes: Value error, no such probe: 12"),
    ],
)
def test_a_wrong_field_is_named(changes: dict[str, Any], sentence: str) -> None:
    """With its place in the list of signals."""
    signal = {key: value for key, value in {**LOSS, **changes}.items() if value is not ...}

    with pytest.raises(ScenarioError) as caught:
        read_scenario({"name": "x", "signals": [signal]})

    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"targets": ["nobody.example"]}, "signals[0].targets: nothing is called nobody.example"),
        ({"to": "2d", "every": "1d"}, "signals[0].every: not longer than the signal"),
        ({"from": "2100-01-01T00:00:00Z"}, "signals[0].to: must come after `from`"),
    ],
)
def test_what_only_a_world_can_tell(changes: dict[str, Any], sentence: str) -> None:
    """Names of targets, and instants beside offsets."""
    scenario = read_scenario({"name": "x", "signals": [{**LOSS, **changes}]})

    with pytest.raises(ScenarioError, match=r"signals\[0\]") as caught:
        make_world(1, scenario, 0)

    assert str(caught.value) == sentence


def test_several_faults_are_told_at_once() -> None:
    """So that a file is corrected once."""
    with pytest.raises(ScenarioError) as caught:
        read_scenario({"signals": [{**LOSS, "share": 0}], "outage": 1})

    assert [part.partition(":")[0] for part in str(caught.value).split("; ")] == ["name", "signals[0].share", "outage"]


def test_shipped_scenarios_can_be_played() -> None:
    """Another name is refused with those that there are."""
    for name in ("calm", "practice"):
        assert named_scenario(name).name == name
        make_world(1, named_scenario(name), 0)
    assert named_scenario().name == "practice"
    with pytest.raises(ScenarioError, match="no scenario is called storm; there are calm, practice"):
        named_scenario("storm")


def test_a_file_is_read(tmp_path: Path) -> None:
    """TOML, with durations as people write them."""
    path = tmp_path / "mine.toml"
    path.write_text(
        'name = "mine"\n[[signals]]\nkind = "loss"\nfrom = "1d 6h"\nto = "1d 6h 30m"\nshare = 0.5\n', encoding="utf-8"
    )

    signal = load_scenario(path).signals[0]
    assert (signal.start, signal.stop) == (108_000, 109_800)


def test_a_file_that_is_no_toml_is_refused(tmp_path: Path) -> None:
    """With its name."""
    path = tmp_path / "mine.toml"
    path.write_bytes(b"name = \xff")

    with pytest.raises(ScenarioError, match=r"mine\.toml: not TOML"):
        load_scenario(path)
