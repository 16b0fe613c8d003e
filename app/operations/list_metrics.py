"""List metrics: what each asks, its formula and guard, and what all answers have in common."""

import inspect
import sys
from typing import Any

from measurements.metrics import registry
from measurements.metrics.metric import Metric
from measurements.series.binning import BINNINGS
from measurements.series.estimate import CI_METHODS, MINIMUMS


def list_metrics() -> dict[str, Any]:
    """The catalogue in plain values under the names of the wire."""
    return {
        "metrics": [_metric_on_the_wire(metric) for metric in registry.METRICS.values()],
        "ci_methods": CI_METHODS,
        "minimums": {scope.value: minimum._asdict() for scope, minimum in MINIMUMS.items()},
        "bins": list(BINNINGS),
    }


def _metric_on_the_wire(metric: Metric) -> dict[str, Any]:
    return {
        "metric": metric.name,
        "question": metric.question,
        "definition": _definition(metric),
        "unit": metric.unit,
        "types": list(metric.types),
        "statistic": metric.statistic,
        "statistic_across": metric.statistic_across,
        "weight": metric.weight,
        "n_samples_needed": metric.n_samples_needed,
    }


def _definition(metric: Metric) -> str:
    """Each metric has a file of its name, and that file's introduction is its definition."""
    introduction = sys.modules[f"{registry.__package__}.{metric.name}"].__doc__ or ""
    return inspect.cleandoc(introduction.partition("\n\n")[2])
