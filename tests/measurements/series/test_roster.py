"""What was due: completeness, and gaps that show."""

from typing import Any

import pytest

from measurements.campaigns.measurement import Measurement
from measurements.campaigns.rounds import ExpectedRounds
from measurements.errors import InvalidFilter
from measurements.metrics.cell import Cell, columns_of
from measurements.probes import Snapshot, VantageTable
from measurements.series.across import evaluate
from measurements.series.rows import SeriesRow
from measurements.series.series import Series
from tests.measurements.series.making import HOUR, make_cell, make_query, make_sample, make_series, make_vantage

NOW = HOUR + 10 * 3600
BUILT_IN = Measurement(
    atlas_id=1001,
    type="ping",
    target="192.0.2.1",
    address_family=4,
    interval_s=240,
    spread_s=120,
    start_at=0,
    stop_at=None,
    is_oneoff=False,
    status="Ongoing",
    participants=None,
    participant_count=None,
)


def ask_expecting(
    cells: list[Cell],
    measurement: Measurement = BUILT_IN,
    series: dict[int, Series] | None = None,
    vantage: VantageTable | None = None,
    **filters: object,
) -> list[SeriesRow]:
    """Rows of reach, something being known of what was due."""
    query = make_query("reach", **{"from_at": HOUR, "to_at": HOUR + 7200, "scope": "probe", **filters})
    expected = ExpectedRounds([measurement], NOW)
    return list(evaluate(query, columns_of(cells), series or {1: make_series()}, vantage or make_vantage(), expected))


def results(probe_id: int, n: int, hour: int = 0, series_id: int = 1) -> Cell:
    """A cell of so many results, all answered."""
    return make_cell(probe_id, [make_sample([1.0])] * n, HOUR + hour * 3600, series_id)


def completeness_of(rows: list[SeriesRow]) -> list[tuple[int, int | None, int | None, int, float | None, float | None]]:
    """Hour, probe, expected, received, completeness, value."""
    return [
        ((row.bin_at - HOUR) // 3600, row.probe_id, row.n_expected, row.n_received, row.completeness, row.value)
        for row in rows
    ]


def test_fifteen_rounds_an_hour_are_due_every_240_seconds() -> None:
    """Twelve came."""
    (row, _) = ask_expecting([results(1, 12)])

    assert (row.n_expected, row.n_received, row.completeness) == (15, 12, 0.8)
    assert row.flags == ("participants_assumed",)


def test_an_hour_without_a_result_is_a_row_without_a_value() -> None:
    """The probe delivered in the period asked for, so it was due in the hour it was silent."""
    rows = ask_expecting([results(1, 15)])

    assert completeness_of(rows) == [(0, 1, 15, 15, 1.0, 1.0), (1, 1, 15, 0, 0.0, None)]
    assert rows[1].flags == ("no_result", "participants_assumed")


def test_a_listed_participant_that_never_delivered_is_due_too() -> None:
    """And nothing is assumed then."""
    rows = ask_expecting([results(1, 15)], BUILT_IN._replace(participants=frozenset({1, 2})), to_at=HOUR + 3600)

    assert completeness_of(rows) == [(0, 1, 15, 15, 1.0, 1.0), (0, 2, 15, 0, 0.0, None)]
    assert rows[1].flags == ("no_result",)


def test_nothing_at_all_still_shows_what_was_due() -> None:
    """A series that fell silent is a gap, not an empty page."""
    rows = ask_expecting([], BUILT_IN._replace(participants=frozenset({1})))

    assert completeness_of(rows) == [(0, 1, 15, 0, 0.0, None), (1, 1, 15, 0, 0.0, None)]


def test_more_results_than_rounds_are_complete_and_no_more() -> None:
    """Results of the round before may fall into the bin."""
    (row, _) = ask_expecting([results(1, 16)])

    assert row.completeness == 1.0


def test_nothing_is_expected_of_the_future() -> None:
    """The question reaches further than now."""
    rows = ask_expecting([results(1, 15, hour=9)], from_at=HOUR + 9 * 3600, to_at=HOUR + 99 * 3600)

    assert completeness_of(rows) == [(9, 1, 15, 15, 1.0, 1.0)]


def test_nothing_is_expected_before_the_start_and_after_the_stop() -> None:
    """The measurement ran for half an hour of the second hour."""
    brief = BUILT_IN._replace(start_at=HOUR + 3600, stop_at=HOUR + 5400)

    rows = ask_expecting([results(1, 8, hour=1)], brief, to_at=HOUR + 5 * 3600)

    assert completeness_of(rows) == [(1, 1, 8, 8, 1.0, 1.0)]


def test_results_beyond_the_period_asked_for_end_it_where_nothing_is_said() -> None:
    """From the first result held to the last that was due."""
    rows = ask_expecting([results(1, 15), results(1, 15, hour=2)], BUILT_IN._replace(stop_at=HOUR + 3 * 3600),
                         from_at=None, to_at=None)  # fmt: skip

    assert [row.n_received for row in rows] == [15, 0, 15]


def test_a_national_row_expects_all_participants() -> None:
    """Six of six probes, one of them silent for the second hour."""
    cells = [results(i, 15) for i in range(1, 7)] + [results(i, 15, hour=1) for i in range(1, 6)]

    rows = ask_expecting(cells, scope="national")

    assert [(row.n_expected, row.n_received, row.completeness, row.value) for row in rows] == [
        (90, 90, 1.0, 1.0),
        (90, 75, pytest.approx(75 / 90), 1.0),
    ]


def test_an_unknown_measurement_makes_the_expectation_unknown() -> None:
    """Half an expectation would make the other half look like a gain."""
    series = {1: make_series(1), 2: make_series(2, atlas_id=1_000_001)}
    cells = sorted([results(1, 15), results(1, 5, series_id=2), results(2, 15)])

    rows = ask_expecting(cells, series=series, to_at=HOUR + 3600)

    assert [(row.probe_id, row.n_expected, row.completeness) for row in rows] == [(1, None, None), (2, 15, 1.0)]
    assert rows[0].flags == ("n_expected_unknown",)


def test_each_address_family_of_one_measurement_expects_its_own_probes() -> None:
    """A resultset of resolvers over both families: not every probe has one of each."""
    listed = BUILT_IN._replace(participants=frozenset({1, 2}))
    series = {1: make_series(1), 2: make_series(2, address_family=6)}

    rows = ask_expecting(
        [results(1, 15), results(2, 15), results(2, 15, series_id=2)], listed, series, to_at=HOUR + 3600
    )

    assert [(row.address_family, row.probe_id, row.n_expected) for row in rows] == [(4, 1, 15), (4, 2, 15), (6, 2, 15)]


def test_listed_participants_are_due_in_the_family_of_their_measurement() -> None:
    """Probe 3 is silent altogether: that is a gap of the measurement's own family, and only of that."""
    listed = BUILT_IN._replace(participants=frozenset({1, 2, 3}))
    series = {1: make_series(1), 2: make_series(2, address_family=6)}

    rows = ask_expecting([results(1, 15), results(2, 15, series_id=2)], listed, series, to_at=HOUR + 3600)

    assert [(row.address_family, row.probe_id, row.n_expected, row.n_received) for row in rows] == [
        (4, 1, 15, 15),
        (4, 2, 15, 0),
        (4, 3, 15, 0),
        (6, 2, 15, 15),
    ]
    assert [row.flags for row in rows] == [(), ("no_result",), ("no_result",), ("participants_assumed",)]


def test_participants_are_due_in_no_family_that_was_not_asked_for() -> None:
    """A question about the other family says nothing of those who have none."""
    listed = BUILT_IN._replace(participants=frozenset({1, 2, 3}))

    rows = ask_expecting([results(2, 15)], listed, {1: make_series(address_family=6)}, to_at=HOUR + 3600)

    assert [(row.probe_id, row.n_expected, row.flags) for row in rows] == [(2, 15, ("participants_assumed",))]


@pytest.mark.parametrize("participants", [None, frozenset({1, 2})])
def test_two_series_of_one_stratum_expect_each_round_once(participants: frozenset[int] | None) -> None:
    """Firmware that names the protocol and firmware that does not; probe 1 was upgraded, probe 2 is always silent."""
    measurement = BUILT_IN._replace(participants=participants)
    series = {1: make_series(1, protocol=""), 2: make_series(2)}

    rows = ask_expecting([results(1, 7), results(1, 8, series_id=2)], measurement, series, to_at=HOUR + 3600)

    silent = [(0, 2, 15, 0, 0.0, None)] if participants else []
    assert completeness_of(rows) == [(0, 1, 15, 15, 1.0, 1.0), *silent]


@pytest.mark.parametrize("left_open", [{"protocol": ""}, {"address_family": 0}, {"address_family": 0, "protocol": ""}])
def test_what_a_record_leaves_open_expects_nothing_of_its_own(left_open: dict[str, Any]) -> None:
    """As after a failed name: its rounds are due where other results of the measurement are, and there once."""
    measurement = BUILT_IN._replace(type="dns", participants=frozenset({1, 2}))
    usual: dict[str, Any] = {"type": "dns", "protocol": "UDP"}
    series = {1: make_series(1, **usual), 2: make_series(2, **{**usual, **left_open})}

    rows = ask_expecting(
        [results(1, 14), results(1, 1, series_id=2)], measurement, series, type="dns", to_at=HOUR + 3600
    )

    home = [row for row in rows if (row.address_family, row.protocol) == (4, "UDP")]
    assert [(row.probe_id, row.n_expected, row.n_received) for row in home] == [(1, 15, 14), (2, 15, 0)]
    assert [(row.probe_id, row.n_expected, row.n_received) for row in rows if row not in home] == [(1, None, 1)]


def test_a_probe_of_which_every_record_leaves_something_open_is_due_all_the_same() -> None:
    """Without a list of participants, whoever delivered anything is taken for one."""
    measurement = BUILT_IN._replace(type="dns")
    series = {i: make_series(i, type="dns", protocol=name) for i, name in ((1, "UDP"), (2, ""))}

    rows = ask_expecting(
        [results(1, 15), results(2, 15, series_id=2)], measurement, series, type="dns", to_at=HOUR + 3600
    )

    assert [(row.protocol, row.probe_id, row.n_expected) for row in rows] == [
        (None, 2, None),
        ("UDP", 1, 15),
        ("UDP", 2, 15),
    ]


def test_nothing_but_open_records_is_due_where_it_is() -> None:
    """Nobody ever resolved the name."""
    listed = BUILT_IN._replace(participants=frozenset({1, 2}))

    rows = ask_expecting([results(1, 15)], listed, {1: make_series(address_family=0)}, to_at=HOUR + 3600)

    assert [(row.probe_id, row.n_expected, row.n_received) for row in rows] == [(1, 15, 15), (2, 15, 0)]


def test_a_probe_that_moved_is_due_where_it_is() -> None:
    """Its silence belongs to the network it is in by then."""
    moves = [Snapshot(1, 0, 64496, None, "TJ"), Snapshot(1, HOUR + 3600, 64500, None, "TJ")]

    rows = ask_expecting([results(1, 15)], vantage=VantageTable(moves))

    assert [(row.asn, row.n_received) for row in rows] == [(64496, 15), (64500, 0)]


def test_a_question_of_too_many_bins_is_refused_before_any_is_made() -> None:
    """One probe with a wrong clock, or a slip of the pen, would otherwise cost minutes and gigabytes."""
    with pytest.raises(InvalidFilter, match="more than 110,000 bins"):
        ask_expecting([results(1, 12)], from_at=0, to_at=NOW, bin="5m")
