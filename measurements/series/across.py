"""From cells to rows: probe first, then across probes, bin by bin.

Gaps stay gaps. A bin in which no probe delivered gives a row only where results were due, with no value
and the flag `no_result`; nothing is ever interpolated.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby, product
from operator import attrgetter

from measurements.campaigns.rounds import ExpectedRounds
from measurements.errors import InvalidFilter
from measurements.metrics.cell import Cells
from measurements.probes import VantageTable
from measurements.results.instances import read_instance
from measurements.series.answer import NO_RESULT, Answers
from measurements.series.arrange import Segment, arrange
from measurements.series.combine import Combine, Identify, combination
from measurements.series.panel import GroupKey, Panels, row_order
from measurements.series.query import SeriesQuery
from measurements.series.roster import Due, Roster
from measurements.series.rows import SeriesRow
from measurements.series.series import Series
from measurements.targets import K_ROOT


def evaluate(
    query: SeriesQuery,
    cells: Cells,
    series: Mapping[int, Series],
    vantage: VantageTable,
    expected: ExpectedRounds | None = None,
) -> Iterator[SeriesRow]:
    """The rows that answer a query, in order of time.

    `cells` are in order of `bin_at`, of the series in `series` (series id -> series) that `query.covers`, within
    the query's window, with `query.needed_columns(series.values())` filled; bins finer than an hour come cut by
    `query.binning` already. Without `expected`, nothing is known of what was due, and bins without cells have no row.
    """
    panels = Panels(query, series, vantage)
    columns, segments = arrange(cells, query.binning, panels, query.metric.merges)
    combine = combination(query.metric, query.weight, _identify(query.target), columns, segments)
    rows = _Rows(columns, combine, Answers(query))
    if expected is None:
        for segment in segments:
            yield from rows.of_segment(segment, None)
        return
    roster = Roster(panels, series, expected, _seen(cells))
    by_bin = {at: list(found) for at, found in groupby(segments, key=_BIN_AT)}
    for start, end in _every_bin(query, by_bin, expected):
        yield from rows.of_bin(start, end, by_bin.get(start, ()), roster.due(start, end))


def _seen(cells: Cells) -> set[tuple[int, int]]:
    """Which probes delivered anything to which series."""
    series_ids = set(cells.series_id)
    if len(series_ids) == 1:  # most often, and a pair for each cell takes ten times as long
        return set(product(set(cells.probe_id), series_ids))
    return set(zip(cells.probe_id, cells.series_id, strict=True))


MAX_BINS = 110_000
"""A year of five minutes."""
_BIN_AT = attrgetter("bin_at")


def _every_bin(query: SeriesQuery, filled: Iterable[int], expected: ExpectedRounds) -> Iterator[tuple[int, int]]:
    """Start and end of each bin from the first to the last in which anything came or was due.

    Raises `InvalidFilter` where there are more than `MAX_BINS`.
    """
    first_came = min(filled, default=expected.until_at)
    last_came = max(filled, default=expected.from_at) + 1
    first = max(first_came if query.from_at is None else query.from_at, min(first_came, expected.from_at))
    last = min(last_came if query.to_at is None else query.to_at, max(last_came, expected.until_at))
    start = query.binning.start_of(first)
    if last - start > MAX_BINS * query.binning.width_s:
        raise InvalidFilter("bin", f"more than {MAX_BINS:,} bins; ask for wider ones, or for a shorter period")
    while start < last:
        end = query.binning.end_of(start)
        yield start, end
        start = end


class _Rows:
    """Writes rows of segments."""

    def __init__(self, cells: Cells, combine: Combine, answers: Answers) -> None:
        self._cells = cells
        self._combine = combine
        self._answers = answers

    def of_segment(self, segment: Segment, due: Due | None) -> list[SeriesRow]:
        """One row, or of shares one for each class; `due` None where nothing is known of what was due."""
        start, end, group, part = segment
        n_received = sum(self._cells.n_results[part])
        return [
            self._answers.row(start, end, group.key, group.atlas_ids, estimate, n_received, due)
            for estimate in self._combine(part, group)
        ]

    def of_bin(
        self, start: int, end: int, segments: Sequence[Segment], due: Mapping[GroupKey, Due]
    ) -> Iterator[SeriesRow]:
        """All rows of a bin, of those too of which results were due and none came."""
        if len(segments) == len(due) == 1 and (owed := due.get(segments[0].group.key)):  # as in most bins
            yield from self.of_segment(segments[0], owed)
            return
        by_key = {segment.group.key: segment for segment in segments}
        keys = by_key.keys() | due.keys()
        for key in sorted(keys, key=row_order) if len(keys) > 1 else keys:
            owed = due.get(key)
            if segment := by_key.get(key):
                yield from self.of_segment(segment, owed)
            elif owed and owed.n_expected:
                yield self._answers.row(start, end, key, owed.atlas_ids, NO_RESULT, 0, owed)


def _identify(target: str) -> Identify:
    return _identify_k_root if target == K_ROOT.name else _as_given


def _identify_k_root(identity: str) -> tuple[str, bool]:
    instance = read_instance(identity)
    return instance.site or instance.text, instance.is_known


def _as_given(identity: str) -> tuple[str, bool]:
    return identity, True
