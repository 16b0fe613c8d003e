"""Plans: what belongs together, and what the platform would refuse as a whole."""

from typing import Any

import pytest

from measurements.atlas.gateway import AtlasGateway, Status
from measurements.atlas.memory import MemoryAtlas
from measurements.errors import InvalidDefinition
from measurements.selections import ALL_PROBES, in_country
from tests.clocks import ManualClock
from tests.measurements.atlas.plans import plan


@pytest.mark.parametrize(
    ("field", "changed"),
    [
        ("definitions", {"definitions": ()}),
        ("selections", {"selections": ()}),
        ("selections", {"selections": (in_country("TJ", 600), in_country("KZ", 401))}),
        ("tag", {"tag": ""}),
        ("tag", {"tag": "Rasad 1"}),
        ("stop_at", {"is_oneoff": True, "stop_at": 1_900_000_000}),
        ("stop_at", {"start_at": 1_900_000_000, "stop_at": 1_900_000_000}),
    ],
)
def test_a_plan_that_would_be_refused_is_refused_by_its_field(field: str, changed: dict[str, Any]) -> None:
    """Before anything is sent."""
    with pytest.raises(InvalidDefinition) as refused:
        plan(**changed)

    assert refused.value.field == field


def test_the_limits_themselves_are_taken() -> None:
    """All probes of a country are not counted as minus one."""
    selections = in_country("TJ", 1000), in_country("KZ", ALL_PROBES)

    assert plan(selections=selections, start_at=5, stop_at=6).selections == selections


def test_final_is_when_nothing_runs_any_more() -> None:
    """A periodic measurement without probes may still find some; a number that we do not know ends nothing."""
    assert {status for status in Status if status.is_final} == {
        Status.STOPPED,
        Status.FORCED_TO_STOP,
        Status.FAILED,
        Status.ARCHIVED,
    }


def test_the_atlas_in_memory_is_a_gateway() -> None:
    """As mypy sees it, too."""
    gateway: AtlasGateway = MemoryAtlas(ManualClock())

    gateway.require_rehearsal()
