"""The choice of probes: stable, fair to networks, within the ceiling, and the same whatever comes in which order."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from measurements.agreements.registry import NEIGHBOURS, organisation_of
from measurements.agreements.scope import FRESH_S
from measurements.campaigns.choice import (
    NO_MEMORY,
    Choice,
    Circumstances,
    Memory,
    Wanted,
    Why,
    choose,
    selections_of,
)
from measurements.probes import Probe
from measurements.units import DAY_S

NOW = 1_800_000_000
WORKS = ("system-ipv4-works", "system-ipv6-works")
QUIET = Circumstances(NOW, {}, {})
IN_TJ = Wanted(4, country_codes=("TJ",))


def probe(probe_id: int, asn: int | None = 24722, **changes: Any) -> Probe:
    known = Probe(probe_id, NOW, asn, asn, "TJ", None, None, False, True, "Connected", WORKS, NOW - 90 * DAY_S, NOW)
    return known._replace(**changes)


def silent(probe_id: int, days: float, **changes: Any) -> Probe:
    """Not connected for so many days; the platform no longer says that anything works there."""
    since_at = NOW - int(days * DAY_S)
    away = probe(probe_id, status="Disconnected", status_since_at=since_at, last_connected_at=since_at, tags=("home",))
    return away._replace(**changes)


def remembered(choice: Choice) -> Memory:
    return Memory(frozenset(choice.probe_ids), choice.resting)


def why(choice: Choice, probe_id: int) -> Why:
    return next(one.why for one in (*choice.chosen, *choice.left_out) if one.probe.probe_id == probe_id)


ASNS = (24722, 47139, 48887, 43197, 34557, 64500)
"""The second and the third are one operator's."""
probes_of_tj = st.builds(
    lambda probe_id, asn, is_anchor, status, since, works: probe(
        probe_id, asn, is_anchor=is_anchor, status=status, status_since_at=NOW - since * DAY_S,
        last_connected_at=NOW - since * DAY_S, tags=WORKS if works else ("system-ipv6-works",),
    ),
    st.integers(1, 60), st.sampled_from(ASNS), st.booleans(),
    st.sampled_from(("Connected", "Connected", "Disconnected")),
    st.integers(0, 20), st.booleans(),
)  # fmt: skip
many = st.lists(probes_of_tj, max_size=40, unique_by=lambda one: one.probe_id)
wanted_in_tj = st.builds(
    lambda n, per, packets: IN_TJ._replace(
        n_probes=n, per_network=per, packets_per_day=packets, most_packets_per_day=100
    ),
    st.none() | st.integers(1, 20),
    st.none() | st.integers(1, 4),
    st.integers(0, 60),
)
loads = st.dictionaries(st.integers(1, 60), st.integers(0, 100), max_size=30)
memories = st.builds(
    Memory,
    st.frozensets(st.integers(1, 60), max_size=15),
    st.dictionaries(st.integers(61, 70) | st.integers(1, 60), st.integers(NOW - 20 * DAY_S, NOW), max_size=5),
)


@given(many, wanted_in_tj, loads, memories, st.randoms())
def test_the_order_in_which_probes_come_makes_no_difference(
    probes: list[Probe], wanted: Wanted, load: dict[int, int], memory: Memory, random: Any
) -> None:
    circumstances = Circumstances(NOW, {}, load)
    first = choose(probes, wanted, circumstances, memory)
    random.shuffle(probes)

    assert choose(iter(probes), wanted, circumstances, memory) == first


@given(many, wanted_in_tj, memories, st.lists(st.integers(100, 120), unique=True))
def test_probes_elsewhere_move_nobody(probes: list[Probe], wanted: Wanted, memory: Memory, others: list[int]) -> None:
    """Nor do they show."""
    far = [probe(one, 24722 if one % 2 else 64501, country_code="DE", is_anchor=True) for one in others]

    assert choose([*probes, *far], wanted, QUIET, memory) == choose(probes, wanted, QUIET, memory)


@given(many, many, wanted_in_tj)
def test_whoever_was_chosen_stays_whoever_comes(old: list[Probe], new: list[Probe], wanted: Wanted) -> None:
    """Chosen again the next day, beside new probes: nobody has to leave, and where nobody came nothing changes."""
    first = choose(old, wanted, QUIET)
    held = {one.probe_id for one in old}
    came = [one for one in new if one.probe_id not in held]
    tomorrow = QUIET._replace(now=NOW + DAY_S)

    again = choose([*old, *came], wanted, tomorrow, remembered(first))

    assert (again.removed, set(first.probe_ids) - set(again.probe_ids)) == ((), set())
    unchanged = choose(old, wanted, tomorrow, remembered(first))
    assert (unchanged.probe_ids, unchanged.churn) == (first.probe_ids, 0)


@given(many, wanted_in_tj)
def test_no_operator_has_two_more_than_one_that_has_some_left(probes: list[Probe], wanted: Wanted) -> None:
    """And none has more than it may."""
    choice = choose(probes, wanted, QUIET)

    n_of = Counter(one.operator for one in choice.chosen)
    waiting = {one.operator for one in choice.left_out if one.why in (Why.NO_ROOM, Why.NETWORK_HAS_ENOUGH)}
    assert all(n_of[operator] >= max(n_of.values(), default=0) - 1 for operator in waiting)
    assert max(n_of.values(), default=0) <= (wanted.per_network or 60)
    firsts = [one.operator for one in choice.chosen if one.why is Why.FIRST_OF_NETWORK]
    assert sorted(map(str, firsts)) == sorted(map(str, n_of))


@given(many, wanted_in_tj, loads, memories)
def test_the_ceiling_and_the_number_are_kept(
    probes: list[Probe], wanted: Wanted, load: dict[int, int], memory: Memory
) -> None:
    """Whoever was chosen before; and as many are chosen as can be."""
    choice = choose(probes, wanted, Circumstances(NOW, {}, load), memory)

    assert all(load.get(one, 0) + wanted.packets_per_day <= 100 for one in choice.probe_ids)
    assert len(choice.chosen) <= (wanted.n_probes or 60)
    if any(one.why is Why.NO_ROOM for one in choice.left_out):
        assert len(choice.chosen) == wanted.n_probes


@given(many, wanted_in_tj, loads, memories)
def test_every_probe_that_is_concerned_is_told_of_once(
    probes: list[Probe], wanted: Wanted, load: dict[int, int], memory: Memory
) -> None:
    choice = choose(probes, wanted, Circumstances(NOW, {}, load), memory)

    told = [one.probe.probe_id for one in (*choice.chosen, *choice.left_out)]
    assert sorted(told) == sorted(one.probe_id for one in probes)
    assert set(choice.added) == set(choice.probe_ids) - memory.chosen
    assert set(choice.removed) == memory.chosen - set(choice.probe_ids)
    assert 0 <= choice.churn <= 1


def test_networks_are_served_in_turn_and_two_of_one_operator_are_one() -> None:
    """The first of each before the second of any; anchors first, then whoever has been there for longest."""
    assert organisation_of(47139) == organisation_of(48887)
    probes = [
        *(probe(n, 24722, status_since_at=NOW - n) for n in (1, 2, 3)), probe(4, 47139, is_anchor=True),
        probe(5, 48887), probe(6, 43197),
    ]  # fmt: skip

    def of(n: int) -> tuple[int, ...]:
        return choose(probes, IN_TJ._replace(n_probes=n), QUIET).probe_ids

    assert [of(n) for n in (1, 2, 3, 4, 5)] == [(4,), (4, 6), (3, 4, 6), (3, 4, 5, 6), (2, 3, 4, 5, 6)]
    choice = choose(probes, IN_TJ._replace(n_probes=4), QUIET)
    assert [why(choice, n) for n in (3, 5, 6, 1)] == [
        Why.FIRST_OF_NETWORK, Why.ANOTHER_OF_NETWORK, Why.FIRST_OF_NETWORK, Why.NO_ROOM
    ]  # fmt: skip


REFUSED: dict[str, tuple[Why, Probe, Wanted]] = {
    "excluded": (Why.EXCLUDED, probe(1), IN_TJ),
    "nobody asked about it lately": (Why.UNKNOWN_LATELY, probe(7, observed_at=NOW - FRESH_S - 1), IN_TJ),
    "no IPv6": (Why.NO_NETWORK, probe(7, asn_v6=None), IN_TJ._replace(address_family=6)),
    "IPv6 fails": (Why.FAMILY_BROKEN, probe(7, tags=("system-ipv4-works",)), IN_TJ._replace(address_family=6)),
    "away": (Why.NOT_CONNECTED, probe(7, status="Abandoned"), IN_TJ),
    "too much": (Why.TOO_MUCH_ASKED, probe(2), IN_TJ._replace(packets_per_day=51, most_packets_per_day=100)),
}


@pytest.mark.parametrize("name", REFUSED)
def test_who_cannot_be_used_is_left_out_and_why(name: str) -> None:
    reason, one, wanted = REFUSED[name]
    circumstances = Circumstances(NOW, {1: "answers for 192.0.2.0/24"}, {2: 50})

    choice = choose([one], wanted, circumstances)

    assert (choice.probe_ids, [each.why for each in choice.left_out]) == ((), [reason])
    assert choice.left_out[0].detail == (circumstances.excluded[1] if one.probe_id == 1 else None)
    assert reason.explanation


def test_what_the_platform_did_not_test_is_judged_by_the_network_alone() -> None:
    assert choose([probe(7, tags=("home",))], IN_TJ, QUIET).probe_ids == (7,)


@pytest.mark.parametrize(("days", "stays"), [(0.5, True), (7, True), (7.01, False), (300, False)])
def test_a_chosen_probe_keeps_its_place_through_some_silence(days: float, *, stays: bool) -> None:
    """Though the platform no longer says that anything works there; whoever was never chosen is not chosen silent."""
    choice = choose([silent(7, days)], IN_TJ, QUIET, Memory(frozenset({7})))

    assert why(choice, 7) is (Why.KEPT_THOUGH_SILENT if stays else Why.SILENT)
    assert (choice.probe_ids, choice.resting) == (((7,), {}) if stays else ((), {7: NOW}))
    assert why(choose([silent(7, days)], IN_TJ, QUIET), 7) is Why.NOT_CONNECTED


def test_a_probe_that_fell_silent_comes_back_when_it_is_steady_again() -> None:
    """Not on its first good day; and every silence begins the days anew, however often it is chosen in between."""
    memory = Memory(frozenset({7}))
    seen: list[Why] = []
    connected_at = NOW + 10 * DAY_S
    for day in range(9, 16):
        now = NOW + day * DAY_S
        is_back = now >= connected_at
        one = silent(7, 0) if not is_back else probe(7, status_since_at=connected_at, last_connected_at=now)
        choice = choose([one._replace(observed_at=now)], IN_TJ, Circumstances(now, {}, {}), memory)
        seen.append(why(choice, 7))
        memory = remembered(choice)

    assert seen == [Why.SILENT, *[Why.NOT_STEADY] * 3, Why.FIRST_OF_NETWORK, Why.KEPT, Why.KEPT]
    assert memory.resting == {}


def test_who_moved_away_or_was_excluded_leaves_at_once() -> None:
    memory = Memory(frozenset({1, 2, 3}))
    probes = [probe(1, country_code="UZ"), probe(2), probe(3)]

    choice = choose(probes, IN_TJ, Circumstances(NOW, {2: "odd"}, {}), memory)

    assert (why(choice, 1), why(choice, 2), why(choice, 3)) == (Why.NOT_WANTED_NOW, Why.EXCLUDED, Why.KEPT)
    assert (choice.removed, choice.added, choice.resting) == ((1, 2), (), {})
    assert choice.churn == pytest.approx(2 / 3)


def test_fewer_are_wanted_than_before() -> None:
    """Then operators keep their first ones."""
    probes = [probe(1, 24722), probe(2, 24722), probe(3, 43197), probe(4, 43197)]

    choice = choose(probes, IN_TJ._replace(n_probes=2), QUIET, Memory(frozenset({1, 2, 3, 4})))

    assert (choice.probe_ids, choice.removed) == ((1, 3), (2, 4))


def ids(probes: Sequence[Probe], **changes: Any) -> tuple[int, ...]:
    return choose(probes, Wanted(**({"address_family": 4} | changes)), QUIET, NO_MEMORY).probe_ids


def test_probes_are_wanted_by_country_operator_or_kind() -> None:
    """All of a country, of an operator (with all its networks), of the neighbours; anchors, or none."""
    probes = [
        probe(1, 47139), probe(2, 48887), probe(3, 24722, is_anchor=True), probe(4, 64500, country_code="KG"),
        probe(5, 64501, country_code="KZ"), probe(6, 64502, country_code=None),
    ]  # fmt: skip

    assert ids(probes) == (1, 2, 3, 4, 5, 6)
    assert ids(probes, country_codes=("TJ",)) == (1, 2, 3)
    assert ids(probes, asns=(47139,)) == (1, 2)
    assert ids(probes, asns=(47139,), per_network=1) == (1,)
    assert ids(probes, country_codes=NEIGHBOURS) == (4,)
    assert ids(probes, country_codes=("TJ",), is_anchor=True) == (3,)
    assert ids(probes, country_codes=("TJ",), is_anchor=False) == (1, 2)


def test_what_is_chosen_can_be_measured_from() -> None:
    """However many there are: as selections by number, each as a card's text holds."""
    assert selections_of([]) == ()
    assert [(one.by, one.value, one.requested) for one in selections_of([9, 7, 7])] == [("probes", "7,9", 2)]
    most = selections_of(range(1_000_000_000, 1_000_001_000))
    assert [one.requested for one in most] == [300, 300, 300, 100]
    assert sorted(n for one in most for n in one.selection.probe_ids) == list(range(1_000_000_000, 1_000_001_000))


def test_every_reason_is_explained() -> None:
    assert len({reason.explanation for reason in Why}) == len(Why)
