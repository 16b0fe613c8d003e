"""Questions: what can be asked, in canonical form, and what is refused with help."""

from typing import Any

import pytest

from measurements.errors import InvalidFilter
from measurements.metrics.metric import Weight
from measurements.series.query import Scope, series_query
from measurements.units import iso
from tests.measurements.series.making import TARGET, make_query, make_series


def test_the_default_is_a_national_hourly_series_of_measured_results() -> None:
    """Never laboratory or rehearsed results unless asked for."""
    query = make_query()

    assert (query.scope, query.binning.name, query.label, query.type, query.weight) == (
        Scope.NATIONAL,
        "1h",
        "measured",
        "ping",
        Weight.PROBE,
    )


@pytest.mark.parametrize("target", ["k-root", "193.0.14.129", "2001:07FD:0::1", "K.root-servers.net."])
def test_a_target_goes_by_one_name(target: str) -> None:
    """However it is written."""
    assert series_query(metric="loss", target=target).target == "k-root"


@pytest.mark.parametrize(
    ("field", "filters", "help_text"),
    [
        ("metric", {"metric": "rtt"}, "rtt_median_ms"),
        ("target", {"target": " "}, "k-root"),
        ("type", {"type": "dns"}, "ping"),
        ("address_family", {"address_family": 5}, "4, 6"),
        ("probe", {"probe_ids": [-1]}, "-1"),
        ("country", {"country_code": "Tajikistan"}, "TJ"),
        ("country", {"country_code": "ß"}, "two letters"),
        ("protocol", {"protocol": "SCTP"}, "UDP"),
        ("bin", {"bin": "2h"}, "1d@Asia/Dushanbe"),
        ("scope", {"scope": "city"}, "national"),
        ("label", {"label": "real"}, "rehearsed"),
        ("weight", {"weight": "users"}, "asn"),
        ("weight", {"metric": "rtt_p95_ms", "weight": "asn"}, "pools"),
        ("from", {"from_at": -1}, "seconds"),
        ("to", {"from_at": 7200, "to_at": 7200}, "later"),
    ],
)
def test_a_senseless_filter_is_refused_by_the_name_users_know(
    field: str, filters: dict[str, object], help_text: str
) -> None:
    """The message says what would do."""
    with pytest.raises(InvalidFilter, match=help_text) as caught:
        series_query(**{"metric": "loss", "target": TARGET, **filters})  # type: ignore[arg-type]  # wrong on purpose

    assert caught.value.field == field


def test_a_window_grows_to_whole_bins() -> None:
    """Half a day would be another figure under the same name."""
    query = make_query(bin="1d@Asia/Dushanbe", from_at=1_795_478_399, to_at=1_795_478_400)

    assert [iso(at or 0) for at in (query.from_at, query.to_at)] == ["2026-11-23T19:00:00Z", "2026-11-24T19:00:00Z"]


def test_a_window_of_whole_bins_stays() -> None:
    """Half-open: the bin that begins at its end is not in it."""
    query = make_query(from_at=7200, to_at=10_800)

    assert (query.from_at, query.to_at) == (7200, 10_800)


@pytest.mark.parametrize(
    ("metric", "filters", "needed"),
    [
        ("rtt_median_ms", {}, {"rtt_median_ms"}),
        ("rtt_median_ms", {"bin": "1d"}, {"rtt_median_ms", "rtts"}),
        ("rtt_median_ms", {"scope": "probe"}, {"rtt_median_ms", "rtts"}),
        ("rtt_min_ms", {"bin": "1d"}, {"rtt_min_ms"}),
        ("rtt_p95_ms", {}, {"rtts"}),
        ("loss", {"bin": "1d"}, set()),
        ("instance_share", {}, {"instances"}),
        ("hop_count", {}, {"hop_counts"}),
    ],
)
def test_only_what_an_answer_takes_is_read(metric: str, filters: dict[str, object], needed: set[str]) -> None:
    """An hour's national median takes no packed values."""
    assert make_query(metric, **filters).needed_columns([make_series()]) == needed


def test_two_measurements_of_one_target_need_the_values() -> None:
    """A probe in both has two cells in an hour, and medians do not merge."""
    series = [make_series(1), make_series(2, atlas_id=1_000_001)]

    assert "rtts" in make_query().needed_columns(series)
    assert "rtts" not in make_query().needed_columns(series[:1])


@pytest.mark.parametrize(
    ("changes", "is_covered"),
    [
        ({}, True),
        ({"protocol": ""}, True),
        ({"address_family": 6}, False),
        ({"label": "laboratory"}, False),
        ({"target": "192.0.2.2"}, False),
        ({"type": "traceroute"}, False),
        ({"atlas_id": 5}, False),
    ],
)
def test_which_series_a_question_covers(changes: dict[str, Any], is_covered: bool) -> None:  # noqa: FBT001 - a table's column
    """A ping without a protocol is ICMP all the same: old firmware does not say."""
    query = make_query(address_family=4, atlas_ids=[1001], protocol="icmp")

    assert query.covers(make_series(**changes)) == is_covered


@pytest.mark.parametrize("metric", ["rtt_median_ms", "rtt_min_ms", "response_time_ms"])
def test_one_number_of_each_cell_takes_no_counters(metric: str) -> None:
    """They are three more columns of tens of thousands of cells."""
    series = [make_series(1), make_series(2, atlas_id=1_000_001)]

    assert not make_query(metric).needs_counters(series[:1])
    assert make_query(metric).needs_counters(series)


@pytest.mark.parametrize(
    ("metric", "filters"),
    [
        ("rtt_median_ms", {"scope": "probe"}),
        ("rtt_median_ms", {"bin": "1d"}),
        ("loss", {}),
        ("rtt_p95_ms", {}),
        ("hop_count", {}),
    ],
)
def test_all_else_takes_counters(metric: str, filters: dict[str, str]) -> None:
    """Counts are what a ratio is made of, and what is merged."""
    assert make_query(metric, **filters).needs_counters([make_series()])
