"""Few probes, or none, and bins finer than an hour: the edges at which a number is easily invented."""

import pytest

from measurements.metrics.registry import METRICS
from measurements.series.rows import SeriesRow
from tests.measurements.series.making import HOUR, ask, make_cell, make_query, make_sample, make_series
from tests.measurements.series.test_roster import ask_expecting, results

FIVE_MINUTES = 300


def asked_of(metric: str, n_probes: int, scope: str) -> list[SeriesRow]:
    """Rows of probes that each have one full sample."""
    sample = make_sample([10.0, 20.0, 30.0], hop_count=9, instance="ns1.tj-dyu.k.ripe.net")
    cells = [make_cell(i, [sample]) for i in range(1, n_probes + 1)]
    return ask(make_query(metric, scope=scope), cells, {1: make_series(type=METRICS[metric].types[0])})


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("scope", ["probe", "asn", "national"])
def test_no_probe_is_no_row(metric: str, scope: str) -> None:
    """Nothing held, and nothing known of what was due."""
    assert asked_of(metric, 0, scope) == []


@pytest.mark.parametrize("metric", [name for name in METRICS if name != "rtt_p95_ms"])
def test_one_probe_speaks_for_itself_alone(metric: str) -> None:
    """A value for the probe, and "too few" for its network and its country."""
    (own,), (network,), (country,) = (asked_of(metric, 1, scope) for scope in ("probe", "asn", "national"))

    assert (own.value is not None, own.n_probes) == (True, 1)
    assert (network.value, network.ci_low, network.n_probes) == (None, None, 1)
    assert network.flags[:1] == ("too_few_probes",)
    assert (country.value, country.ci_low, country.n_probes) == (None, None, 1)
    assert country.flags[:2] == ("too_few_probes", "too_few_networks")


def test_samples_are_counted_as_what_they_are() -> None:
    """RTTs where RTTs are asked for, packets where packets are: three of each here, and one path."""
    counted = {metric: asked_of(metric, 1, "probe")[0].n_samples for metric in METRICS}

    assert counted == {
        "rtt_min_ms": 3,
        "rtt_median_ms": 3,
        "rtt_p95_ms": 3,
        "loss": 3,
        "reach": 1,
        "availability": 3,
        "response_time_ms": 3,
        "hop_count": 1,
        "instance_share": 1,
    }


def test_replies_whose_rtt_nobody_told_are_no_samples_of_a_median() -> None:
    """Three replies, of which two came with an RTT."""
    (row,) = ask(make_query(scope="probe"), [make_cell(1, [make_sample([1.0, 3.0], n_received=3)])])
    (loss,) = ask(make_query("loss", scope="probe"), [make_cell(1, [make_sample([1.0, 3.0], n_received=3)])])

    assert (row.value, row.n_samples) == (2.0, 2)
    assert (loss.value, loss.n_samples) == (0.0, 3)


def test_bins_of_five_minutes_are_half_open_and_stand_side_by_side() -> None:
    """As the store cuts them from samples; none is made of its neighbours."""
    cells = [make_cell(1, [make_sample([rtt])], HOUR + at) for at, rtt in ((0, 10.0), (300, 20.0), (3300, 30.0))]

    rows = ask(make_query(scope="probe", bin="5m"), cells)

    assert [(row.bin_at - HOUR, row.bin_end_at - row.bin_at, row.value) for row in rows] == [
        (0, 300, 10),
        (300, 300, 20),
        (3300, 300, 30),
    ]


def test_rounds_due_in_bins_of_five_minutes_are_counted_one_by_one() -> None:
    """At 0, 240, 480, 720, 960, 1200 ...: two in the first bin, one in each of the next three, then two again."""
    cells = [results(1, n)._replace(bin_at=HOUR + k * FIVE_MINUTES) for k, n in enumerate((2, 1, 0, 1, 2)) if n]

    rows = ask_expecting(cells, bin="5m", to_at=HOUR + 5 * FIVE_MINUTES)

    assert [(row.n_expected, row.n_received) for row in rows] == [(2, 2), (1, 1), (1, 0), (1, 1), (2, 2)]
    assert rows[2].flags[:1] == ("no_result",)
