"""The roster: which results were due in a bin, for each row that could be there.

What a measurement object says is due of each participant at each round. Where it does not list its
participants (built-ins run everywhere), a probe that delivered in the period asked for is taken for
one throughout, so that its silence shows as a gap.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from measurements.campaigns.rounds import ExpectedRounds
from measurements.series.panel import GroupKey, Panels
from measurements.series.series import Series, stratum_of


class Due(NamedTuple):
    """What was due for one row in one bin."""

    n_expected: int | None
    """None where a measurement that contributes is unknown."""
    atlas_ids: tuple[int, ...]
    is_assumed: bool
    """Whether participants were taken from results."""


class _Enrolled(NamedTuple):
    """A series, and the probes of which its results are due."""

    series: Series
    probes: tuple[int, ...]
    is_assumed: bool


class Roster:
    """Counts the results due, bin by bin."""

    def __init__(
        self, panels: Panels, series: Mapping[int, Series], expected: ExpectedRounds, seen: Iterable[tuple[int, int]]
    ) -> None:
        """`seen` are the (probe id, series id) that delivered anything."""
        self._panels = panels
        self._expected = expected
        delivered: dict[int, set[int]] = {series_id: set() for series_id in series}
        for probe_id, series_id in seen:
            delivered[series_id].add(probe_id)
        self._enrolled = [self._enrol(one, series, delivered[series_id]) for series_id, one in series.items()]
        self._kept: dict[int, dict[GroupKey, list[tuple[_Enrolled, int]]]] = {}

    def due(self, from_at: int, to_at: int) -> dict[GroupKey, Due]:
        """What was due in [from_at, to_at), for every row of which something was."""
        rounds = {
            one.series.atlas_id: self._expected.rounds(one.series.atlas_id, from_at, to_at) for one in self._enrolled
        }
        return {key: _due(parts, rounds) for key, parts in self._members(from_at).items()}

    def _enrol(self, one: Series, series: Mapping[int, Series], delivered: set[int]) -> _Enrolled:
        listed = self._expected.participants(one.atlas_id)
        is_only = sum(other.atlas_id == one.atlas_id for other in series.values()) == 1
        is_assumed = listed is None or not is_only
        probes = delivered if listed is None or not is_only else delivered | listed
        return _Enrolled(one, tuple(sorted(probes)), is_assumed)

    def _members(self, at: int) -> dict[GroupKey, list[tuple[_Enrolled, int]]]:
        """Row -> series that owe it results, and of how many probes, as probes stood at an instant."""
        epoch = self._panels.epoch(at)
        if epoch not in self._kept:
            members: dict[GroupKey, list[tuple[_Enrolled, int]]] = {}
            for one in self._enrolled:
                stratum = stratum_of(one.series)
                found = (self._panels.key_of(probe, at, stratum) for probe in one.probes)
                for key, n_probes in Counter(key for key, _ in filter(None, found)).items():
                    members.setdefault(key, []).append((one, n_probes))
            self._kept[epoch] = members
        return self._kept[epoch]


def _due(parts: Iterable[tuple[_Enrolled, int]], rounds: Mapping[int, int | None]) -> Due:
    known = [(rounds[one.series.atlas_id], n_probes) for one, n_probes in parts]
    n_expected = None if any(due is None for due, _ in known) else sum((due or 0) * n for due, n in known)
    atlas_ids = sorted({one.series.atlas_id for one, _ in parts})
    return Due(n_expected, tuple(atlas_ids), any(one.is_assumed for one, _ in parts))
