"""From cells to rows: who speaks for whom, with which value, resting on what."""

import pytest

from measurements.metrics.cell import Cell
from measurements.probes import Snapshot, VantageTable
from measurements.series.rows import COLUMNS
from measurements.units import iso
from tests.measurements.series.making import HOUR, ask, make_cell, make_query, make_sample, make_series, make_vantage


def ping_cells(*medians: float | None, bin_at: int = HOUR) -> list[Cell]:
    """Cells of probes 1, 2, 3 ... whose one result has three equal RTTs, or none at all."""
    samples = [make_sample([] if median is None else [median] * 3) for median in medians]
    return [make_cell(i, [sample], bin_at) for i, sample in enumerate(samples, 1)]


def test_a_national_median_is_the_median_of_the_probes_medians() -> None:
    """With everything that the number rests on, under the names on the wire."""
    (row,) = ask(make_query(), ping_cells(10, 20, 30, 40, 50, 60))

    assert dict(zip(COLUMNS, row, strict=True)) == {
        "bin_at": HOUR,
        "bin_end_at": HOUR + 3600,
        "target": "192.0.2.1",
        "atlas_ids": (1001,),
        "address_family": 4,
        "protocol": "ICMP",
        "scope": "national",
        "probe_id": None,
        "asn": None,
        "country_code": "TJ",
        "metric": "rtt_median_ms",
        "statistic": "median",
        "value": 35,
        "unit": "ms",
        "ci_low": 10,
        "ci_high": 60,
        "ci_method": "order_statistic_probes",
        "n_samples": 18,
        "n_probes": 6,
        "n_asns": 3,
        "n_expected": None,
        "n_received": 6,
        "completeness": None,
        "weight_scheme": "probe",
        "instance": None,
        "label": "measured",
        "data_class": "public",
        "agreement_id": None,
        "baseline_id": None,
        "flags": (),
    }


def test_a_probe_that_reports_more_counts_no_more() -> None:
    """Probe first: ten slow results of one probe are one slow probe."""
    cells = [make_cell(1, [make_sample([500.0] * 3)] * 10), *ping_cells(500, 10, 11, 12, 13)[1:]]

    (row,) = ask(make_query(), cells)

    assert (row.value, row.n_samples) == (12, 42)


def test_too_few_probes_is_an_answer() -> None:
    """No value, but what it would have rested on."""
    (row,) = ask(make_query(), ping_cells(10, 20, 30, 40))

    assert (row.value, row.ci_low, row.ci_method) == (None, None, None)
    assert row.flags == ("too_few_probes", "too_few_networks")
    assert (row.n_probes, row.n_asns, row.n_samples, row.n_received) == (4, 2, 12, 4)


def test_many_probes_in_two_networks_are_no_nation() -> None:
    """The unit of inference is the network."""
    (row,) = ask(make_query(), ping_cells(*range(10, 20)), vantage=make_vantage([64496, 64497] * 5))

    assert (row.value, row.flags) == (None, ("too_few_networks",))


def test_a_silent_probe_has_no_rtt_and_does_not_count_for_one() -> None:
    """Six probes, one without a reply: the median is that of five."""
    (row,) = ask(make_query(), ping_cells(10, 20, 30, 40, 50, None))

    assert (row.value, row.n_probes, row.n_received) == (30, 5, 6)
    assert row.ci_low is None


@pytest.mark.parametrize(("n_sent", "reason"), [(3, "no_reply"), (0, "nothing_sent")])
def test_silence_and_not_asking_are_told_apart(n_sent: int, reason: str) -> None:
    """An RTT is undefined for either, never 0."""
    cells = [make_cell(i, [make_sample(n_sent=n_sent)]) for i in range(1, 7)]

    (row,) = ask(make_query(), cells)

    assert (row.value, row.flags, row.n_received) == (None, (reason,), 6)


def test_the_minimum_is_the_median_of_minima() -> None:
    """The shortest way of the usual probe, not of the luckiest."""
    cells = [make_cell(i, [make_sample([float(i), 100.0])]) for i in range(1, 7)]

    (row,) = ask(make_query("rtt_min_ms"), cells)

    assert row.value == 3.5


def test_a_network_speaks_from_three_probes_on() -> None:
    """One row for each network, in order."""
    rows = ask(make_query(scope="asn"), ping_cells(10, 20, 30, 40, 50), vantage=make_vantage([7, 7, 7, 5, 5]))

    assert [(row.asn, row.value, row.flags) for row in rows] == [
        (5, None, ("too_few_probes",)),
        (7, 20, ("too_few_for_interval",)),
    ]


def test_a_probe_speaks_for_itself_with_an_interval_of_its_rtts() -> None:
    """Six RTTs are enough for one."""
    cells = [make_cell(1, [make_sample([1, 2, 3]), make_sample([4, 5, 6])])]

    (row,) = ask(make_query(scope="probe"), cells)

    assert (row.probe_id, row.asn, row.country_code, row.value) == (1, 64496, "TJ", 3.5)
    assert (row.ci_low, row.ci_high, row.ci_method, row.weight_scheme) == (1, 6, "order_statistic", None)


def test_probes_that_nobody_located_speak_for_no_country() -> None:
    """They have a row of their own, without a value."""
    (row,) = ask(make_query(), ping_cells(10, 20, 30, 40, 50, 60), vantage=VantageTable([]))

    assert (row.country_code, row.value, row.flags, row.n_received) == (None, None, ("vantage_unknown",), 6)


def test_countries_are_not_mixed() -> None:
    """A national figure without a country asked for is one for each country."""
    here, there = make_vantage(range(1, 7)), range(7, 13)
    both = [Snapshot(i, 0, here.at(i, 0, 4).asn, None, "TJ") for i in range(1, 7)]
    both += [Snapshot(i, 0, i, None, "KG") for i in there]

    rows = ask(make_query(), ping_cells(*range(1, 13)), vantage=VantageTable(both))

    tajik = ask(make_query(country_code="tj"), ping_cells(*range(1, 13)), vantage=VantageTable(both))

    assert [(row.country_code, row.value) for row in rows] == [("KG", 9.5), ("TJ", 3.5)]
    assert tajik == rows[1:]


def test_a_probe_speaks_for_the_network_it_was_in() -> None:
    """It moved between the hours."""
    moves = [Snapshot(1, 0, 64496, None, "TJ"), Snapshot(1, HOUR + 3600, 64500, None, "TJ")]
    cells = [*ping_cells(10), *ping_cells(20, bin_at=HOUR + 3600)]

    hourly = ask(make_query(scope="probe"), cells, vantage=VantageTable(moves))
    daily = ask(make_query(scope="probe", bin="1d"), cells, vantage=VantageTable(moves))

    assert [(row.asn, row.value) for row in hourly] == [(64496, 10), (64500, 20)]
    assert [(row.asn, row.value) for row in daily] == [(64496, 10), (64500, 20)]


def test_filters_on_networks_are_judged_at_the_instant() -> None:
    """Only the hours in which the probe was in the network asked for."""
    moves = [Snapshot(1, 0, 64496, None, "TJ"), Snapshot(1, HOUR + 3600, 64500, None, "TJ")]
    cells = [*ping_cells(10), *ping_cells(20, bin_at=HOUR + 3600)]

    rows = ask(make_query(scope="probe", asns=[64500], probe_ids=[1]), cells, vantage=VantageTable(moves))

    assert [(row.bin_at, row.value) for row in rows] == [(HOUR + 3600, 20)]


def test_address_families_and_agreements_are_never_merged() -> None:
    """A row each, whatever the scope."""
    series = {
        1: make_series(1),
        2: make_series(2, address_family=6, atlas_id=2001),
        3: make_series(3, atlas_id=1_000_001, data_class="agreed_collection", agreement_id=4),
    }
    cells = [make_cell(1, [make_sample([i * 10.0])], series_id=i) for i in (1, 2, 3)]

    rows = ask(make_query(scope="probe"), cells, series)

    assert [(row.address_family, row.agreement_id, row.atlas_ids, row.value) for row in rows] == [
        (4, 4, (1_000_001,), 30),
        (4, None, (1001,), 10),
        (6, None, (2001,), 20),
    ]


def test_protocols_of_queries_are_never_merged() -> None:
    """UDP and TCP answer different questions."""
    series = {i: make_series(i, type="dns", protocol=name) for i, name in ((1, "UDP"), (2, "TCP"))}
    cells = [make_cell(1, [make_sample([i * 10.0], n_sent=1)], series_id=i) for i in (1, 2)]

    rows = ask(make_query("response_time_ms", scope="probe"), cells, series)

    assert [(row.protocol, row.value) for row in rows] == [("TCP", 20), ("UDP", 10)]


def test_two_measurements_of_a_probe_are_merged_before_its_median() -> None:
    """Not the median of two medians."""
    series = {1: make_series(1), 2: make_series(2, atlas_id=1_000_001)}
    cells = [make_cell(1, [make_sample([1, 2, 9])], series_id=1), make_cell(1, [make_sample([3, 4])], series_id=2)]

    (row,) = ask(make_query(scope="probe"), cells, series)

    assert (row.value, row.atlas_ids, row.n_samples, row.n_received) == (3, (1001, 1_000_001), 5, 2)


def test_merging_without_the_values_is_refused() -> None:
    """Better no answer than a wrong one."""
    cells = [make_cell(1, [make_sample([1, 2, 3])])._replace(rtts=None)] * 2

    with pytest.raises(ValueError, match="packed"):
        ask(make_query(scope="probe"), cells)


def test_a_day_of_dushanbe_begins_at_19_utc() -> None:
    """22:00 UTC on the 14th is the 15th there; 18:00 UTC too; 19:00 UTC no longer."""
    cells = [*ping_cells(10), *ping_cells(20, bin_at=HOUR + 20 * 3600), *ping_cells(30, bin_at=HOUR + 21 * 3600)]

    rows = ask(make_query(scope="probe", bin="1d@Asia/Dushanbe"), cells)

    assert [(iso(row.bin_at), row.value) for row in rows] == [
        ("2023-11-14T19:00:00Z", 15),
        ("2023-11-15T19:00:00Z", 30),
    ]


def test_gaps_stay_gaps() -> None:
    """Between two hours with results there is no row for the hour without."""
    rows = ask(make_query(scope="probe"), [*ping_cells(10), *ping_cells(20, bin_at=HOUR + 7200)])

    assert [row.bin_at for row in rows] == [HOUR, HOUR + 7200]


def test_hours_merged_to_a_day_equal_the_day_made_directly() -> None:
    """For every metric of pings, to the bit."""
    samples = [[make_sample([h + p / 10, 2.0 * h, 50.0]) for h in range(24)] for p in range(6)]
    midnight = HOUR // 86_400 * 86_400
    hourly = [make_cell(p + 1, [samples[p][h]], midnight + h * 3600) for h in range(24) for p in range(6)]
    direct = [make_cell(p + 1, samples[p], midnight) for p in range(6)]

    for metric in ("rtt_min_ms", "rtt_median_ms", "rtt_p95_ms", "loss", "reach"):
        for scope in ("probe", "asn", "national"):
            query = make_query(metric, scope=scope, bin="1d")
            assert ask(query, hourly) == ask(query, direct)


def test_a_merged_percentile_is_that_of_all_values() -> None:
    """The 69th of 72 values from 24 hours: exact, not a percentile of percentiles."""
    midnight = HOUR // 86_400 * 86_400
    cells = [make_cell(1, [make_sample([h, 24 + h, 48 + h])], midnight + h * 3600) for h in range(24)]

    (row,) = ask(make_query("rtt_p95_ms", scope="probe", bin="1d"), cells)

    assert (row.value, row.n_samples, row.ci_low, row.ci_high) == (68, 72, 63, 71)
