"""Databases of many samples for the series figures: made, not recorded, so labelled `rehearsed`.

Twenty probes in ten networks of one country ping a number of targets every few minutes for 40 days. Samples and bins
are what an ingest of such results would leave. Their results are left out, since no series reads them: all samples
point to one.
"""

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Engine, select

from app.files import find_recordings
from app.operations.ingest_measurements import ingest_measurements
from app.operations.ingest_probes import ingest_probes
from app.store import bins, samples, tables
from app.store.bulk import Row, insert_rows
from app.store.engine import transactions, writing
from app.store.series import COLUMNS as SERIES_COLUMNS
from measurements.results.outcome import Label
from measurements.series.bins import BIN_S, bin_of, pack_rtts
from measurements.series.sample import Sample
from tests.ingesting import StillClock, ingest, write_lines
from tests.records import SEED, laboratory

N_PROBES = 20
N_HOURS = 40 * 24
PER_HOUR = 13
SAMPLES_PER_SERIES = N_PROBES * N_HOURS * PER_HOUR
BEGAN_AT = 1_735_689_600
"""2025-01-01."""
COUNTRY = "ZZ"
FIRST_ASN = 64_500
FIRST_PROBE, FIRST_MEASUREMENT = 8_000_001, 91_000_001
PACKETS = 3
N_PATTERNS = 400


class Hour(NamedTuple):
    """What one probe saw in one hour: the columns of its samples and of its bin that differ from hour to hour."""

    rtts: list[bytes]
    bin: tuple[float | None, float | None, bytes]


def fill(engine: Engine, n_samples: int, folder: Path) -> int:
    """Put about `n_samples` samples, their bins, probes and measurements into an empty database; gives how many."""
    n_series = max(1, round(n_samples / SAMPLES_PER_SERIES))
    _register(engine, n_series, folder)
    ingest(engine, write_lines(folder / "one.ndjson", laboratory()[:1]))
    hours = _patterns()
    for series_id in range(2, n_series + 2):  # 1 is that of the one result
        with writing(engine) as connection:
            result_id = connection.execute(select(tables.results.c.id)).scalar_one()
            insert_rows(connection, tables.series, SERIES_COLUMNS, [_series_row(series_id)])
            insert_rows(connection, tables.samples, samples.COLUMNS, list(_sample_rows(series_id, result_id, hours)))
            insert_rows(connection, tables.bins, bins.COLUMNS, list(_bin_rows(series_id, hours)))
    return n_series * SAMPLES_PER_SERIES


def _register(engine: Engine, n_series: int, folder: Path) -> None:
    probes = [
        {"id": probe_id, "asn_v4": FIRST_ASN + probe_id % 10, "country_code": COUNTRY} for probe_id in _probe_ids()
    ]
    measurements = [
        {
            "id": FIRST_MEASUREMENT + number,
            "type": "ping",
            "af": 4,
            "target": _target(number),
            "interval": BIN_S // PER_HOUR,
            "start_time": BEGAN_AT,
            "probes": [{"id": probe_id} for probe_id in _probe_ids()],
        }
        for number in range(n_series)
    ]
    for name, objects, take_in in (
        ("probes.json", probes, ingest_probes),
        ("measurements.json", measurements, ingest_measurements),
    ):
        path = folder / name
        path.write_text(json.dumps(objects))
        take_in(transactions(engine), find_recordings([str(path)]), label=Label.REHEARSED, clock=StillClock())


def _probe_ids() -> range:
    return range(FIRST_PROBE, FIRST_PROBE + N_PROBES)


def _target(number: int) -> str:
    return "k-root" if number == 0 else f"host{number}.example"


def _patterns() -> list[Hour]:
    chance = random.Random(SEED)
    return [_pattern(chance) for _ in range(N_PATTERNS)]


def _pattern(chance: random.Random) -> Hour:
    middle = chance.uniform(20, 200)
    rounds = [sorted(round(chance.gauss(middle, 4), 6) for _ in range(PACKETS)) for _ in range(PER_HOUR)]
    seen = [Sample(0, "", 4, "", PACKETS, PACKETS, PACKETS, tuple(rtts), None, None) for rtts in rounds]
    whole = bin_of(enumerate(seen))
    return Hour(list(map(pack_rtts, rounds)), (whole.rtt_min_ms, whole.rtt_median_ms, pack_rtts(whole.rtts_ms)))


def _hours(series_id: int, hours: list[Hour]) -> Iterator[tuple[int, int, Hour]]:
    """Probe, start of the hour, and what was seen."""
    chance = random.Random(series_id)
    for probe_id in _probe_ids():
        for number in range(N_HOURS):
            yield probe_id, BEGAN_AT + number * BIN_S, hours[chance.randrange(N_PATTERNS)]


def _series_row(series_id: int) -> Row:
    number = series_id - 2
    return (series_id, "rehearsed", "public", FIRST_MEASUREMENT + number, "ping", _target(number), 4, "ICMP")


def _sample_rows(series_id: int, result_id: int, hours: list[Hour]) -> Iterator[Row]:
    interval_s = BIN_S // PER_HOUR
    for probe_id, start, hour in _hours(series_id, hours):
        for number, rtts in enumerate(hour.rtts):
            at = start + number * interval_s
            yield (series_id, probe_id, at, result_id, 0, PACKETS, PACKETS, PACKETS, rtts, None, None)


def _bin_rows(series_id: int, hours: list[Hour]) -> Iterator[Row]:
    sent = PACKETS * PER_HOUR
    for probe_id, start, hour in _hours(series_id, hours):
        low, median, rtts = hour.bin
        yield (series_id, start, probe_id, PER_HOUR, sent, sent, sent, low, median, None, None, rtts)
