"""What every result says of itself: names of all firmware generations, and clocks that are not to be trusted."""

from typing import Any

import pytest

from measurements.errors import UnreadableResult
from measurements.results.parsing.heading import MAX_CLOCK_AGE_S, Heading, read_heading
from measurements.results.quarantine import QuarantineReason
from tests.measurements.results.recordings import specimen

MEASURED_AT = 1_600_000_000


def heading_of(**changes: Any) -> Heading:
    """The heading of a ping with some keys changed."""
    usual = {"timestamp": MEASURED_AT, "stored_timestamp": MEASURED_AT + 9, "lts": 5}
    return read_heading(specimen("ping-ok-v4", **{**usual, **changes}))


def test_a_heading() -> None:
    """All of it."""
    assert heading_of(msm_id=7, prb_id=8) == Heading(
        atlas_id=7,
        probe_id=8,
        measured_at=MEASURED_AT,
        stored_at=MEASURED_AT + 9,
        address_family=4,
        target="192.0.2.10",
        destination="192.0.2.10",
        is_clock_trusted=True,
        clock_age_s=5,
        firmware=5120,
    )


@pytest.mark.parametrize(
    ("changes", "is_trusted"),
    [
        ({"lts": 0}, True),
        ({"lts": MAX_CLOCK_AGE_S}, True),
        ({"lts": MAX_CLOCK_AGE_S + 1}, False),
        ({"lts": -1}, False),
        ({"lts": ...}, True),
        ({"stored_timestamp": MEASURED_AT}, True),
        ({"stored_timestamp": MEASURED_AT - 1}, False),
        ({"stored_timestamp": ...}, True),
        ({"stored_timestamp": None}, True),
    ],
)
def test_a_clock_is_trusted_unless_something_speaks_against_it(changes: dict[str, Any], is_trusted: bool) -> None:  # noqa: FBT001 - a column of the table
    """Not set for over an hour, never set, or ahead of the platform's."""
    assert heading_of(**changes).is_clock_trusted is is_trusted


@pytest.mark.parametrize(
    ("changes", "target", "destination"),
    [
        ({"dst_name": "www.example.net"}, "www.example.net", "192.0.2.10"),
        ({"dst_name": ...}, "192.0.2.10", "192.0.2.10"),
        ({"dst_name": "nx.example.net", "dst_addr": ...}, "nx.example.net", None),
        ({"dst_name": ..., "name": "www.example.net"}, "www.example.net", "192.0.2.10"),
        ({"dst_name": ..., "dst_addr": ..., "addr": "192.0.2.9"}, "192.0.2.9", "192.0.2.9"),
        ({"dst_name": "", "dst_addr": ""}, None, None),
    ],
)
def test_a_destination_has_had_several_names(
    changes: dict[str, Any], target: str | None, destination: str | None
) -> None:
    """Names and addresses under the keys of all firmware generations."""
    heading = heading_of(**changes)

    assert (heading.target, heading.destination) == (target, destination)


@pytest.mark.parametrize(
    ("changes", "address_family"),
    [
        ({"af": 6}, 6),
        ({"af": ..., "pf": 4}, 4),
        ({"af": ...}, 4),
        ({"af": ..., "dst_addr": "2001:db8::1"}, 6),
        ({"af": ..., "dst_addr": ...}, None),
        ({"af": ..., "dst_addr": "no address"}, None),
    ],
)
def test_the_address_family_is_stated_or_seen(changes: dict[str, Any], address_family: int | None) -> None:
    """By `af`, by its old name, or by the address; else it is unknown."""
    assert heading_of(**changes).address_family == address_family


@pytest.mark.parametrize("changes", [{"from": ""}, {"from": ...}, {"timestamp": 0}, {"fw": "4560"}, {"fw": 0}])
def test_odd_headings_are_read(changes: dict[str, Any]) -> None:
    """A probe's address is not needed; a failed macro gives timestamp 0; firmware may be text."""
    assert heading_of(**changes).atlas_id > 0


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        *(({key: ...}, QuarantineReason.NOT_A_RESULT) for key in ("msm_id", "prb_id", "timestamp", "fw")),
        *(({key: None}, QuarantineReason.WRONG_TYPE) for key in ("msm_id", "prb_id", "timestamp", "fw")),
        *(({key: -5}, QuarantineReason.IMPOSSIBLE_VALUE) for key in ("msm_id", "prb_id", "timestamp", "fw")),
        *(({key: True}, QuarantineReason.WRONG_TYPE) for key in ("msm_id", "prb_id", "timestamp", "fw")),
        ({"timestamp": 2**60}, QuarantineReason.IMPOSSIBLE_VALUE),
        ({"timestamp": "9" * 5000}, QuarantineReason.IMPOSSIBLE_VALUE),
        ({"stored_timestamp": 1.5}, QuarantineReason.WRONG_TYPE),
        ({"lts": "5"}, QuarantineReason.WRONG_TYPE),
        ({"af": 5}, QuarantineReason.WRONG_TYPE),
        ({"af": "4"}, QuarantineReason.WRONG_TYPE),
        ({"dst_name": "nul\x00"}, QuarantineReason.WRONG_TYPE),
        ({"dst_name": "half \ud800"}, QuarantineReason.WRONG_TYPE),
        ({"dst_addr": ["192.0.2.10"]}, QuarantineReason.WRONG_TYPE),
    ],
)
def test_damage_is_named(changes: dict[str, Any], reason: QuarantineReason) -> None:
    """A missing key, another kind of value, a value that cannot be."""
    with pytest.raises(UnreadableResult) as caught:
        heading_of(**changes)

    assert caught.value.reason == reason
