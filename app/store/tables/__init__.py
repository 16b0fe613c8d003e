"""All tables, in one metadata object with named constraints."""

from app.store.tables.base import metadata
from app.store.tables.collecting import fetched_windows, followed, owed, rechecks, ticks, watermarks
from app.store.tables.raw import deliveries, raw_records, sources
from app.store.tables.registry import measurements, probe_snapshots
from app.store.tables.results import results
from app.store.tables.series import bins, samples, series

__all__ = [
    "bins",
    "deliveries",
    "fetched_windows",
    "followed",
    "measurements",
    "metadata",
    "owed",
    "probe_snapshots",
    "raw_records",
    "rechecks",
    "results",
    "samples",
    "series",
    "sources",
    "ticks",
    "watermarks",
]
