"""The metrics there are, and what each says of itself."""

import pytest

from measurements.metrics.cell import Cell, columns_of
from measurements.metrics.metric import Metric, RatioMetric, Weight
from measurements.metrics.registry import METRICS
from measurements.units import Unit


def test_these_are_the_metrics() -> None:
    """The names on the wire, with their units."""
    assert {name: metric.unit for name, metric in METRICS.items()} == {
        "rtt_min_ms": Unit.MS,
        "rtt_median_ms": Unit.MS,
        "rtt_p95_ms": Unit.MS,
        "loss": Unit.RATIO,
        "reach": Unit.RATIO,
        "availability": Unit.RATIO,
        "response_time_ms": Unit.MS,
        "hop_count": Unit.COUNT,
        "instance_share": Unit.RATIO,
    }


@pytest.mark.parametrize("metric", METRICS.values(), ids=lambda metric: metric.name)
def test_a_metric_asks_one_question_of_known_columns(metric: Metric) -> None:
    """And its name ends in its unit, where that is a duration."""
    assert metric.question.endswith("?")
    assert metric.reads | metric.merges <= set(Cell._fields)
    assert metric.name.endswith("_ms") == (metric.unit is Unit.MS)


def test_networks_weigh_equally_only_for_instances() -> None:
    """One operator with a node of its own would otherwise decide which instance answers."""
    assert [name for name, metric in METRICS.items() if metric.weight is Weight.ASN] == ["instance_share"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("loss", [(1, 10), (10, 10), (0, 0)]),
        ("reach", [(1, 1), (0, 1), (0, 0)]),
        ("availability", [(8, 10), (0, 10), (0, 0)]),
    ],
)
def test_a_ratio_is_so_many_of_so_many(name: str, expected: list[tuple[int, int]]) -> None:
    """Nine of ten received of which eight were fine; silence; nothing sent."""
    cells = [
        Cell(0, 1, 1, 4, 10, 9, 8, 9, 1.0, 2.0, None, None, None),
        Cell(0, 2, 1, 4, 10, 0, 0, 0, None, None, None, None, None),
        Cell(0, 3, 1, 4, 0, 0, 0, 0, None, None, None, None, None),
    ]
    metric = METRICS[name]

    assert isinstance(metric, RatioMetric)
    assert metric.of_probes(columns_of(cells)) == expected


def test_answers_that_nobody_can_judge_are_reached_and_neither_available_nor_not() -> None:
    """Two of them, whose RCODE is unknown: something came back, and that is all."""
    cells = columns_of([Cell(0, 1, 1, 2, 0, 2, 0, 2, 1.0, 2.0, None, None, None)])
    reach, availability = METRICS["reach"], METRICS["availability"]

    assert isinstance(reach, RatioMetric)
    assert isinstance(availability, RatioMetric)
    assert (reach.of_probes(cells), availability.of_probes(cells)) == ([(1, 1)], [(0, 0)])


def test_no_cells_have_empty_columns() -> None:
    """Nothing held is an answer."""
    assert set(columns_of([])) == {()}
