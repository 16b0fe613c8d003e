"""Binnings: the ways to cut time into bins that a series can be asked for.

A name is a width (`5m`, `1h`, `7d`), for whole days and longer in UTC unless a zone follows:
`1d` is a UTC day, `1d@Asia/Dushanbe` a calendar day in Tajikistan. Weeks begin on Monday.
"""

from collections.abc import Callable
from typing import NamedTuple
from zoneinfo import ZoneInfo

from measurements.series.bins import BIN_S
from measurements.units import (
    DAY_S,
    DUSHANBE,
    FIRST_MONDAY_S,
    HOUR_S,
    MINUTE_S,
    WEEK_S,
    day_start,
    month_start,
    week_start,
)

_UTC = ZoneInfo("UTC")
_DUSHANBE = ZoneInfo(DUSHANBE)


class Binning(NamedTuple):
    """One way to cut time into half-open bins. Instants are seconds since the epoch."""

    name: str
    width_s: int
    """Exact for fixed widths; of days, weeks and months in a zone the usual one."""
    zone: ZoneInfo | None = None
    """None where every bin is exactly `width_s` wide."""
    offset_s: int = 0
    """Start of some bin, for fixed widths."""

    @property
    def is_finer_than_stored(self) -> bool:
        """Whether its bins must be made of samples, since stored bins are an hour wide."""
        return self.width_s < BIN_S

    def start_of(self, at: int) -> int:
        """Start of the bin that holds an instant."""
        if self.zone:
            return self._calendar(at, self.zone, 0)
        return at - (at - self.offset_s) % self.width_s

    def end_of(self, start: int) -> int:
        """End, exclusive, of the bin that begins at `start`."""
        return self._calendar(start, self.zone, 1) if self.zone else start + self.width_s

    @property
    def _calendar(self) -> Callable[[int, ZoneInfo, int], int]:
        return {DAY_S: day_start, WEEK_S: week_start}.get(self.width_s, month_start)


MONTH_S = 30 * DAY_S

BINNINGS: dict[str, Binning] = {
    binning.name: binning
    for binning in (
        Binning("5m", 5 * MINUTE_S),
        Binning("10m", 10 * MINUTE_S),
        Binning("15m", 15 * MINUTE_S),
        Binning("30m", 30 * MINUTE_S),
        Binning("1h", HOUR_S),
        Binning("3h", 3 * HOUR_S),
        Binning("6h", 6 * HOUR_S),
        Binning("12h", 12 * HOUR_S),
        Binning("1d", DAY_S),
        Binning("7d", WEEK_S, None, FIRST_MONDAY_S),
        Binning("1mo", MONTH_S, _UTC),
        Binning(f"1d@{DUSHANBE}", DAY_S, _DUSHANBE),
        Binning(f"7d@{DUSHANBE}", WEEK_S, _DUSHANBE),
        Binning(f"1mo@{DUSHANBE}", MONTH_S, _DUSHANBE),
    )
}
"""All binnings by name; closed, so that a client can list them."""
