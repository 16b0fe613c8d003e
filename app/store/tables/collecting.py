"""What is followed on the platform, how far collecting is, and whose turn it is."""

from sqlalchemy import Column, ForeignKeyConstraint, Table

from app.store.tables.base import CLUSTERED, STRICT, metadata, provenance, provenance_checks
from app.store.types import String, Whole

followed = Table(
    "followed",
    metadata,
    Column("atlas_id", Whole, primary_key=True, autoincrement=False),
    Column("label", String, primary_key=True),
    *provenance()[1:],
    Column("followed_at", Whole, nullable=False),
    Column("since_at", Whole, nullable=False),
    Column("stop_at", Whole, nullable=True),
    Column("probe_ids", String, nullable=True, comment="JSON array; null for all participants"),
    Column("polled_until_at", Whole, nullable=False),
    Column("settled_at", Whole, nullable=True),
    Column("failing_since_at", Whole, nullable=True),
    Column("failure", String, nullable=True),
    *provenance_checks(),
    **STRICT,
)

watermarks = Table(
    "watermarks",
    metadata,
    Column("atlas_id", Whole, primary_key=True, autoincrement=False),
    Column("label", String, primary_key=True),
    Column("probe_id", Whole, primary_key=True, autoincrement=False),
    Column("until_at", Whole, nullable=False),
    ForeignKeyConstraint(["atlas_id", "label"], ["followed.atlas_id", "followed.label"], ondelete="CASCADE"),
    **CLUSTERED,
)

owed = Table(
    "owed",
    metadata,
    Column("atlas_id", Whole, primary_key=True, autoincrement=False),
    Column("label", String, primary_key=True),
    Column("probe_id", Whole, primary_key=True, autoincrement=False),
    Column("from_at", Whole, nullable=False),
    Column("returned_at", Whole, nullable=False),
    Column("asked_s", Whole, nullable=False, comment="the age at which it was asked for again; 0 for not yet"),
    ForeignKeyConstraint(["atlas_id", "label"], ["followed.atlas_id", "followed.label"], ondelete="CASCADE"),
    **CLUSTERED,
)

rechecks = Table(
    "rechecks",
    metadata,
    Column("atlas_id", Whole, primary_key=True, autoincrement=False),
    Column("label", String, primary_key=True),
    Column("age_s", Whole, primary_key=True, autoincrement=False),
    Column("until_at", Whole, nullable=False),
    ForeignKeyConstraint(["atlas_id", "label"], ["followed.atlas_id", "followed.label"], ondelete="CASCADE"),
    **CLUSTERED,
)

fetched_windows = Table(
    "fetched_windows",
    metadata,
    Column("atlas_id", Whole, primary_key=True, autoincrement=False),
    Column("label", String, primary_key=True),
    Column("from_at", Whole, primary_key=True, autoincrement=False),
    Column("to_at", Whole, primary_key=True, autoincrement=False),
    Column("probes", String, primary_key=True, comment="digest of the probe ids asked for"),
    Column("fetched_at", Whole, nullable=False),
    **CLUSTERED,
)

ticks = Table(
    "ticks",
    metadata,
    Column("task", String, primary_key=True),
    Column("due_at", Whole, primary_key=True, autoincrement=False),
    Column("claimed_by", String, nullable=False),
    Column("lease_until_at", Whole, nullable=False),
    Column("finished_at", Whole, nullable=True),
    Column("failure", String, nullable=True),
    **CLUSTERED,
)
