"""Shares of instances: who answered, who did not say, and zero told apart from a gap."""

import pytest

from measurements.series.query import series_query
from measurements.series.rows import SeriesRow
from measurements.series.sample import NO_IDENTITY
from tests.measurements.series.making import HOUR, UNEVEN, ask, make_cell, make_sample, make_series, make_vantage


def shares_at(target: str, *names: str | None, **filters: object) -> list[SeriesRow]:
    """Rows by instance; each probe has one answer, from the instance named."""
    cells = [make_cell(i, [make_sample([1.0], n_sent=1, instance=name)]) for i, name in enumerate(names, 1)]
    query = series_query(metric="instance_share", target=target, **filters)  # type: ignore[arg-type]  # the test names filters with their types
    return ask(query, cells, {1: make_series(type="dns", protocol="UDP", target=query.target)}, make_vantage(UNEVEN))


AMSTERDAM, AMSTERDAM_TOO, DUSHANBE = "ns1.nl-ams.k.ripe.net", "ns2.nl-ams.k.ripe.net", "ns1.tj-dyu.k.ripe.net"


def test_networks_share_instances_equally_by_default() -> None:
    """Four probes of one network are a third of the answer; servers of one site are one instance."""
    rows = shares_at("k-root", AMSTERDAM, AMSTERDAM_TOO, AMSTERDAM, AMSTERDAM, DUSHANBE, DUSHANBE)

    assert [row.instance for row in rows] == ["nl-ams", "tj-dyu"]
    assert [row.value for row in rows] == pytest.approx([1 / 3, 2 / 3])
    assert {(row.weight_scheme, row.n_samples, row.n_probes, row.flags) for row in rows} == {
        ("asn", 6, 6, ("weighting_matters",))
    }


def test_probes_share_instances_equally_where_asked() -> None:
    """Four of six."""
    rows = shares_at("k-root", AMSTERDAM, AMSTERDAM, AMSTERDAM, AMSTERDAM, DUSHANBE, DUSHANBE, weight="probe")

    assert [row.value for row in rows] == [pytest.approx(4 / 6), pytest.approx(2 / 6)]


def test_an_unknown_instance_is_a_class_of_its_own_and_flagged() -> None:
    """Kept as it came: somebody else may have answered."""
    rows = shares_at("k-root", "resolver-7", *[DUSHANBE] * 5)

    assert [(row.instance, "possible_interception" in row.flags) for row in rows] == [
        ("resolver-7", True),
        ("tj-dyu", False),
    ]


def test_names_of_other_services_are_not_suspected() -> None:
    """Only of K-root do we know how instances are called."""
    rows = shares_at("192.0.2.1", "resolver-7", *["resolver-8"] * 5)

    assert [(row.instance, row.flags) for row in rows if "possible_interception" in row.flags] == []


def test_answers_without_an_identity_are_left_out() -> None:
    """Five probes said who they asked."""
    rows = shares_at("k-root", None, *[DUSHANBE] * 5)

    assert [(row.instance, row.value, row.n_probes) for row in rows] == [("tj-dyu", 1, 5)]


def test_a_class_of_another_bin_has_share_zero_and_a_gap_has_none() -> None:
    """Dushanbe answers in the first hour only; nobody tells in the third, and there is no row of either then."""
    told: dict[int, list[str | None]] = {0: [DUSHANBE, *[AMSTERDAM] * 5], 1: [AMSTERDAM] * 6, 2: [None] * 6}
    cells = [
        make_cell(i, [make_sample([1.0], n_sent=1, instance=name)], HOUR + hour * 3600)
        for hour, names in told.items()
        for i, name in enumerate(names, 1)
    ]
    query = series_query(metric="instance_share", target="k-root", weight="probe")

    rows = ask(query, cells, {1: make_series(type="dns", protocol="UDP", target="k-root")}, make_vantage(UNEVEN))

    assert [((row.bin_at - HOUR) // 3600, row.instance, row.value) for row in rows] == [
        (0, "nl-ams", pytest.approx(5 / 6)),
        (0, "tj-dyu", pytest.approx(1 / 6)),
        (1, "nl-ams", 1),
        (1, "tj-dyu", 0),
        (2, None, None),
    ]
    assert [(row.ci_low, row.ci_high is not None) for row in rows[3:]] == [(0, True), (None, False)]
    assert rows[4].flags == ("not_told",)


def test_a_class_that_one_probe_never_shows_is_no_class_of_its_rows() -> None:
    """Zero is said within a group; another probe's sites are not its own."""
    rows = shares_at("k-root", DUSHANBE, AMSTERDAM, scope="probe")

    assert [(row.probe_id, row.instance, row.value) for row in rows] == [(1, "tj-dyu", 1), (2, "nl-ams", 1)]


def test_a_share_of_zero_is_no_surer_than_the_other_shares_of_its_bin() -> None:
    """Each probe has a site of its own, so that 240 answers of six probes are no 240 trials."""
    names = [AMSTERDAM, AMSTERDAM, AMSTERDAM, "ns1.de-fra.k.ripe.net", "ns1.de-fra.k.ripe.net", "ns1.de-fra.k.ripe.net"]
    cells = [make_cell(i, [make_sample([1.0], n_sent=1, instance=name)] * 40) for i, name in enumerate(names, 1)]
    cells += [make_cell(1, [make_sample([1.0], n_sent=1, instance=DUSHANBE)], HOUR + 3600)]
    query = series_query(metric="instance_share", target="k-root", weight="probe")

    rows = ask(query, cells, {1: make_series(type="dns", protocol="UDP", target="k-root")}, make_vantage())

    (zero,) = [row for row in rows if (row.bin_at, row.instance) == (HOUR, "tj-dyu")]
    assert zero.value == 0
    assert zero.ci_high is not None
    assert zero.ci_high > 0.3


def test_a_server_of_k_root_that_does_not_tell_who_it_is_is_suspected() -> None:
    """It counts among the answers, in a class of its own."""
    rows = shares_at("k-root", NO_IDENTITY, *[DUSHANBE] * 5, weight="probe")

    assert [row.value for row in rows] == pytest.approx([1 / 6, 5 / 6])
    assert [(row.instance, "possible_interception" in row.flags) for row in rows] == [
        ("no-identity", True),
        ("tj-dyu", False),
    ]


def test_any_other_server_need_not_tell_who_it_is() -> None:
    """Many refuse to; it is a class, and no suspicion."""
    rows = shares_at("192.0.2.1", *[NO_IDENTITY] * 6)

    assert [(row.instance, row.value, row.flags) for row in rows] == [("no-identity", 1, ())]
