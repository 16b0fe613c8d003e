"""Panels: which cells of a bin speak together, and for whom.

Cells of one figure share a stratum (never mixed: label, data class, agreement, target, address family,
protocol) and a scope (a probe, a network, a country) at the instant of the cell. The same probes report
hour after hour, so what is worked out for a bin is kept for the next bin with the same probes.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from measurements.metrics.cell import Cells
from measurements.probes import VantageTable
from measurements.series.query import Scope, SeriesQuery
from measurements.series.series import Series, Stratum, stratum_of


class ScopeKey(NamedTuple):
    """For whom a figure speaks, as its row says it."""

    probe_id: int | None
    asn: int | None
    country_code: str | None


class GroupKey(NamedTuple):
    """What a row is about."""

    stratum: Stratum
    scope: ScopeKey


class Group(NamedTuple):
    """The cells of one row: positions in the bin, by probe, and the network of each probe."""

    key: GroupKey
    positions: tuple[tuple[int, ...], ...]
    asns: tuple[int | None, ...]
    atlas_ids: tuple[int, ...]
    is_whole: bool
    """Whether every cell of the bin is in it, one per probe and in order."""


class Panels:
    """Groups the cells of bins for one query."""

    def __init__(self, query: SeriesQuery, series: Mapping[int, Series], vantage: VantageTable) -> None:
        self._query = query
        self._series = series
        self._strata = {series_id: stratum_of(one) for series_id, one in series.items()}
        self._vantage = vantage
        self._kept: dict[tuple[int, tuple[int, ...], tuple[int, ...]], list[Group]] = {}
        self.epoch = vantage.epoch
        """Number of the epoch that holds an instant: within one, no probe moves."""

    def groups(self, cells: Cells, part: slice) -> Sequence[Group]:
        """The groups of one bin's cells, in the order of rows."""
        ats, probe_ids, series_ids = cells.bin_at[part], cells.probe_id[part], cells.series_id[part]
        epoch = self.epoch(ats[0])
        if epoch != self.epoch(ats[-1]):
            return self._grouped(ats, probe_ids, series_ids)
        same = (epoch, probe_ids, series_ids)
        groups = self._kept.get(same)
        if groups is None:
            groups = self._kept[same] = self._grouped(ats, probe_ids, series_ids)
        return groups

    def key_of(self, probe_id: int, at: int, stratum: Stratum) -> tuple[GroupKey, int | None] | None:
        """For whom a probe speaks at an instant, and its network; None where the query leaves it out."""
        query = self._query
        asn, country_code = self._vantage.at(probe_id, at, stratum.address_family)
        if (
            (query.probe_ids and probe_id not in query.probe_ids)
            or (query.asns and asn not in query.asns)
            or (query.country_code and country_code != query.country_code)
        ):
            return None
        if query.scope is Scope.PROBE:
            scope = ScopeKey(probe_id, asn, country_code)
        elif query.scope is Scope.ASN:
            scope = ScopeKey(None, asn, query.country_code)
        else:
            scope = ScopeKey(None, None, country_code)
        return GroupKey(stratum, scope), asn

    def _grouped(self, ats: Sequence[int], probe_ids: Sequence[int], series_ids: Sequence[int]) -> list[Group]:
        members: dict[GroupKey, dict[int, list[int]]] = {}
        asns: dict[GroupKey, dict[int, int | None]] = {}
        for i, (at, probe_id, series_id) in enumerate(zip(ats, probe_ids, series_ids, strict=True)):
            if found := self.key_of(probe_id, at, self._strata[series_id]):
                key, asn = found
                members.setdefault(key, {}).setdefault(probe_id, []).append(i)
                asns.setdefault(key, {})[probe_id] = asn
        return [
            Group(
                key=key,
                positions=tuple(map(tuple, members[key].values())),
                asns=tuple(asns[key].values()),
                atlas_ids=self._atlas_ids(series_ids[i] for found in members[key].values() for i in found),
                is_whole=len(members[key]) == len(probe_ids),
            )
            for key in sorted(members, key=row_order)
        ]

    def _atlas_ids(self, series_ids: Iterable[int]) -> tuple[int, ...]:
        return tuple(sorted({self._series[series_id].atlas_id for series_id in series_ids}))


def row_order(key: GroupKey) -> tuple[tuple[bool, str | int], ...]:
    """Sorts keys; what is not said comes last."""
    return tuple((part is None, 0 if part is None else part) for part in (*key.stratum, *key.scope))
