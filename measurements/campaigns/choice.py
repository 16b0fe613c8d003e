"""Choice: of which probes something is asked, chosen by us, so that tomorrow's series speak for the same hosts.

Networks are served in turn, each its first probe before any its second; the networks of one operator are one. Whoever
was chosen before stays while it can be used, even silent for some days; whoever fell silent for longer comes back only
after it has been steady for some days. So a choice depends on what was chosen before, on what is known of the probes
that could be chosen, and on nothing else: not on their order, not on probes elsewhere.

What the platform's own choice does not do (it draws anew for every measurement), and what a small country with few
hosts needs: a ceiling of what all of ours together ask of one host.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from measurements.agreements.card import Selected
from measurements.agreements.registry import organisation_of
from measurements.agreements.scope import FRESH_S
from measurements.probes import Probe
from measurements.selections import SelectedBy
from measurements.units import DAY_S

MOST_PACKETS_PER_DAY = 50_000
"""Of one host, by all of ours together; some megabytes a day."""
SILENT_DAYS = 7
"""So long a probe that was chosen keeps its place while it is silent."""
STEADY_DAYS = 3
"""So long it has to be connected before it is chosen again."""
MOST_NAMED = 300
"""Probes by their numbers in one selection."""
LAST = 2**62
NOBODY: Mapping[int, int] = {}


class Why(StrEnum):
    """Why a probe is chosen, or left out."""

    KEPT = "kept"
    KEPT_THOUGH_SILENT = "kept_though_silent"
    FIRST_OF_NETWORK = "first_of_network"
    ANOTHER_OF_NETWORK = "another_of_network"
    EXCLUDED = "excluded"
    NOT_WANTED_NOW = "not_wanted_now"
    UNKNOWN_LATELY = "unknown_lately"
    NO_NETWORK = "no_network"
    FAMILY_BROKEN = "family_broken"
    NOT_CONNECTED = "not_connected"
    SILENT = "silent"
    NOT_STEADY = "not_steady"
    TOO_MUCH_ASKED = "too_much_asked"
    NETWORK_HAS_ENOUGH = "network_has_enough"
    NO_ROOM = "no_room"

    @property
    def explanation(self) -> str:
        """In plain words."""
        return _EXPLANATIONS[self]


_EXPLANATIONS = {
    Why.KEPT: "It was chosen before.",
    Why.KEPT_THOUGH_SILENT: "It was chosen before, and has not been silent for long enough to lose its place.",
    Why.FIRST_OF_NETWORK: "It is the first of its operator.",
    Why.ANOTHER_OF_NETWORK: "Every operator that has one to offer had its turn.",
    Why.EXCLUDED: "Somebody excluded it.",
    Why.NOT_WANTED_NOW: "It was chosen before, and is no longer where probes are wanted.",
    Why.UNKNOWN_LATELY: "The platform was not asked about it lately.",
    Why.NO_NETWORK: "It has no network of this address family.",
    Why.FAMILY_BROKEN: "The platform's tests say that this address family does not work there.",
    Why.NOT_CONNECTED: "It is not connected.",
    Why.SILENT: "It has been silent for too long.",
    Why.NOT_STEADY: "It fell silent before, and has not been back for long enough.",
    Why.TOO_MUCH_ASKED: "With this, too much would be asked of its host.",
    Why.NETWORK_HAS_ENOUGH: "Enough probes of its operator are chosen.",
    Why.NO_ROOM: "As many as were wanted are chosen.",
}


class Wanted(NamedTuple):
    """Which probes are wanted, and how many. What is empty, or None, does not matter."""

    address_family: int
    n_probes: int | None = None
    """None for all that can be used."""
    country_codes: tuple[str, ...] = ()
    asns: tuple[int, ...] = ()
    """Networks; the others of the same operators are meant as well."""
    is_anchor: bool | None = None
    per_network: int | None = None
    """At most so many of one operator."""
    packets_per_day: int = 0
    """What would be asked of each."""
    most_packets_per_day: int = MOST_PACKETS_PER_DAY
    """What all of ours together may ask of one."""
    silent_days: int = SILENT_DAYS
    steady_days: int = STEADY_DAYS


class Memory(NamedTuple):
    """What was chosen before."""

    chosen: frozenset[int] = frozenset()
    resting: Mapping[int, int] = NOBODY
    """Probe that fell silent -> since when it is left out."""


class Circumstances(NamedTuple):
    """What else a choice depends on."""

    now: int
    excluded: Mapping[int, str]
    """Probe -> why somebody excluded it."""
    packets_per_day: Mapping[int, int]
    """Probe -> what everything else of ours asks of it."""


class Judged(NamedTuple):
    """A probe, and why it was chosen or left out."""

    probe: Probe
    operator: str | None
    """The organisation behind its network; None where it has none."""
    why: Why
    detail: str | None = None
    """Why it was excluded, in somebody's words."""


class Choice(NamedTuple):
    """What was chosen, what was left out of those that could have been, and what changed."""

    chosen: tuple[Judged, ...]
    """In order of their numbers."""
    left_out: tuple[Judged, ...]
    resting: Mapping[int, int]
    added: tuple[int, ...]
    removed: tuple[int, ...]

    @property
    def probe_ids(self) -> tuple[int, ...]:
        """Those that were chosen, ascending."""
        return tuple(one.probe.probe_id for one in self.chosen)

    @property
    def churn(self) -> float:
        """How much of it is another one than before: 0 for nothing, 1 for all; 0 where both are empty."""
        n_all = len(self.chosen) + len(self.removed)
        return (len(self.added) + len(self.removed)) / n_all if n_all else 0.0


NO_MEMORY = Memory()


def choose(probes: Iterable[Probe], wanted: Wanted, circumstances: Circumstances, memory: Memory = NO_MEMORY) -> Choice:
    """The probes to ask, with why, out of all known ones. Equal questions have equal answers."""
    latest = {one.probe_id: one for one in sorted(probes, key=lambda one: (one.probe_id, one.observed_at))}
    concerned = [one for one in latest.values() if one.probe_id in memory.chosen or _is_wanted(one, wanted)]
    refused: dict[int, Why] = {}
    for one in concerned:
        why = next(_objections(one, wanted, circumstances, memory), None)
        if why is not None:
            refused[one.probe_id] = why
    usable = [one for one in concerned if one.probe_id not in refused]
    seated = _seat([one for one in usable if one.probe_id in memory.chosen], wanted, Counter())
    held = Counter(_operator(one, wanted) for one in seated)
    newly = _seat([one for one in usable if one.probe_id not in memory.chosen], wanted, held)
    reasons = {one.probe_id: _why_kept(one) for one in seated} | _why_new(newly, held, wanted)
    n_of = Counter(_operator(one, wanted) for one in (*seated, *newly))
    judged = [
        Judged(
            one,
            _operator(one, wanted),
            reasons.get(one.probe_id) or refused.get(one.probe_id) or _why_not(one, n_of, wanted),
            circumstances.excluded.get(one.probe_id),
        )
        for one in concerned
    ]
    chosen = frozenset(reasons)
    return Choice(
        chosen=tuple(one for one in judged if one.probe.probe_id in chosen),
        left_out=tuple(one for one in judged if one.probe.probe_id not in chosen),
        resting=_resting(refused, circumstances.now, memory),
        added=tuple(sorted(chosen - memory.chosen)),
        removed=tuple(sorted(memory.chosen - chosen)),
    )


def _is_wanted(probe: Probe, wanted: Wanted) -> bool:
    """Whether it is where, and of the kind that, probes are wanted."""
    operators = {organisation_of(asn) for asn in wanted.asns}
    return (
        (not wanted.country_codes or probe.country_code in wanted.country_codes)
        and (not operators or _operator(probe, wanted) in operators)
        and wanted.is_anchor in (None, probe.is_anchor)
    )


def _objections(probe: Probe, wanted: Wanted, circumstances: Circumstances, memory: Memory) -> Iterator[Why]:
    """What speaks against asking it, the plainest first."""
    now, is_kept = circumstances.now, probe.probe_id in memory.chosen
    if probe.probe_id in circumstances.excluded:
        yield Why.EXCLUDED
    if not _is_wanted(probe, wanted):
        yield Why.NOT_WANTED_NOW
    if now - probe.observed_at > FRESH_S:
        yield Why.UNKNOWN_LATELY
    if probe.asn(wanted.address_family) is None:
        yield Why.NO_NETWORK
    if probe.is_connected and not probe.works(wanted.address_family):
        yield Why.FAMILY_BROKEN  # of one that is away the platform soon says that nothing works
    if not probe.is_connected and not is_kept:
        yield Why.NOT_CONNECTED
    if is_kept and _silent_s(probe, now) > wanted.silent_days * DAY_S:
        yield Why.SILENT
    resting_at = None if is_kept else memory.resting.get(probe.probe_id)
    if resting_at is not None and now - max(resting_at, probe.status_since_at or 0) < wanted.steady_days * DAY_S:
        yield Why.NOT_STEADY
    asked = circumstances.packets_per_day.get(probe.probe_id, 0) + wanted.packets_per_day
    if asked > wanted.most_packets_per_day:
        yield Why.TOO_MUCH_ASKED


def _silent_s(probe: Probe, now: int) -> int:
    """For how long it has not been connected. What the platform does not say is forever."""
    return 0 if probe.is_connected else now - max(probe.last_connected_at or 0, probe.status_since_at or 0)


def _seat(probes: Iterable[Probe], wanted: Wanted, held: Mapping[str | None, int]) -> list[Probe]:
    """As many as there is room for beside those that are held: always of the operator that has the fewest so far."""
    waiting: dict[str | None, list[Probe]] = {}
    for one in sorted(probes, key=_rank, reverse=True):
        waiting.setdefault(_operator(one, wanted), []).append(one)
    n_of, seated = Counter(held), list[Probe]()
    most = LAST if wanted.n_probes is None else wanted.n_probes
    while waiting and n_of.total() < most:
        operator = min(waiting, key=lambda name: (n_of[name], _rank(waiting[name][-1])))
        if n_of[operator] >= (wanted.per_network or LAST):
            break  # it has the fewest
        seated.append(waiting[operator].pop())
        n_of[operator] += 1
        if not waiting[operator]:
            del waiting[operator]
    return seated


def _rank(probe: Probe) -> tuple[bool, int, int]:
    """Anchors first, then whoever has been connected the longest."""
    return not probe.is_anchor, LAST if probe.status_since_at is None else probe.status_since_at, probe.probe_id


def _operator(probe: Probe, wanted: Wanted) -> str | None:
    asn = probe.asn(wanted.address_family)
    return None if asn is None else organisation_of(asn)


def _why_kept(probe: Probe) -> Why:
    return Why.KEPT if probe.is_connected else Why.KEPT_THOUGH_SILENT


def _why_new(newly: Sequence[Probe], held: Mapping[str | None, int], wanted: Wanted) -> dict[int, Why]:
    found: dict[int, Why] = {}
    served = set(held)
    for one in newly:
        operator = _operator(one, wanted)
        found[one.probe_id] = Why.ANOTHER_OF_NETWORK if operator in served else Why.FIRST_OF_NETWORK
        served.add(operator)
    return found


def _why_not(probe: Probe, n_of: Mapping[str | None, int], wanted: Wanted) -> Why:
    has_enough = wanted.per_network is not None and n_of[_operator(probe, wanted)] >= wanted.per_network
    return Why.NETWORK_HAS_ENOUGH if has_enough else Why.NO_ROOM


def _resting(refused: Mapping[int, Why], now: int, memory: Memory) -> dict[int, int]:
    """Who fell silent now, and who fell silent before and is not back for good."""
    still = {Why.NOT_STEADY, Why.NOT_CONNECTED, Why.UNKNOWN_LATELY, Why.FAMILY_BROKEN, Why.EXCLUDED}
    resting = {one: at for one, at in memory.resting.items() if refused.get(one) in still}
    resting |= {one: now for one, why in refused.items() if why is Why.SILENT}
    return dict(sorted(resting.items()))


def selections_of(probe_ids: Iterable[int]) -> tuple[Selected, ...]:
    """Probes as a measurement's selections: by their numbers, so many in each as a card's text holds."""
    ordered = sorted(set(probe_ids))
    parts = [ordered[n : n + MOST_NAMED] for n in range(0, len(ordered), MOST_NAMED)]
    return tuple(Selected(by=SelectedBy.PROBES, value=",".join(map(str, part)), requested=len(part)) for part in parts)
