"""Bins in the tables, their numbers written out: of one ping, of late data, and after a result left the series."""

import pytest
from sqlalchemy import Engine

from app.store.engine import writing
from app.store.samples import remove_samples
from tests.delivering import HOUR, deliver, ping, rows

BINS = "SELECT bin_at, n_results, n_sent, n_received, n_success, rtt_min_ms, rtt_median_ms FROM bins ORDER BY bin_at"


@pytest.mark.parametrize(
    ("rtts", "minimum", "median"),
    [((8.5,), 8.5, 8.5), ((8.5, 1.5), 1.5, 5.0), ((8.5, 1.5, 2.5), 1.5, 2.5), ((8.5, 1.5, 2.5, 4.5), 1.5, 3.5)],
)
def test_a_bin_of_one_ping(engine: Engine, rtts: tuple[float, ...], minimum: float, median: float) -> None:
    """With an even number of RTTs the median lies between the two in the middle."""
    n = len(rtts)

    deliver(engine, ping(*rtts))

    assert rows(engine, BINS) == [(HOUR, 1, n, n, n, minimum, median)]


def test_a_bin_of_silence(engine: Engine) -> None:
    """No RTT is none, not 0."""
    deliver(engine, ping(1.5, 2.5, rcvd=0, result=[{"x": "*"}, {"x": "*"}], min=-1, max=-1, avg=-1))

    assert rows(engine, BINS) == [(HOUR, 1, 2, 0, 0, None, None)]


def test_late_data_is_merged(engine: Engine) -> None:
    """A result of an hour that was binned long ago; the next hour is another bin."""
    deliver(engine, ping(5.5, 6.5, at=3599), ping(9.5, at=3600))

    deliver(engine, ping(1.5, 2.5, 3.5, at=0))

    assert rows(engine, BINS) == [(HOUR, 2, 5, 5, 5, 1.5, 3.5), (HOUR + 3600, 1, 1, 1, 1, 9.5, 9.5)]


def test_what_leaves_the_series_leaves_its_bins(engine: Engine) -> None:
    """The rest of the hour counts on; an hour of which nothing is left has no bin."""
    deliver(engine, ping(1.5, at=0), ping(2.5, 3.5, at=240), ping(4.5, at=480), ping(9.5, at=3600), ping(8.5, at=7200))
    numbers = [number for (number,) in rows(engine, "SELECT id FROM results ORDER BY measured_at")]

    with writing(engine) as connection:
        remove_samples(connection, [numbers[1], numbers[3]])

    assert rows(engine, BINS) == [(HOUR, 2, 2, 2, 2, 1.5, 3.0), (HOUR + 7200, 1, 1, 1, 1, 8.5, 8.5)]
    assert rows(engine, "SELECT measured_at FROM samples ORDER BY 1") == [(HOUR,), (HOUR + 480,), (HOUR + 7200,)]
