"""Which results may stand in a series: those whose clock is good enough to put them in a bin."""

from typing import Any

import pytest

from measurements.results.parsing import parse
from tests.measurements.results.recordings import specimen

MEASURED_AT = 1_795_471_600


@pytest.mark.parametrize(
    ("changes", "feeds_series"),
    [
        ({}, True),
        ({"stored_timestamp": ...}, True),  # old dumps do not say
        ({"lts": ...}, True),  # old firmware does not say
        ({"stored_timestamp": MEASURED_AT + 90 * 86_400}, True),  # uploaded after an outage
        ({"stored_timestamp": MEASURED_AT - 300}, True),  # clocks a little apart
        ({"stored_timestamp": MEASURED_AT - 301}, False),  # measured after stored
        ({"lts": 3_000_000}, True),  # five weeks of drift stay within the tolerance
        ({"lts": 3_000_001}, False),
        ({"lts": -1}, False),
        ({"lts": -1, "stored_timestamp": ...}, False),
        ({"timestamp": 0}, False),  # as the probe writes it where it could not compose the query
        ({"timestamp": 1_262_304_000, "stored_timestamp": ...}, True),
        ({"timestamp": 1_262_303_999, "stored_timestamp": ...}, False),
        ({"timestamp": 1_925_000_000, "lts": -1, "stored_timestamp": ...}, False),  # 2031
    ],
)
def test_a_result_feeds_the_series_if_its_clock_is_within_five_minutes(
    changes: dict[str, Any],
    feeds_series: bool,  # noqa: FBT001 - a column of the table
) -> None:
    """As far as the record tells; what does not feed is kept all the same."""
    given = {"timestamp": MEASURED_AT, "stored_timestamp": MEASURED_AT + 60, "lts": 10, **changes}

    assert parse(specimen("ping-ok-v4", **given)).feeds_series is feeds_series


def test_consent_is_judged_more_strictly_than_a_bin() -> None:
    """A clock set two hours ago is not trusted with an agreement's last minute, and puts a result in the right hour."""
    result = parse(specimen("ping-ok-v4", lts=7200))

    assert (result.is_clock_trusted, result.feeds_series) == (False, True)


@pytest.mark.parametrize("label", ["ping-ok-v4", "tr4-icmp-g1-p1", "dns4-soa-p1"])
def test_every_type_of_result_says_how_old_its_clock_is(label: str) -> None:
    """As the probe put it."""
    assert parse(specimen(label, lts=-1)).clock_age_s == -1
