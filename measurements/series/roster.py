"""The roster: which results were due in a bin, for each row that could be there.

What a measurement object says is due of each participant at each round: once, however many series its
results make. Where it does not list its participants (built-ins run everywhere), a probe that delivered in
the period asked for is taken for one throughout, so that its silence shows as a gap.

Results of one measurement may fall into several strata. Over both address families (the resolvers of a probe)
each owes results of the probes that delivered there; participants that are listed are due in the measurement's
own family, or in its only stratum. Where some records leave the family or the protocol open, as after a failed
name, their rounds are due in the stratum that others name: a round counted in both would be expected twice.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from measurements.campaigns.rounds import ExpectedRounds
from measurements.series.panel import GroupKey, Panels
from measurements.series.series import Series, Stratum, stratum_of


class Due(NamedTuple):
    """What was due for one row in one bin."""

    n_expected: int | None
    """None where a measurement that contributes is unknown."""
    atlas_ids: tuple[int, ...]
    is_assumed: bool
    """Whether participants were taken from results."""


class _Enrolled(NamedTuple):
    """A measurement in one stratum, and the probes of which its results are due there."""

    atlas_id: int
    stratum: Stratum
    probes: tuple[int, ...]
    is_assumed: bool


class _Owed(NamedTuple):
    """What owes results to one row, the same for all bins of an epoch."""

    probes: tuple[tuple[int, int], ...]
    """Measurement, and how many probes."""
    atlas_ids: tuple[int, ...]
    is_assumed: bool


class Roster:
    """Counts the results due, bin by bin."""

    def __init__(
        self, panels: Panels, series: Mapping[int, Series], expected: ExpectedRounds, seen: Iterable[tuple[int, int]]
    ) -> None:
        """`seen` are the (probe id, series id) that delivered anything."""
        self._panels = panels
        self._expected = expected
        delivered: dict[int, dict[Stratum, set[int]]] = {}
        for one in series.values():
            delivered.setdefault(one.atlas_id, {}).setdefault(stratum_of(one), set())
        for probe_id, series_id in seen:
            one = series[series_id]
            delivered[one.atlas_id][stratum_of(one)].add(probe_id)
        self._enrolled = [found for atlas_id, strata in delivered.items() for found in self._enrol(atlas_id, strata)]
        self._kept: dict[int, dict[GroupKey, _Owed]] = {}
        self._known: dict[tuple[int, tuple[int | None, ...]], dict[GroupKey, Due]] = {}
        """By epoch and rounds: bin after bin, as many are due of the same probes."""

    def due(self, from_at: int, to_at: int) -> Mapping[GroupKey, Due]:
        """What was due in [from_at, to_at), for every row of which something was."""
        rounds = {one.atlas_id: self._expected.rounds(one.atlas_id, from_at, to_at) for one in self._enrolled}
        same = (self._panels.epoch(from_at), tuple(rounds.values()))
        due = self._known.get(same)
        if due is None:
            due = {key: _due(owed, rounds) for key, owed in self._members(from_at).items()}
            self._known[same] = due
        return due

    def _enrol(self, atlas_id: int, strata: Mapping[Stratum, set[int]]) -> Iterator[_Enrolled]:
        listed = self._expected.participants(atlas_id)
        owing = [stratum for stratum in strata if not _is_open(stratum, strata)]
        home = _home(owing, self._expected.address_family(atlas_id), strata)
        at_home = frozenset().union(listed or (), *(strata[stratum] for stratum in strata if stratum not in owing))
        for stratum in owing:
            is_home = stratum == home
            probes = strata[stratum] | at_home if is_home else strata[stratum]
            yield _Enrolled(atlas_id, stratum, tuple(sorted(probes)), listed is None or not is_home)

    def _members(self, at: int) -> dict[GroupKey, _Owed]:
        """Row -> what owes it results, as probes stood at an instant."""
        epoch = self._panels.epoch(at)
        if epoch not in self._kept:
            members: dict[GroupKey, list[tuple[_Enrolled, int]]] = {}
            for one in self._enrolled:
                found = (self._panels.key_of(probe, at, one.stratum) for probe in one.probes)
                for key, n_probes in Counter(key for key, _ in filter(None, found)).items():
                    members.setdefault(key, []).append((one, n_probes))
            self._kept[epoch] = {key: _owed_by(parts) for key, parts in members.items()}
        return self._kept[epoch]


def _is_open(stratum: Stratum, strata: Collection[Stratum]) -> bool:
    """Whether it leaves open what another stratum of the measurement says."""
    if not stratum.address_family:
        return any(other.address_family for other in strata)
    return not stratum.protocol and any(
        other.protocol and other.address_family == stratum.address_family for other in strata
    )


def _home(owing: list[Stratum], own_family: int, strata: Mapping[Stratum, set[int]]) -> Stratum | None:
    """The stratum in which participants are due that delivered nothing; None where the measurement has no one home."""
    only = owing if len(owing) == 1 and not (own_family and owing[0].address_family) else []
    own = [stratum for stratum in owing if stratum.address_family == own_family]
    return max(own or only, key=lambda stratum: len(strata[stratum]), default=None)


def _owed_by(parts: Sequence[tuple[_Enrolled, int]]) -> _Owed:
    return _Owed(
        probes=tuple((one.atlas_id, n_probes) for one, n_probes in parts),
        atlas_ids=tuple(sorted({one.atlas_id for one, _ in parts})),
        is_assumed=any(one.is_assumed for one, _ in parts),
    )


def _due(owed: _Owed, rounds: Mapping[int, int | None]) -> Due:
    n_expected = 0
    for atlas_id, n_probes in owed.probes:
        due = rounds[atlas_id]
        if due is None:
            return Due(None, owed.atlas_ids, owed.is_assumed)
        n_expected += due * n_probes
    return Due(n_expected, owed.atlas_ids, owed.is_assumed)
