"""What is wrong, by facts alone: each fact has a side on which nobody is told, and a key that stays."""

from typing import Any

import pytest

from measurements.campaigns.alerts import (
    DAILY_S,
    LEAST_FREE_BYTES,
    LOST_AFTER_S,
    MOST_LOG_BYTES,
    STREAM_PATIENCE_S,
    Credits,
    Disk,
    Facts,
    FailedTask,
    InCountry,
    RefusedDispatch,
    Severity,
    Silent,
    WaitingDispatch,
    alerts,
    duration,
)

NOW = 1_800_000_000
TB = 10**12


def told(**facts: Any) -> dict[str, Severity]:
    """Key -> severity."""
    return {one.key: one.severity for one in alerts(Facts(now_at=NOW)._replace(**facts))}


def test_where_nothing_is_wrong_nobody_is_told() -> None:
    assert alerts(Facts(now_at=NOW)) == ()


@pytest.mark.parametrize(
    ("facts", "key", "severity"),
    [
        ({"silent": (Silent(1001, "k-root", 9000),)}, "silence:1001", Severity.WARNING),
        ({"countries": (InCountry("TJ", 6, 3),)}, "silence:TJ", Severity.CRITICAL),
        ({"failed": (FailedTask("measured poll", "502"),)}, "task:measured poll", Severity.WARNING),
        ({"waiting": (WaitingDispatch(4, 2, NOW - LOST_AFTER_S - 1),)}, "dispatch:4", Severity.CRITICAL),
        ({"refused": (RefusedDispatch(4, 2, "It was withdrawn."),)}, "refused:4", Severity.CRITICAL),
        ({"credits": Credits(299, 100, 0)}, "credits", Severity.WARNING),
        ({"credits": Credits(1_000, 100, 901)}, "credits", Severity.CRITICAL),
        ({"credits": Credits(10, 0, 11)}, "credits", Severity.CRITICAL),
        ({"stream_down_s": STREAM_PATIENCE_S + 1}, "stream", Severity.WARNING),
        ({"disk": Disk(TB // 10 - 1, TB, 0)}, "disk", Severity.WARNING),
        ({"disk": Disk(LEAST_FREE_BYTES - 1, 5 * LEAST_FREE_BYTES, 0)}, "disk", Severity.CRITICAL),
        ({"disk": Disk(TB, TB, MOST_LOG_BYTES + 1)}, "log", Severity.WARNING),
        ({"backup_age_s": DAILY_S + 1}, "backup", Severity.CRITICAL),
        ({"checkpoint_age_s": DAILY_S + 1}, "checkpoint", Severity.WARNING),
    ],
)
def test_each_thing_that_is_wrong_is_told(facts: dict[str, Any], key: str, severity: Severity) -> None:
    assert told(**facts) == {key: severity}


@pytest.mark.parametrize(
    "facts",
    [
        {"countries": (InCountry("TJ", 7, 3), InCountry("KG", 2, 2))},
        {"waiting": (WaitingDispatch(4, 2, NOW - LOST_AFTER_S),)},
        {"credits": Credits(300, 100, 0)},
        {"credits": Credits(0, 0, 0)},
        {"stream_down_s": STREAM_PATIENCE_S},
        {"disk": Disk(TB // 10, TB, MOST_LOG_BYTES)},
        {"backup_age_s": DAILY_S, "checkpoint_age_s": DAILY_S},
    ],
)
def test_what_is_just_well_is_not(facts: dict[str, Any]) -> None:
    assert told(**facts) == {}


def test_the_key_stays_while_the_words_change() -> None:
    """Else the same thing would begin again and again."""
    first, later = (alerts(Facts(now_at=NOW, silent=(Silent(1001, "", for_s),)))[0] for for_s in (9_000, 90_000))
    assert first.key == later.key
    assert first.words != later.words
    assert "2 hours" in first.words


@pytest.mark.parametrize(
    ("for_s", "words"),
    [(0, "0 seconds"), (119, "119 seconds"), (120, "2 minutes"), (7_200, "2 hours"), (172_800, "2 days")],
)
def test_a_duration_is_told_in_its_largest_unit(for_s: int, words: str) -> None:
    assert duration(for_s) == words
