"""How sure a mean of probes' ratios is: no surer than its probes and networks make it."""

import random
from collections.abc import Callable, Iterable
from math import fsum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from measurements.estimators import Interval, wilson
from measurements.series.estimate import networks_of
from measurements.series.sureness import effective_trials

N_PACKETS = 180
N_HOURS = 400


def told(ratios: list[float], trials: Iterable[int] = (), asns: Iterable[int] = ()) -> float:
    """Effective trials of probes of equal weight, each with 180 trials and in a network of its own unless given."""
    n = len(ratios)
    networks = networks_of(tuple(asns) or tuple(range(n)))
    return effective_trials(fsum(ratios) / n, ratios, tuple(trials) or (N_PACKETS,) * n, (1 / n,) * n, networks)


def test_a_probe_that_lost_everything_leaves_as_many_trials_as_probes_allow() -> None:
    """It is p (1 - p) / v = 0.16 / 0.04 = 4, times (1.960 / 2.776)^2 for four degrees of freedom."""
    assert told([0, 0, 0, 0, 1]) == pytest.approx(4 * (1.95996 / 2.7764) ** 2, rel=1e-4)


def test_networks_count_where_their_probes_share_a_fate() -> None:
    """Three networks of four probes, one of them all lost: p (1 - p) / v is 2, not 11, times (1.960 / 4.303)^2."""
    ratios, asns = [1.0] * 4 + [0.0] * 8, [1] * 4 + [2] * 4 + [3] * 4

    assert told(ratios) == pytest.approx(11 * (1.95996 / 2.2010) ** 2, rel=1e-3)
    assert told(ratios, asns=asns) == 1  # for 0.41: no interval rests on less than one trial


@pytest.mark.parametrize("ratio", [0.0, 0.25, 1.0])
def test_probes_that_agree_tell_as_much_as_all_their_trials(ratio: float) -> None:
    """And no more: that they agree better than chance proves nothing."""
    assert told([ratio] * 5) == pytest.approx(5 * N_PACKETS)


def test_probes_with_few_trials_are_heard_as_loudly_and_tell_less() -> None:
    """Kish: 1 / (1/4 * 1/10 + 1/4 * 1/1000)."""
    assert told([0.0, 0.0], trials=(10, 1000)) == pytest.approx(1 / (0.25 / 10 + 0.25 / 1000))


def test_one_more_loss_does_not_make_an_interval_narrower() -> None:
    """None of 3,600 packets of twenty probes, and one of them."""
    none, one = (wilson(n / 3600, told([n / 180] + [0.0] * 19)) for n in (0, 1))

    assert isinstance(none, Interval)
    assert isinstance(one, Interval)
    assert none.high < one.high < 0.01


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(1, 5)), min_size=1, max_size=12))
def test_it_lies_between_one_and_all_trials(probes: list[tuple[int, int]]) -> None:
    """Whatever probes say, and wherever they are."""
    ratios, asns = [k / 20 for k, _ in probes], [asn for _, asn in probes]

    assert 1 <= told(ratios, [20] * len(ratios), asns) <= 20 * len(ratios) * (1 + 1e-12)


def coverage(draw: Callable[[random.Random], list[float]], n_probes: int, mean: float) -> float:
    """How often an hour's interval holds the mean that its probes' chances of loss were drawn around."""
    chance = random.Random(2026)  # noqa: S311 - a simulation that is the same every time
    n_held = 0
    for _ in range(N_HOURS):
        ratios = [_lost(chance, share) / N_PACKETS for share in draw(chance)]
        interval = wilson(fsum(ratios) / n_probes, told(ratios, asns=[i // 2 for i in range(n_probes)]))
        assert isinstance(interval, Interval)
        n_held += interval.low <= mean <= interval.high
    return n_held / N_HOURS


def _lost(chance: random.Random, share: float) -> int:
    """Packets lost of those sent: binomial, or close enough to it for a probe of many packets."""
    spread = (N_PACKETS * share * (1 - share)) ** 0.5
    return min(N_PACKETS, max(0, round(chance.gauss(N_PACKETS * share, spread))))


@pytest.mark.parametrize("n_probes", [6, 20])
@pytest.mark.parametrize(("a", "b"), [(30, 270), (2, 18), (0.5, 4.5)], ids=["alike", "different", "very different"])
def test_nineteen_of_twenty_intervals_hold_what_they_should(a: float, b: float, n_probes: int) -> None:
    """Ten per cent loss, from probes nearly alike to most of them lossless, two in each network."""

    def draw(chance: random.Random) -> list[float]:
        return [chance.betavariate(a, b) for _ in range(n_probes)]

    assert coverage(draw, n_probes, 0.1) >= 0.93


@pytest.mark.parametrize("n_probes", [6, 20])
def test_probes_of_one_network_that_share_its_fate_do_not_make_an_interval_surer(n_probes: int) -> None:
    """Loss differs between networks only."""

    def draw(chance: random.Random) -> list[float]:
        by_network = [chance.betavariate(2, 18) for _ in range(n_probes // 2)]
        return [by_network[i // 2] for i in range(n_probes)]

    assert coverage(draw, n_probes, 0.1) >= 0.93


def test_packets_taken_for_independent_would_hold_far_less() -> None:
    """What the intervals were before: half of them wrong."""
    chance = random.Random(2026)  # noqa: S311 - as above
    n_held = 0
    for _ in range(N_HOURS):
        value = fsum(_lost(chance, chance.betavariate(2, 18)) / N_PACKETS for _ in range(6)) / 6
        interval = wilson(value, 6 * N_PACKETS)
        assert isinstance(interval, Interval)
        n_held += interval.low <= 0.1 <= interval.high

    assert n_held / N_HOURS < 0.6
