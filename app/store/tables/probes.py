"""What the platform last said of each probe, which ones nobody wants asked, and which were chosen for what.

Where a probe was when is in `probe_snapshots`, which says nothing of the days on which nothing changed.
"""

from sqlalchemy import Column, ForeignKeyConstraint, Index, Table

from app.store.tables.base import STRICT, metadata
from app.store.types import Flag, String, Whole, one_of
from measurements.results.outcome import Label

known_probes = Table(
    "known_probes",
    metadata,
    Column("probe_id", Whole, primary_key=True, autoincrement=False),
    Column("label", String, nullable=False),
    Column("observed_at", Whole, nullable=False, comment="when the platform last said so"),
    Column("asn_v4", Whole, nullable=True),
    Column("asn_v6", Whole, nullable=True),
    Column("country_code", String, nullable=True),
    Column("prefix_v4", String, nullable=True),
    Column("prefix_v6", String, nullable=True),
    Column("is_anchor", Flag, nullable=False),
    Column("is_public", Flag, nullable=False),
    Column("status", String, nullable=True),
    Column("tags", String, nullable=False, comment="JSON array"),
    Column("status_since_at", Whole, nullable=True),
    Column("last_connected_at", Whole, nullable=True),
    one_of("label", Label, "label"),
    Index(None, "label", "country_code"),
    **STRICT,
)

probe_exclusions = Table(
    "probe_exclusions",
    metadata,
    Column("id", Whole, primary_key=True, autoincrement=False),
    Column("label", String, nullable=False),
    Column("probe_id", Whole, nullable=False),
    Column("is_excluded", Flag, nullable=False, comment="from then on; the last word on a probe counts"),
    Column("reason", String, nullable=True),
    Column("said_at", Whole, nullable=False),
    Column("said_by", Whole, nullable=True, comment="null on the command line"),
    one_of("label", Label, "label"),
    ForeignKeyConstraint(["said_by"], ["people.id"]),
    Index(None, "label", "probe_id"),
    **STRICT,
)

probe_choices = Table(
    "probe_choices",
    metadata,
    Column("id", Whole, primary_key=True, autoincrement=False),
    Column("label", String, nullable=False),
    Column("purpose", String, nullable=False, comment="what they are chosen for"),
    Column("chosen_at", Whole, nullable=False),
    Column("wanted", String, nullable=False, comment="JSON: what was asked for"),
    Column("chosen", String, nullable=False, comment="JSON: probe -> why"),
    Column("resting", String, nullable=False, comment="JSON: probe that fell silent -> since when it is left out"),
    one_of("label", Label, "label"),
    Index(None, "label", "purpose"),
    **STRICT,
)
