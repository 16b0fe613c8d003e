"""One row per result. What its parts say is read from the raw record it points to."""

from sqlalchemy import Column, ForeignKey, Index, Table, UniqueConstraint

from app.store.tables.base import STRICT, metadata, provenance, provenance_checks
from app.store.types import Bytes, Flag, Small, String, Whole, one_of
from measurements.results.outcome import Outcome

results = Table(
    "results",
    metadata,
    Column("id", Whole, primary_key=True, autoincrement=False),
    Column("raw_id", Whole, ForeignKey("raw_records.id"), nullable=False),
    *provenance(),
    Column("retrieved_at", Whole, nullable=False),
    Column("atlas_id", Whole, nullable=False),
    Column("probe_id", Whole, nullable=False),
    Column("measured_at", Whole, nullable=False),
    Column("stored_at", Whole, nullable=True),
    Column("digest", Bytes, nullable=False),
    Column("type", String, nullable=False),
    Column("target", String, nullable=False),
    Column("destination", String, nullable=True),
    Column("address_family", Small, nullable=False),
    Column("protocol", String, nullable=False),
    Column("outcome", String, nullable=False),
    Column("is_clock_trusted", Flag, nullable=False),
    Column("is_datable", Flag, nullable=False),
    Column("is_conflict", Flag, nullable=False),
    Column("is_in_series", Flag, nullable=False),
    UniqueConstraint("atlas_id", "probe_id", "measured_at", "label", "digest"),
    *provenance_checks(),
    one_of("outcome", Outcome, "outcome"),
    **STRICT,
)
Index(None, results.c.raw_id)  # what is erased is asked about once for every raw record
Index(None, results.c.measured_at, results.c.id)
Index(None, results.c.target, results.c.measured_at, results.c.id)
