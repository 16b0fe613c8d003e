"""Series on the wire: the question as understood, and rows."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from app.api.schemas.base import Answer, CountryCode, Filters, Number, Provenance, Text, Withheld
from app.api.schemas.results import Family, ResultType
from measurements.metrics.metric import Weight
from measurements.metrics.registry import METRICS
from measurements.results.outcome import Label
from measurements.series.binning import BINNINGS
from measurements.series.estimate import CI_METHODS
from measurements.series.query import Scope
from measurements.series.rows import Flag
from measurements.targets import K_ROOT
from measurements.units import Unit

MetricName = Annotated[str, Field(json_schema_extra={"enum": list(METRICS)})]
BinName = Annotated[str, Field(json_schema_extra={"enum": list(BINNINGS)})]
"""Checked where the question is understood, which says it in words."""
Protocol = Literal["ICMP", "UDP", "TCP"]


class SeriesFilters(Filters):
    """Which metric, of what, from where, when, and how put together."""

    metric: MetricName = Field(examples=["rtt_median_ms"])
    """See `/api/v1/metrics` for questions, formulas and units."""
    target: Text = Field(default=K_ROOT.name, examples=[K_ROOT.name])
    """A known name (`k-root`), a host name, or an address in any spelling."""
    type: ResultType | None = None
    """Type of result, for metrics that can be asked of several."""
    address_family: int | None = Field(default=None, json_schema_extra={"enum": [4, 6]}, examples=[4])
    """Both, side by side, unless given."""
    protocol: Protocol | None = None
    """All, side by side, unless given."""
    atlas_id: list[Number] = Field(default=[], max_length=100)
    """Measurement; may be repeated."""
    probe: list[Number] = Field(default=[], max_length=1000)
    """Probe; may be repeated."""
    probe_id: list[Number] = Field(default=[], max_length=1000, examples=[[9000001]])
    """The same as `probe`, under the name it has in answers."""
    asn: list[Number] = Field(default=[], max_length=1000)
    """Network of the probe at that instant; may be repeated."""
    country: CountryCode | None = None
    """Country of the probe at that instant, ISO 3166-1 alpha-2, for example `TJ`."""
    country_code: CountryCode | None = None
    """The same as `country`, under the name it has in answers."""
    from_: str | None = Field(default=None, alias="from", examples=["2026-11-23T22:05:00Z"])
    """Start: ISO 8601 with its offset, or a day (its midnight, UTC); moved down to the start of its bin."""
    to: str | None = Field(default=None, examples=["2026-11-23T22:15:00Z"])
    """End, exclusive; moved up to the end of its bin."""
    bin: BinName = Field(default="1h", examples=["5m"])
    """Width of a bin; for days, weeks and months in UTC unless a zone follows."""
    scope: Scope = Field(default=Scope.NATIONAL, examples=[Scope.PROBE.value])
    """For whom one row speaks: a probe, a network, or a country."""
    weight: Weight | None = None
    """What counts equally: every `probe`, or every network (`asn`); as the metric has it unless given."""
    label: Label = Field(default=Label.MEASURED, examples=[Label.LABORATORY.value])
    """Never mixed: results of one label."""
    format: Literal["json", "csv"] | None = None
    """How the rows are written; unless given, `Accept` decides: `application/json`, or `text/csv`."""


class SeriesQuestion(Answer):
    """The question as it was understood, in canonical form. Null and empty mean any."""

    metric: str
    type: ResultType
    target: str
    address_family: Family | None
    protocol: Protocol | None
    atlas_id: list[int]
    probe: list[int]
    asn: list[int]
    country: str | None
    from_: datetime | None = Field(alias="from")
    to: datetime | None
    bin: str
    scope: Scope
    weight: Weight | None
    label: Label


class SeriesRow(Provenance):
    """One statistic of one bin, with everything its number rests on."""

    bin_at: datetime
    """Start of the bin."""
    bin_end_at: datetime
    """End, exclusive."""
    target: str
    atlas_ids: list[int]
    """Measurements that contributed, or were expected to."""
    address_family: Family | None
    protocol: str | None
    scope: Scope
    probe_id: int | None
    asn: int | None
    country_code: str | None
    metric: str
    statistic: str
    value: float | None
    """Null where there is no answer; `flags` say why. Never interpolated."""
    unit: Unit
    ci_low: float | None
    """Lower end of the 95 % interval."""
    ci_high: float | None
    ci_method: str | None = Field(json_schema_extra={"enum": [*CI_METHODS, None]})
    """See `/api/v1/metrics`."""
    n_samples: int
    """RTTs, packets, queries, probes or answers that the value rests on."""
    n_probes: int
    n_asns: int
    """Networks of these probes, as far as known."""
    n_expected: int | None
    """Results that were due; null where no measurement object says."""
    n_received: int
    """Results that came, whatever they say."""
    completeness: float | None
    """`n_received / n_expected`, at most 1."""
    weight_scheme: str | None
    """`probe`, `asn` or `pooled`; null for a single probe."""
    instance: str | None
    """Of `instance_share` only: the site, or the name as it came where it is unknown."""
    baseline_id: str | None
    flags: list[Flag]
    """What to know before using the value; the reason where there is none."""


class SeriesAnswer(Answer):
    """A series: rows in order of time."""

    query: SeriesQuestion
    rows: list[SeriesRow]
    notes: list[str]
    """Sentences for people."""
    withheld: list[Withheld]
    """What was asked for and left out, and why: of single probes all of it, of figures what has not been released."""
