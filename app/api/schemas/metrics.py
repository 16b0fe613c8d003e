"""The catalogue of metrics on the wire."""

from app.api.schemas.base import Answer
from measurements.metrics.metric import Weight
from measurements.units import Unit


class Metric(Answer):
    """One metric: what it asks, of what, and how."""

    metric: str
    """Its name in filters and answers."""
    question: str
    definition: str
    """Formula, guard, and the standard it follows."""
    unit: Unit
    types: list[str]
    """Types of result it can be asked of; the first is meant where none is named."""
    statistic: str
    """What the value of one probe is."""
    statistic_across: str
    """What the value of several probes is."""
    weight: Weight | None
    """What counts equally unless asked otherwise; null where single round-trip times are pooled."""
    n_samples_needed: int
    """Fewer samples give no value."""


class Minimum(Answer):
    """How many probes and networks a figure must rest on to be given."""

    n_probes: int
    n_asns: int


class MetricCatalogue(Answer):
    """All metrics, and what their answers have in common."""

    metrics: list[Metric]
    ci_methods: dict[str, str]
    """What each `ci_method` means."""
    minimums: dict[str, Minimum]
    """By scope; below, `value` is null and `flags` say so."""
    bins: list[str]
    """Names of the ways to cut time."""
