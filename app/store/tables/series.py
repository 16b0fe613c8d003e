"""Series, their samples, and the hourly bins made of them."""

from sqlalchemy import Column, ForeignKey, Index, Table, UniqueConstraint

from app.store.tables.base import CLUSTERED, STRICT, metadata, provenance, provenance_checks
from app.store.types import Bytes, Number, Small, String, Whole

series = Table(
    "series",
    metadata,
    Column("id", Whole, primary_key=True, autoincrement=False),
    *provenance(),
    Column("atlas_id", Whole, nullable=False),
    Column("type", String, nullable=False),
    Column("target", String, nullable=False),
    Column("address_family", Small, nullable=False),
    Column("protocol", String, nullable=False),
    UniqueConstraint(
        "target", "type", "label", "address_family", "protocol", "atlas_id", "data_class", name="uq_series_identity"
    ),
    *provenance_checks(),
    **STRICT,
)

samples = Table(
    "samples",
    metadata,
    Column("series_id", Whole, ForeignKey("series.id"), primary_key=True, autoincrement=False),
    Column("probe_id", Whole, primary_key=True, autoincrement=False),
    Column("measured_at", Whole, primary_key=True, autoincrement=False),
    Column("result_id", Whole, ForeignKey("results.id"), primary_key=True, autoincrement=False),
    Column("ordinal", Small, primary_key=True, autoincrement=False),
    Column("n_sent", Small, nullable=False),
    Column("n_received", Small, nullable=False),
    Column("n_success", Small, nullable=False),
    Column("rtts", Bytes, nullable=True, comment="sorted RTTs in ms, little-endian float64"),
    Column("hop_count", Small, nullable=True),
    Column("instance", String, nullable=True),
    **CLUSTERED,
)
Index(None, samples.c.result_id)

bins = Table(
    "bins",
    metadata,
    Column("series_id", Whole, ForeignKey("series.id"), primary_key=True, autoincrement=False),
    Column("bin_at", Whole, primary_key=True, autoincrement=False),
    Column("probe_id", Whole, primary_key=True, autoincrement=False),
    Column("n_results", Whole, nullable=False),
    Column("n_sent", Whole, nullable=False),
    Column("n_received", Whole, nullable=False),
    Column("n_success", Whole, nullable=False),
    Column("rtt_min_ms", Number, nullable=True),
    Column("rtt_median_ms", Number, nullable=True),
    Column("hop_counts", String, nullable=True, comment="JSON object: hop count to number of results"),
    Column("instances", String, nullable=True, comment="JSON object: instance to number of answers"),
    Column("rtts", Bytes, nullable=True, comment="sorted RTTs in ms, little-endian float64"),
    **CLUSTERED,
)
