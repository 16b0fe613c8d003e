"""Faults of results: each depends on the result alone, strikes as often as said, and leaves the rest as it was."""

from collections import Counter
from typing import Any

import pytest

from app.rehearsal.contract import FIRST_PROBE_ID, Produced
from app.rehearsal.faults.injector import Injector
from app.rehearsal.faults.plan import FaultPlan, read_plan

EPOCH = 1_800_000_000
PROBES, ROUNDS, INTERVAL_S = 20, 100, 240


def _produced() -> list[Produced]:
    return [
        Produced(at, at + 30, {"msm_id": 7, "prb_id": probe, "timestamp": at, "stored_timestamp": at + 30, "lts": 5})
        for at in range(EPOCH, EPOCH + ROUNDS * INTERVAL_S, INTERVAL_S)
        for probe in range(FIRST_PROBE_ID, FIRST_PROBE_ID + PROBES)
    ]


def _injector(*rules: dict[str, Any], seed: int = 0) -> Injector:
    return Injector(read_plan({"seed": seed, "rules": list(rules)}, EPOCH), lambda: EPOCH)


def _arrived(*rules: dict[str, Any], seed: int = 0) -> list[Produced]:
    return list(_injector(*rules, seed=seed).on_results(_produced()))


def test_without_rules_nothing_happens() -> None:
    """Not even for other measurements' and probes' rules, nor outside of a window."""
    assert _arrived() == _produced()
    assert _arrived({"kind": "late", "measurements": [8]}, {"kind": "silent", "probes": [1]}) == _produced()
    assert _arrived({"kind": "late", "to": EPOCH}, {"kind": "silent", "from": EPOCH + 10**6}) == _produced()


def test_late_results_come_hours_later() -> None:
    """As many as said; the same ones every time, others with another seed."""
    rule = {"kind": "late", "probability": 0.2, "least_s": 3600, "most_s": 7200}
    arrived = _arrived(rule)
    late = [after for before, after in zip(_produced(), arrived, strict=True) if after != before]
    assert 330 < len(late) < 470
    for each in late:
        assert 3600 <= each.stored_at - each.measured_at - 30 <= 7200
        assert each.body["stored_timestamp"] == each.stored_at
        assert each.body["timestamp"] == each.measured_at
    assert arrived == _arrived(rule)
    assert arrived != _arrived(rule, seed=1)


def test_it_does_not_matter_in_what_order_or_part_one_asks() -> None:
    """A result suffers the same in every answer that holds it."""
    rules = (
        {"kind": "late", "probability": 0.3},
        {"kind": "duplicate", "every": 5},
        {"kind": "clock_skew", "every": 4},
    )
    injector = _injector(*rules)
    whole = list(injector.on_results(_produced()))
    parts = [each for produced in reversed(_produced()) for each in injector.on_results([produced])]
    assert sorted(whole, key=repr) == sorted(parts, key=repr)


def test_duplicates_are_the_same_result_stored_again() -> None:
    """The first copy is as it was."""
    arrived = _arrived({"kind": "duplicate", "every": 4})
    counts = Counter((each.body["prb_id"], each.measured_at) for each in arrived)
    assert set(counts.values()) == {1, 2}
    assert 400 < sum(count == 2 for count in counts.values()) < 600
    assert [each for each in _produced() if each not in arrived] == []


def test_silent_probes_are_silent_for_all_of_the_window() -> None:
    """And only for that."""
    arrived = _arrived({"kind": "silent", "probability": 0.3, "from": 2400, "to": 4800})
    gone = [each for each in _produced() if each not in arrived]
    probes = {each.body["prb_id"] for each in gone}
    assert 1 <= len(probes) < PROBES
    assert len(gone) == len(probes) * 10
    assert {EPOCH + 2400 <= each.measured_at < EPOCH + 4800 for each in gone} == {True}


@pytest.mark.parametrize("offset_s", [120, -7200])
def test_a_wrong_clock_moves_what_the_probe_writes(offset_s: int) -> None:
    """Not when it arrives; the probe knows of no synchronisation, and how wrong it may be is known."""
    rule = {"kind": "clock_skew", "probes": [FIRST_PROBE_ID], "offset_s": offset_s}
    skewed = [each for each in _arrived(rule) if each.body["prb_id"] == FIRST_PROBE_ID]
    honest = [each for each in _produced() if each.body["prb_id"] == FIRST_PROBE_ID]
    for before, after in zip(honest, skewed, strict=True):
        assert after.measured_at == after.body["timestamp"] == before.measured_at + offset_s
        assert after.stored_at == before.stored_at
        assert after.body["lts"] == -1
    assert _injector(rule).clock_margin_s == abs(offset_s)


def test_every_instant_of_a_body_moves() -> None:
    """The end of a traceroute, and each item of a resolver's set."""
    body = {"msm_id": 7, "prb_id": 1, "timestamp": 100, "endtime": 104, "resultset": [{"time": 101}, {"x": 1}]}
    (moved,) = _injector({"kind": "clock_skew", "offset_s": 10}).on_results([Produced(100, 130, body)])
    assert (moved.body["endtime"], moved.body["resultset"]) == (114, [{"time": 111}, {"x": 1}])
    assert body["endtime"] == 104


def test_another_plan_does_not_change_what_has_happened() -> None:
    """Results measured before it suffer what was planned then."""
    now = [EPOCH]
    injector = Injector(FaultPlan(), lambda: now[0])
    now[0] = EPOCH + 12_000
    injector.change(read_plan({"rules": [{"kind": "silent"}]}, EPOCH))
    now[0] = EPOCH + 18_000
    injector.change(FaultPlan())
    arrived = list(injector.on_results(_produced()))
    gone = [each for each in _produced() if each not in arrived]
    assert {each.measured_at for each in gone} == set(range(EPOCH + 12_000, EPOCH + 18_000, INTERVAL_S))
    assert [each["since"] for each in injector.injected()["plans"]] == [None, EPOCH + 12_000, EPOCH + 18_000]


def test_the_ground_truth_names_the_probes_that_are_struck() -> None:
    """Of the rules that are of a probe, for each plan; exactly those suffer."""
    silent = {"kind": "silent", "probability": 0.3}
    skewed = {"kind": "clock_skew", "every": 3, "probes": [FIRST_PROBE_ID + each for each in range(9)]}
    injector = _injector({"kind": "late", "every": 2}, silent, skewed)
    probes = range(FIRST_PROBE_ID, FIRST_PROBE_ID + PROBES)
    (plan,) = injector.injected(probes)["plans"]
    arrived = list(injector.on_results(_produced()))
    assert plan["probes"].keys() == {"1", "2"}
    assert plan["probes"]["1"] == [each for each in probes if each not in {one.body["prb_id"] for one in arrived}] != []
    wrong = {one.body["prb_id"] for one in arrived if one.body["lts"] == -1}
    assert wrong == {*plan["probes"]["2"]} - {*plan["probes"]["1"]} != set()
    assert "probes" not in injector.injected()["plans"][0]
