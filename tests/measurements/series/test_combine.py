"""How the answers of probes become one value, metric by metric."""

import random
import statistics
from itertools import repeat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from measurements.series.combine import _matters, _median_by_network, _weighting_of_median
from measurements.series.estimate import networks_of
from measurements.series.rows import SeriesRow
from measurements.series.sample import Sample
from tests.measurements.series.making import UNEVEN, ask, make_cell, make_query, make_sample, make_series, make_vantage


def ask_one(metric: str, per_probe: list[Sample], type: str = "ping", **filters: object) -> SeriesRow:  # noqa: A002 - as on the wire
    """The national row of probes in uneven networks, of one sample each."""
    cells = [make_cell(i, [sample]) for i, sample in enumerate(per_probe, 1)]
    (row,) = ask(make_query(metric, **filters), cells, {1: make_series(type=type)}, make_vantage(UNEVEN))
    return row


def with_replies(*received: int, n_sent: int = 4) -> list[Sample]:
    """A sample for each probe, of which so many packets were answered."""
    return [make_sample([10.0] * n, n_sent=n_sent) for n in received]


def test_loss_is_the_mean_of_the_probes_losses() -> None:
    """A quarter of the packets of each of two probes among six."""
    row = ask_one("loss", with_replies(4, 4, 4, 4, 3, 3))

    assert row.value == pytest.approx(0.5 / 6)
    assert (row.n_samples, row.n_probes, row.unit, row.statistic) == (24, 6, "ratio", "mean")


def test_loss_can_be_weighted_by_network() -> None:
    """The two lossy probes are two networks of three; and the row says that it matters."""
    row = ask_one("loss", with_replies(4, 4, 4, 4, 3, 3), weight="asn")

    assert row.value == pytest.approx(0.5 / 3)
    assert (row.weight_scheme, row.flags) == ("asn", ("weighting_matters",))


def test_probes_alike_have_the_interval_of_all_their_packets() -> None:
    """288 of 288, the example of the domain sheet, spread over six probes."""
    row = ask_one("loss", with_replies(48, 48, 48, 48, 48, 48, n_sent=48))

    assert row.ci_method == "wilson_clustered"
    assert (row.ci_low, round(1 - (row.ci_high or 0), 3)) == (0, 0.987)


def test_one_probe_without_any_reply_is_one_of_six_and_not_a_sixth_of_all_packets() -> None:
    """1,080 packets as if independent would put loss between 14.6 and 19.0 %; one of six tells far less."""
    row = ask_one("loss", with_replies(180, 180, 180, 180, 180, 0, n_sent=180))

    assert row.value == pytest.approx(1 / 6)
    assert row.ci_low is not None
    assert row.ci_high is not None
    assert row.ci_low < 0.03
    assert row.ci_high > 0.6


def test_a_single_probe_has_the_interval_of_its_packets() -> None:
    """287 of 288, from nobody but itself."""
    query = make_query("loss", scope="probe")
    (row,) = ask(query, [make_cell(1, with_replies(287, n_sent=288))])

    assert (row.ci_method, row.weight_scheme) == ("wilson", None)
    assert (round(1 - (row.ci_high or 0), 3), round(1 - (row.ci_low or 0), 3)) == (0.981, 0.999)


@given(st.lists(st.integers(1, 40).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), min_size=6, max_size=6))
def test_an_interval_holds_its_value(counts: list[tuple[int, int]]) -> None:
    """However unequal probes are, which an interval of the pooled packets would not ensure."""
    for weight in ("probe", "asn"):
        row = ask_one("loss", [make_sample([1.0] * k, n_sent=n) for k, n in counts], weight=weight)

        assert row.value is not None
        assert row.ci_low is not None
        assert row.ci_high is not None
        assert row.ci_low - 1e-12 <= row.value <= row.ci_high + 1e-12


def test_a_probe_that_could_not_send_has_no_loss() -> None:
    """Six probes, of which one only had send errors: five speak."""
    row = ask_one("loss", [make_sample(n_sent=0), *with_replies(4, 4, 4, 4, 4)])

    assert (row.value, row.n_probes, row.n_received) == (0, 5, 6)


def test_reach_is_the_share_of_probes_with_a_reply() -> None:
    """One packet answered is enough; a probe that sent nothing counts neither way."""
    row = ask_one("reach", [make_sample(n_sent=0), *with_replies(1, 4, 4, 4, 0)])

    assert (row.value, row.n_probes, row.n_samples) == (0.8, 5, 5)
    assert row.flags[-1] == "n_expected_unknown"


def test_availability_counts_errors_and_time_outs_as_failures() -> None:
    """One SERVFAIL and one time-out among six queries."""
    answered = make_sample([5.0], n_sent=1)
    failed = [make_sample([5.0], n_sent=1, n_success=0), make_sample(n_sent=1)]

    row = ask_one("availability", [*repeat(answered, 4), *failed], type="dns")

    assert row.value == pytest.approx(4 / 6)
    assert row.n_samples == 6


def test_time_outs_have_no_response_time() -> None:
    """The median is that of the answers, errors included."""
    answers = [make_sample([t], n_sent=1, n_success=0) for t in (10, 20, 30, 40, 50)]

    row = ask_one("response_time_ms", [make_sample(n_sent=1), *answers], type="dns")

    assert (row.value, row.n_probes) == (30, 5)


def test_hop_counts_of_paths_that_arrived() -> None:
    """One path did not arrive: it has no hop count."""
    paths = [make_sample([1.0], n_sent=1, hop_count=n) for n in (9, 9, 10, 12, 14)]

    row = ask_one("hop_count", [make_sample(n_sent=1), *paths], type="traceroute")

    assert (row.value, row.unit, row.n_probes, row.n_samples) == (10, "count", 5, 5)


def test_hop_counts_may_come_with_keys_of_text() -> None:
    """As JSON has them; 9 is less than 10 all the same."""
    cell = make_cell(1, [make_sample([1.0], n_sent=1)])._replace(hop_counts={"10": 1, "9": 2, "12": 2})

    (row,) = ask(make_query("hop_count", scope="probe"), [cell], {1: make_series(type="traceroute")})

    assert (row.value, row.n_samples) == (10, 5)


def test_a_percentile_needs_72_values() -> None:
    """Pooled over probes; the answer says how many there were."""
    few = ask_one("rtt_p95_ms", [make_sample([float(i)] * 11) for i in range(6)])
    enough = ask_one("rtt_p95_ms", [make_sample([float(i)] * 12) for i in range(6)])

    assert (few.value, few.flags, few.n_samples) == (None, ("too_few_samples",), 66)
    assert (enough.value, enough.ci_low, enough.ci_high, enough.weight_scheme) == (5, 5, 5, "pooled")


def test_weighting_is_said_to_matter_only_where_it_does() -> None:
    """More than a tenth apart."""
    far = ask_one("rtt_median_ms", [make_sample([rtt]) for rtt in (10, 10, 10, 10, 90, 90)])
    near = ask_one("rtt_median_ms", [make_sample([rtt]) for rtt in (10, 10, 10, 10, 11, 11)])

    assert (far.value, far.flags) == (10, ("weighting_matters",))
    assert (near.value, near.flags) == (10, ())


def test_nothing_is_said_of_the_weighting_of_a_value_that_is_withheld() -> None:
    """Two networks are too few for a country, and by how much they differ would tell what is withheld."""
    row = ask_one("loss", with_replies(4, 4, 4, 4, 0))

    assert (row.value, row.flags) == (None, ("too_few_networks",))


def test_a_median_by_network_weighs_networks_equally() -> None:
    """No interval: ranks are of probes alike."""
    row = ask_one("rtt_median_ms", [make_sample([rtt]) for rtt in (10, 10, 10, 10, 90, 91)], weight="asn")

    assert (row.value, row.ci_low, row.weight_scheme) == (90, None, "asn")


@given(st.lists(st.tuples(st.floats(0.1, 500), st.integers(1, 4)), min_size=1, max_size=20))
def test_the_short_cut_about_weighting_never_errs(pairs: list[tuple[float, int]]) -> None:
    """It answers as the full calculation does."""
    values = [value for value, _ in pairs]
    networks = networks_of(tuple(asn for _, asn in pairs))
    by_probe = statistics.median(values)

    flags = _weighting_of_median(by_probe, values, networks)

    assert flags == _matters(by_probe, _median_by_network(values, networks))


@given(st.lists(st.floats(0.1, 500), min_size=6, max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_probes_cannot_show(rtts: list[float], chance: random.Random) -> None:
    """Databases give rows of one hour in any order."""
    cells = [make_cell(i, [make_sample([rtt, 1.0], n_sent=i + 3)]) for i, rtt in enumerate(rtts, 1)]

    for metric in ("rtt_median_ms", "rtt_min_ms", "loss", "reach", "rtt_p95_ms"):
        for weight in (None,) if metric == "rtt_p95_ms" else ("probe", "asn"):
            query = make_query(metric, weight=weight)
            assert ask(query, chance.sample(cells, 6)) == ask(query, cells)


def test_probes_of_unknown_networks_are_one_network_that_does_not_count() -> None:
    """They may all sit in the same one."""
    networks = networks_of((64496, None, None))

    assert (networks.n_asns, networks.shares) == (1, (0.5, 0.25, 0.25))
