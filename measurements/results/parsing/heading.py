"""The heading of a record: what every result says of itself, whatever its type."""

from typing import Any, NamedTuple

from measurements.results.parsing.fields import MAX_COUNT, family, required, text, whole, wrong_type
from measurements.units import LATEST_INSTANT

MAX_CLOCK_AGE_S = 3600
"""A probe whose clock was set longer ago (`lts`) is not trusted to know the time.

Probes set their clock every few minutes; an hour without is a fault, and the drift is unknown from there.
"""


class Heading(NamedTuple):
    """The fields that `Result` takes over; instants in seconds since the epoch, UTC."""

    atlas_id: int
    probe_id: int
    measured_at: int
    stored_at: int | None
    address_family: int | None
    target: str | None
    destination: str | None
    is_clock_trusted: bool
    clock_age_s: int | None
    firmware: int


def read_heading(record: dict[str, Any]) -> Heading:
    """The heading of a record of any firmware; raises `UnreadableResult`.

    The destination's name is `dst_name`, in firmware before 4460 and in DNS results also `name`; its
    address `dst_addr`, before 4460 `addr`.
    """
    measured_at = whole("timestamp", required(record, "timestamp"), LATEST_INSTANT)
    stored = record.get("stored_timestamp")
    stored_at = None if stored is None else whole("stored_timestamp", stored, LATEST_INSTANT)
    destination = text(record, "dst_addr") or text(record, "addr")
    clock_age_s = _clock_age_s(record)
    return Heading(
        atlas_id=whole("msm_id", required(record, "msm_id")),
        probe_id=whole("prb_id", required(record, "prb_id")),
        measured_at=measured_at,
        stored_at=stored_at,
        address_family=family(record, destination),
        target=text(record, "dst_name") or text(record, "name") or destination,
        destination=destination,
        is_clock_trusted=_is_set(clock_age_s) and (stored_at is None or measured_at <= stored_at),
        clock_age_s=clock_age_s,
        firmware=whole("fw", required(record, "fw"), MAX_COUNT),
    )


def _clock_age_s(record: dict[str, Any]) -> int | None:
    seconds = record.get("lts")
    if seconds is None:
        return None
    if type(seconds) is not int:
        raise wrong_type("lts", seconds)
    return seconds


def _is_set(clock_age_s: int | None) -> bool:
    return clock_age_s is None or 0 <= clock_age_s <= MAX_CLOCK_AGE_S
