"""What the platform says of measurements and probes, dated, beside its own words."""

from sqlalchemy import Column, Table

from app.store.tables.base import STRICT, metadata, provenance, provenance_checks
from app.store.types import Bytes, Flag, Small, String, Whole

measurements = Table(
    "measurements",
    metadata,
    Column("atlas_id", Whole, primary_key=True, autoincrement=False),
    Column("label", String, primary_key=True),
    *provenance()[1:],
    Column("retrieved_at", Whole, nullable=False),
    Column("source", String, nullable=False),
    Column("type", String, nullable=False),
    Column("target", String, nullable=False),
    Column("address_family", Small, nullable=False),
    Column("interval_s", Whole, nullable=True),
    Column("spread_s", Whole, nullable=True),
    Column("start_at", Whole, nullable=True),
    Column("stop_at", Whole, nullable=True),
    Column("is_oneoff", Flag, nullable=False),
    Column("participant_count", Whole, nullable=True),
    Column("body", Bytes, nullable=False),
    *provenance_checks(),
    **STRICT,
)

probe_snapshots = Table(
    "probe_snapshots",
    metadata,
    Column("probe_id", Whole, primary_key=True, autoincrement=False),
    Column("observed_at", Whole, primary_key=True, autoincrement=False),
    *provenance(),
    Column("retrieved_at", Whole, nullable=False),
    Column("source", String, nullable=False),
    Column("asn_v4", Whole, nullable=True),
    Column("asn_v6", Whole, nullable=True),
    Column("prefix_v4", String, nullable=True),
    Column("prefix_v6", String, nullable=True),
    Column("country_code", String, nullable=True),
    Column("is_anchor", Flag, nullable=False),
    Column("status", String, nullable=True, comment="Connected, Disconnected, Abandoned, Never Connected, Written Off"),
    Column("body", Bytes, nullable=False),
    *provenance_checks(),
    **STRICT,
)
