"""Answers: an estimate, checked against the minimums, written as a row."""

from measurements.estimators import Interval, TooFew
from measurements.metrics.reach import METRIC as REACH
from measurements.series.estimate import MINIMUMS, Estimate, guarded, weight_scheme
from measurements.series.panel import GroupKey
from measurements.series.query import Scope, SeriesQuery
from measurements.series.roster import Due
from measurements.series.rows import Flag, SeriesRow

NO_RESULT = Estimate(None, None, None, 0, 0, 0, (Flag.NO_RESULT,))


class Answers:
    """Writes the rows of one query."""

    def __init__(self, query: SeriesQuery) -> None:
        metric = query.metric
        self._scope = query.scope
        self._minimum = MINIMUMS[query.scope]
        self._metric = metric.name
        self._statistic = metric.statistic if query.scope is Scope.PROBE else metric.statistic_across
        self._unit = metric.unit.value
        self._weight_scheme = weight_scheme(query.weight, query.scope)
        self._is_reach = metric is REACH

    def row(
        self,
        bin_at: int,
        bin_end_at: int,
        key: GroupKey,
        atlas_ids: tuple[int, ...],
        estimate: Estimate,
        n_received: int,
        due: Due | None,
    ) -> SeriesRow:
        """The row of an estimate; `due` is None where nothing is known of what was due."""
        stratum, scope = key
        given = self._judged(estimate, key)
        n_expected = due.n_expected if due else None
        interval = given.interval
        ci_low, ci_high, ci_method = (
            (*interval, given.ci_method) if isinstance(interval, Interval) else (None, None, None)
        )
        return SeriesRow(  # by position: tens of thousands are made for one answer
            bin_at,
            bin_end_at,
            stratum.target,
            atlas_ids,
            stratum.address_family or None,
            stratum.protocol or None,
            self._scope,
            *scope,
            self._metric,
            self._statistic,
            given.value,
            self._unit,
            ci_low,
            ci_high,
            ci_method,
            given.n_samples,
            given.n_probes,
            given.n_asns,
            n_expected,
            n_received,
            min(1.0, n_received / n_expected) if n_expected else None,
            self._weight_scheme,
            given.instance,
            stratum.label,
            stratum.data_class,
            stratum.agreement_id,
            None,
            self._flags(given, due),
        )

    def _judged(self, estimate: Estimate, key: GroupKey) -> Estimate:
        """The estimate as far as it may be given."""
        given = guarded(estimate, self._minimum)
        if self._speaks_for_nobody(key):
            return given._replace(value=None, interval=None, ci_method=None, flags=(Flag.VANTAGE_UNKNOWN,))
        if given.value is not None and isinstance(given.interval, TooFew):
            return given._replace(flags=(*given.flags, Flag.TOO_FEW_FOR_INTERVAL))
        return given

    def _flags(self, given: Estimate, due: Due | None) -> tuple[str, ...]:
        if due is None or due.n_expected is None:
            return (*given.flags, Flag.N_EXPECTED_UNKNOWN) if self._is_reach else given.flags
        return (*given.flags, Flag.PARTICIPANTS_ASSUMED) if due.is_assumed else given.flags

    def _speaks_for_nobody(self, key: GroupKey) -> bool:
        if self._scope is Scope.NATIONAL:
            return key.scope.country_code is None
        return self._scope is Scope.ASN and key.scope.asn is None
