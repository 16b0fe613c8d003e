"""From cells to rows: probe first, then across probes, bin by bin.

Gaps stay gaps. A bin in which no probe delivered gives a row only where results were due, with no value
and the flag `no_result`; nothing is ever interpolated.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import itemgetter

from measurements.campaigns.rounds import ExpectedRounds
from measurements.metrics.cell import CellRow, Cells, columns_of
from measurements.probes import VantageTable
from measurements.results.instances import read_instance
from measurements.series.answer import NO_RESULT, Answers
from measurements.series.binning import Binning
from measurements.series.combine import Identify, combination
from measurements.series.merging import merge_cells
from measurements.series.panel import Group, GroupKey, Panels, row_order
from measurements.series.query import SeriesQuery
from measurements.series.roster import Due, Roster
from measurements.series.rows import SeriesRow
from measurements.series.series import Series
from measurements.targets import K_ROOT

_AT = itemgetter(0)
_PROBE_AND_SERIES = itemgetter(1, 2)


def evaluate(
    query: SeriesQuery,
    cells: Iterable[CellRow],
    series: Mapping[int, Series],
    vantage: VantageTable,
    expected: ExpectedRounds | None = None,
) -> Iterator[SeriesRow]:
    """The rows that answer a query, in order of time.

    `cells` are in order of `bin_at`, plain tuples or `Cell`, of the series in `series` (series id ->
    series) that `query.covers`, within the query's window, with `query.needed_columns(series.values())`
    filled; bins finer than an hour come cut by `query.binning` already. Without `expected`, nothing
    is known of what was due, and bins without cells have no row.
    """
    held = cells if isinstance(cells, list) else list(cells)
    evaluation = _Evaluation(query, series, vantage)
    if expected is None:
        for start, end, chunk in _bins(held, query.binning):
            yield from evaluation.rows(start, end, chunk)
        return
    roster = Roster(evaluation.panels, series, expected, set(map(_PROBE_AND_SERIES, held)))
    for start, end, chunk in _every_bin(held, query, expected):
        yield from evaluation.rows_with_gaps(start, end, chunk, roster.due(start, end))


def _bins(cells: Sequence[CellRow], binning: Binning) -> Iterator[tuple[int, int, Sequence[CellRow]]]:
    """Start, end and cells of each bin that has any."""
    position = 0
    while position < len(cells):
        start = binning.start_of(cells[position][0])
        end = binning.end_of(start)
        following = bisect_left(cells, end, position, key=_AT)
        yield start, end, cells[position:following]
        position = following


def _every_bin(
    cells: Sequence[CellRow], query: SeriesQuery, expected: ExpectedRounds
) -> Iterator[tuple[int, int, Sequence[CellRow]]]:
    """Start, end and cells of each bin from the first to the last in which anything came or was due."""
    filled = {start: chunk for start, _, chunk in _bins(cells, query.binning)}
    came = [min(filled, default=expected.until_at), max(filled, default=expected.from_at) + 1]
    first = max(came[0] if query.from_at is None else query.from_at, min(came[0], expected.from_at))
    last = min(came[1] if query.to_at is None else query.to_at, max(came[1], expected.until_at))
    start = query.binning.start_of(first)
    while start < last:
        end = query.binning.end_of(start)
        yield start, end, filled.get(start, ())
        start = end


class _Evaluation:
    """What stays the same from bin to bin."""

    def __init__(self, query: SeriesQuery, series: Mapping[int, Series], vantage: VantageTable) -> None:
        self.panels = Panels(query, series, vantage)
        self._combine = combination(query.metric, query.weight, _identify(query.target))
        self._merges = query.metric.merges
        self._answers = Answers(query)

    def rows(self, start: int, end: int, chunk: Sequence[CellRow]) -> Iterator[SeriesRow]:
        """Rows of a bin that has cells, nothing being known of what was due."""
        cells = columns_of(chunk)
        for group in self.panels.groups(cells):
            yield from self._rows_of_group(start, end, group, self._by_probe(group, cells, chunk), None)

    def rows_with_gaps(
        self, start: int, end: int, chunk: Sequence[CellRow], due: Mapping[GroupKey, Due]
    ) -> Iterator[SeriesRow]:
        """Rows of a bin, of those too of which results were due and none came."""
        cells = columns_of(chunk) if chunk else None
        groups = {group.key: group for group in self.panels.groups(cells)} if cells else {}
        for key in sorted(groups.keys() | due.keys(), key=row_order):
            group, owed = groups.get(key), due.get(key)
            if group and cells:
                yield from self._rows_of_group(start, end, group, self._by_probe(group, cells, chunk), owed)
            elif owed and owed.n_expected:
                yield self._answers.row(start, end, key, owed.atlas_ids, NO_RESULT, 0, owed)

    def _by_probe(self, group: Group, cells: Cells, chunk: Sequence[CellRow]) -> Cells:
        """The group's cells, one for each probe."""
        if group.is_whole:
            return cells
        return columns_of([merge_cells([chunk[i] for i in found], self._merges) for found in group.positions])

    def _rows_of_group(
        self, start: int, end: int, group: Group, cells: Cells, due: Due | None
    ) -> Iterator[SeriesRow]:
        n_received = sum(cells.n_results)
        for estimate in self._combine(cells, group.asns):
            yield self._answers.row(start, end, group.key, group.atlas_ids, estimate, n_received, due)


def _identify(target: str) -> Identify:
    return _identify_k_root if target == K_ROOT.name else _as_given


def _identify_k_root(identity: str) -> tuple[str, bool]:
    instance = read_instance(identity)
    return instance.site or instance.text, instance.is_known


def _as_given(identity: str) -> tuple[str, bool]:
    return identity, True
