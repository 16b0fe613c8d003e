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
    Column(
        "sent_at", Whole, nullable=True, comment="when the call was about to be made; null again where it made none"
    ),
    Column("atlas_id", Whole, nullable=True),
    Column("answered_at", Whole, nullable=True),
    Column("failure", String, nullable=True, comment="why there is no measurement"),
    Column("stop_asked_at", Whole, nullable=True),
    Column("stopped_at", Whole, nullable=True, comment="when RIPE Atlas was read to say that it had stopped"),
    Column("n_sent", Whole, nullable=False, server_default="0", comment="how often a call was about to be made"),
    Column("lease_until_at", Whole, nullable=True, comment="until then whoever sends it has it to itself"),
    Column("retry_at", Whole, nullable=True, comment="when it is tried again"),
    Column("trouble", String, nullable=True, comment="what stands in its way for now"),
    Column("looked_at", Whole, nullable=True, comment="when it was last looked up by its tag"),
    Column("missed_at", Whole, nullable=True, comment="when a look-up first found nothing"),
    Column("lost_at", Whole, nullable=True, comment="when a second one did, so that it may be sent again"),
    Column("referred_at", Whole, nullable=True, comment="since when a person has to decide"),
    Column("found", String, nullable=True, comment="JSON array: what there is under its tag that it was not sent as"),
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
