"""What was erased, and the figures that stay of it. Triggers of the migration keep tombstones append only."""

from sqlalchemy import Column, Index, Table

from app.store.tables.base import STRICT, metadata
from app.store.types import Bytes, String, Whole, one_of
from measurements.agreements.retention import Level, Why
from measurements.results.outcome import Label

tombstones = Table(
    "tombstones",
    metadata,
    Column("id", Whole, primary_key=True, autoincrement=False),
    Column("agreement_id", Whole, nullable=False, comment="also of one that a restored database does not know"),
    Column("version", Whole, nullable=False),
    Column("label", String, nullable=False),
    Column("atlas_id", Whole, nullable=False),
    Column("level", String, nullable=False),
    Column("from_at", Whole, nullable=False),
    Column("until_at", Whole, nullable=False),
    Column("n_records", Whole, nullable=False),
    Column("digest", String, nullable=False, comment="of the digests of the records"),
    Column("days", Whole, nullable=False),
    Column("why", String, nullable=False),
    Column("erased_at", Whole, nullable=False),
    Column("digests", Bytes, nullable=False, comment="16 bytes of each record, in order; none of one read from a file"),
    one_of("label", Label, "label"),
    one_of("level", Level, "level"),
    one_of("why", Why, "why"),
    Index(None, "atlas_id", "label", "level", "until_at"),
    **STRICT,
)

kept_figures = Table(
    "kept_figures",
    metadata,
    Column("id", Whole, primary_key=True, autoincrement=False),
    Column("agreement_id", Whole, nullable=False),
    Column("label", String, nullable=False),
    Column("atlas_id", Whole, nullable=False),
    Column("target", String, nullable=False),
    Column("type", String, nullable=False),
    Column("metric", String, nullable=False),
    Column("scope", String, nullable=False),
    Column("binning", String, nullable=False),
    Column("bin_at", Whole, nullable=False),
    Column("row", String, nullable=False, comment="JSON object: the row of the series as it was answered"),
    one_of("label", Label, "label"),
    Index(None, "target", "metric", "bin_at"),
    Index(None, "atlas_id", "label", "bin_at"),
    **STRICT,
)
