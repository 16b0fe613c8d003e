"""What is to be dispatched, what the gate said of it, and what became of it.

An intent is one row that never changes but for what happened to it; every answer of the gate is a row of its own.
"""

from sqlalchemy import CheckConstraint, Column, ForeignKeyConstraint, Index, Table, UniqueConstraint

from app.store.tables.base import STRICT, metadata
from app.store.types import Flag, String, Whole, one_of
from measurements.results.outcome import Label

dispatches = Table(
    "dispatches",
    metadata,
    Column("id", Whole, primary_key=True),
    Column("label", String, nullable=False, comment="of what it brings: of RIPE Atlas, or of a rehearsal"),
    Column("agreement_id", Whole, nullable=False),
    Column("number", Whole, nullable=False),
    Column("digest", String, nullable=False, comment="of the version that it cites"),
    Column("intent", String, nullable=False, comment="canonical JSON"),
    Column("intent_digest", String, nullable=False),
    Column("tag", String, nullable=False, comment="by which RIPE Atlas can be asked for it"),
    Column("target", String, nullable=True),
    Column("n_probes", Whole, nullable=False),
    Column("credits", Whole, nullable=False),
    Column("start_at", Whole, nullable=False),
    Column("stop_at", Whole, nullable=False),
    Column("is_public", Flag, nullable=False),
    Column("intended_at", Whole, nullable=False),
    Column("campaign", String, nullable=True, comment="whose account pays for it, by name"),
    Column("sent_at", Whole, nullable=True, comment="when the call was about to be made"),
    Column("atlas_id", Whole, nullable=True),
    Column("answered_at", Whole, nullable=True),
    Column("failure", String, nullable=True, comment="why there is no measurement"),
    Column("stop_asked_at", Whole, nullable=True),
    Column("stopped_at", Whole, nullable=True, comment="when RIPE Atlas was read to say that it had stopped"),
    ForeignKeyConstraint(["agreement_id", "number"], ["versions.agreement_id", "versions.number"]),
    UniqueConstraint("tag"),
    UniqueConstraint("label", "atlas_id"),
    one_of("label", Label, "label"),
    Index(None, "agreement_id", "number"),
    **STRICT,
)

decisions = Table(
    "decisions",
    metadata,
    Column("id", Whole, primary_key=True),
    Column("dispatch_id", Whole, nullable=False),
    Column("intent_digest", String, nullable=False),
    Column("digest", String, nullable=True, comment="of the version that it rests on"),
    Column("is_permitted", Flag, nullable=False),
    Column("reason", String, nullable=False),
    Column("decided_at", Whole, nullable=False),
    ForeignKeyConstraint(["dispatch_id"], ["dispatches.id"]),
    Index(None, "dispatch_id"),
    CheckConstraint("is_permitted = (reason = 'agreed')", name="reason"),
    **STRICT,
)
