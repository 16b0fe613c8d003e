"""A question to the series: which metric, of what, from where, when, and how put together."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from measurements.errors import InvalidFilter
from measurements.filters import asked_country, asked_family, one_of, require_order
from measurements.metrics.cell import RTT_STATISTICS
from measurements.metrics.metric import Metric, Weight
from measurements.metrics.registry import METRICS
from measurements.results.outcome import Label
from measurements.series.binning import BINNINGS, Binning
from measurements.series.bins import BIN_S
from measurements.series.series import Series, is_merging, stratum_of
from measurements.targets import asked_target
from measurements.units import LATEST_ASKED


class Scope(StrEnum):
    """For whom one figure speaks."""

    PROBE = "probe"
    """One probe."""
    ASN = "asn"
    """All probes in one network."""
    NATIONAL = "national"
    """All probes in one country."""


@dataclass(frozen=True, kw_only=True)
class SeriesQuery:
    """A valid question, made by `series_query`. Empty tuples and None mean "whatever is held"."""

    metric: Metric
    type: str
    """Result type: ping, traceroute or dns."""
    target: str
    """Canonical, as series have it."""
    address_family: int | None
    probe_ids: tuple[int, ...]
    asns: tuple[int, ...]
    country_code: str | None
    atlas_ids: tuple[int, ...]
    protocol: str | None
    from_at: int | None
    """Start, inclusive, seconds since the epoch, moved down to the start of its bin."""
    to_at: int | None
    """End, exclusive, moved up to the end of its bin."""
    binning: Binning
    scope: Scope
    label: Label
    weight: Weight | None
    """None where no weight applies: one probe, or RTTs pooled."""

    def covers(self, series: Series) -> bool:
        """Whether a series is among those the question is about."""
        return (
            series.target == self.target
            and series.type == self.type
            and series.label == self.label
            and (not self.atlas_ids or series.atlas_id in self.atlas_ids)
            and (self.address_family is None or series.address_family == self.address_family)
            and (self.protocol is None or stratum_of(series).protocol == self.protocol)
        )

    def needed_columns(self, series: Iterable[Series]) -> frozenset[str]:
        """Columns of `Cell`, beyond ids and counters, that answering from these series takes."""
        return self.metric.reads | self.metric.merges if self._takes_cells_apart(series) else self.metric.reads

    def needs_counters(self, series: Iterable[Series]) -> bool:
        """Whether it takes `n_sent`, `n_received` and `n_success` of all cells.

        Where one statistic of the RTTs is all that a cell is asked for, they only say why a cell has none; of the
        others they may be 0.
        """
        return not (self.metric.reads and self.metric.reads <= RTT_STATISTICS) or self._takes_cells_apart(series)

    def _takes_cells_apart(self, series: Iterable[Series]) -> bool:
        """Whether more is needed of cells than one number: to merge them, or for the interval of a single one."""
        return self.binning.width_s > BIN_S or self.scope is Scope.PROBE or is_merging(series)


def series_query(
    *,
    metric: str,
    target: str,
    type: str | None = None,  # noqa: A002 - its name on the wire
    address_family: int | None = None,
    probe_ids: Iterable[int] = (),
    asns: Iterable[int] = (),
    country_code: str | None = None,
    atlas_ids: Iterable[int] = (),
    protocol: str | None = None,
    from_at: int | None = None,
    to_at: int | None = None,
    bin: str = "1h",  # noqa: A002 - its name on the wire
    scope: str = Scope.NATIONAL,
    label: str = Label.MEASURED,
    weight: str | None = None,
) -> SeriesQuery:
    """Check a question and put it in canonical form; raises `InvalidFilter` naming the filter as users know it."""
    asked = one_of("metric", metric, METRICS)
    binning = one_of("bin", bin, BINNINGS)
    speaks_for = one_of("scope", scope, {member.value: member for member in Scope})
    window = _window(from_at, to_at, binning)
    return SeriesQuery(
        metric=asked,
        type=_type(type, asked),
        target=asked_target(target),
        address_family=asked_family(address_family),
        probe_ids=_numbers("probe", probe_ids),
        asns=_numbers("asn", asns),
        country_code=None if country_code is None else asked_country(country_code),
        atlas_ids=_numbers("atlas_id", atlas_ids),
        protocol=None if protocol is None else _protocol(protocol),
        from_at=window[0],
        to_at=window[1],
        binning=binning,
        scope=speaks_for,
        label=one_of("label", label, {member.value: member for member in Label}),
        weight=_weight(weight, asked, speaks_for),
    )


def _type(asked: str | None, metric: Metric) -> str:
    if asked is None:
        return metric.types[0]
    return one_of("type", asked, {name: name for name in metric.types})


def _numbers(field: str, numbers: Iterable[int]) -> tuple[int, ...]:
    found = tuple(sorted(set(numbers)))
    if found and found[0] < 0:
        raise InvalidFilter(field, f"{found[0]} is negative")
    return found


def _protocol(text: str) -> str:
    return one_of("protocol", text.strip().upper(), {name: name for name in ("ICMP", "UDP", "TCP")})


def _window(from_at: int | None, to_at: int | None, binning: Binning) -> tuple[int | None, int | None]:
    """Whole bins only: part of a bin would be a different figure under the same name."""
    for field, at in (("from", from_at), ("to", to_at)):
        if at is not None and not 0 <= at <= LATEST_ASKED:
            raise InvalidFilter(field, f"{at} is out of range; give seconds since 1970 in UTC")
    require_order(from_at, to_at)
    first = None if from_at is None else binning.start_of(from_at)
    last = None if to_at is None else binning.end_of(binning.start_of(to_at - 1))
    return first, last


def _weight(asked: str | None, metric: Metric, scope: Scope) -> Weight | None:
    if metric.weight is None:
        if asked is not None:
            raise InvalidFilter("weight", f"{metric.name} pools all round-trip times; no weight applies")
        return None
    weight = metric.weight if asked is None else one_of("weight", asked, {member.value: member for member in Weight})
    if scope is Scope.NATIONAL:
        return weight
    return Weight.PROBE if scope is Scope.ASN else None
