"""Plans: what a scenario file may say, and what it is told when it may not."""

from datetime import UTC, datetime
from typing import Any

import pytest

from app.rehearsal.faults.plan import FaultPlan, RequestRule, ResultRule, UnusablePlan, read_plan

EPOCH = 1_800_000_000


def test_a_scenario_without_faults_plans_none() -> None:
    """And so does nothing."""
    assert read_plan({"faults": {}}, EPOCH) == read_plan({}, EPOCH) == FaultPlan()


def test_a_plan_alone_or_as_a_section() -> None:
    """Both are read the same."""
    rules = [{"kind": "late", "probability": 0.1}, {"kind": "hang", "every": 7}, {"kind": "stream_broken"}]
    alone = {"seed": 3, "rules": rules}
    assert read_plan(alone, EPOCH) == read_plan({"faults": alone}, EPOCH)
    assert [index for index, _ in read_plan(alone, EPOCH).of(ResultRule)] == [0]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (3600, EPOCH + 3600),
        ("1d 6h", EPOCH + 108_000),
        ("-30m", EPOCH - 1800),
        ("2027-01-15T08:00:00Z", EPOCH),
        ("2027-01-15T13:00:00+05:00", EPOCH),
        (datetime(2027, 1, 15, 8, tzinfo=UTC), EPOCH),
        (EPOCH + 1, EPOCH + 1),
    ],
)
def test_windows(given: Any, expected: int) -> None:
    """From the beginning of the rehearsal on, or as instants; the end is not in it."""
    (rule,) = read_plan({"rules": [{"kind": "silent", "from": given, "to": given}]}, EPOCH).rules
    assert (rule.start, rule.stop) == (expected, expected)
    (rule,) = read_plan({"rules": [{"kind": "silent", "from": given}]}, EPOCH).rules
    assert rule.is_at(expected)
    assert not rule.is_at(expected - 1)


@pytest.mark.parametrize("pattern", ["*/results/", "*/results", "/api/*", "*/results*"])
def test_a_slash_at_the_end_of_a_path_makes_no_difference(pattern: str) -> None:
    """Some clients send it, and some do not."""
    (rule,) = read_plan({"rules": [{"kind": "hang", "path": pattern}]}, EPOCH).rules
    assert isinstance(rule, RequestRule)
    assert rule.concerns("GET", "/api/v2/measurements/1001/results/")
    assert rule.concerns("GET", "/api/v2/measurements/1001/results")
    assert not rule.concerns("GET", "/stream/")


@pytest.mark.parametrize(
    ("rule", "where"),
    [
        ({"kind": "earthquake"}, "rules.0"),
        ({"kind": "late", "probability": 2}, "rules.0.late.probability"),
        ({"kind": "late", "colour": "red"}, "rules.0.late.colour"),
        ({"kind": "late", "probability": 0.5, "every": 2}, "rules.0.late"),
        ({"kind": "hang", "every": 0}, "rules.0.hang.every"),
        ({"kind": "late", "least_s": -1}, "rules.0.late.least_s"),
        ({"kind": "late", "least_s": 30_000}, r"rules.0.late: .*`most_s` \(21600\) must not be less than"),
        ({"kind": "hang", "from": "2h", "to": "1h"}, "rules.0.to: must come after `from`"),
    ],
)
def test_what_is_no_rule(rule: dict[str, Any], where: str) -> None:
    """Named by its place."""
    with pytest.raises(UnusablePlan, match=rf"^faults\.{where}"):
        read_plan({"rules": [rule]}, EPOCH)


def test_several_mistakes_are_told_at_once() -> None:
    """So that a file is corrected once; also where it is none at all."""
    rules = [{"kind": "late", "probability": 2}, {"kind": "hang"}, {"kind": "late", "least_s": -1}]
    with pytest.raises(UnusablePlan) as caught:
        read_plan({"rules": rules}, EPOCH)
    places = [part.partition(":")[0] for part in str(caught.value).split("; ")]
    assert places == ["faults.rules.0.late.probability", "faults.rules.2.late.least_s"]
    with pytest.raises(UnusablePlan, match=r"^faults: "):
        read_plan({"faults": 3}, EPOCH)
