"""Raw first: what was delivered, verbatim, and every delivery of it."""

from sqlalchemy import Column, ForeignKey, Index, Table, UniqueConstraint, func

from app.store.tables.base import CLUSTERED, STRICT, metadata, provenance, provenance_checks
from app.store.types import Bytes, String, Whole, one_of
from measurements.results.outcome import RecordStatus

FIRST_OWN_ID = 1_000_000
"""RIPE Atlas numbers its built-in measurements below, and everybody's from there on: only of those something may have
to be erased, so that the index by which it is found costs nothing where most records come from."""

sources = Table(
    "sources",
    metadata,
    Column("id", Whole, primary_key=True, autoincrement=False),
    Column("kind", String, nullable=False),
    Column("name", String, nullable=False),
    UniqueConstraint("kind", "name"),
    **STRICT,
)

raw_records = Table(
    "raw_records",
    metadata,
    Column("id", Whole, primary_key=True, autoincrement=False),
    *provenance(),
    Column("retrieved_at", Whole, nullable=False),
    Column("body_digest", Bytes, nullable=False),
    Column("body", Bytes, nullable=False),
    Column("status", String, nullable=False),
    Column("reason", String, nullable=True),
    Column("detail", String, nullable=True),
    Column("type", String, nullable=True),
    Column("atlas_id", Whole, nullable=True),
    Column("probe_id", Whole, nullable=True),
    Column("measured_at", Whole, nullable=True),
    Column("stored_at", Whole, nullable=True),
    Column("digest", Bytes, nullable=True),
    UniqueConstraint("body_digest", "label"),
    *provenance_checks(),
    one_of("status", RecordStatus, "status"),
    **STRICT,
)
Index(
    "ix_raw_records_not_kept",
    raw_records.c.id,
    sqlite_where=raw_records.c.status != "kept",
    postgresql_where=raw_records.c.status != "kept",
)

Index(
    "ix_raw_records_erased",
    raw_records.c.id,
    sqlite_where=func.length(raw_records.c.body) == 0,
    postgresql_where=func.length(raw_records.c.body) == 0,
)
Index(
    "ix_raw_records_own",
    raw_records.c.atlas_id,
    raw_records.c.measured_at,
    sqlite_where=raw_records.c.atlas_id >= FIRST_OWN_ID,
    postgresql_where=raw_records.c.atlas_id >= FIRST_OWN_ID,
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("raw_id", Whole, ForeignKey("raw_records.id"), primary_key=True, autoincrement=False),
    Column("source_id", Whole, ForeignKey("sources.id"), primary_key=True, autoincrement=False),
    Column("retrieved_at", Whole, primary_key=True, autoincrement=False),
    **CLUSTERED,
)
