"""Campaigns, what each version of them asks for, their rounds, and what was expected and received in each cell."""

from sqlalchemy import CheckConstraint, Column, ForeignKeyConstraint, Index, Table, UniqueConstraint

from app.store.tables.base import STRICT, metadata
from app.store.types import Flag, String, Whole, one_of
from measurements.campaigns.standing import RoundState, State
from measurements.results.outcome import Label

campaigns = Table(
    "campaigns",
    metadata,
    Column("id", Whole, primary_key=True),
    Column("label", String, nullable=False, comment="of what it brings: of RIPE Atlas, or of a rehearsal"),
    Column("name", String, nullable=False),
    Column("state", String, nullable=False),
    Column("version", Whole, nullable=False, comment="the one that holds"),
    Column("next_at", Whole, nullable=True, comment="when its next round is due; null where none is"),
    Column("changed_at", Whole, nullable=False),
    UniqueConstraint("label", "name"),
    one_of("label", Label, "label"),
    one_of("state", State, "state"),
    CheckConstraint("state = 'active' OR next_at IS NULL", name="due"),
    Index(None, "label", "next_at"),
    **STRICT,
)

campaign_versions = Table(
    "campaign_versions",
    metadata,
    Column("campaign_id", Whole, primary_key=True, autoincrement=False),
    Column("version", Whole, primary_key=True, autoincrement=False),
    Column("document", String, nullable=False, comment="canonical JSON"),
    Column("digest", String, nullable=False),
    Column("agreement_id", Whole, nullable=False),
    Column("applied_by", Whole, nullable=True, comment="a person; null for the command line"),
    Column("applied_at", Whole, nullable=False),
    ForeignKeyConstraint(["campaign_id"], ["campaigns.id"]),
    ForeignKeyConstraint(["agreement_id"], ["agreements.id"]),
    **STRICT,
)

campaign_rounds = Table(
    "campaign_rounds",
    metadata,
    Column("id", Whole, primary_key=True),
    Column("campaign_id", Whole, nullable=False),
    Column("version", Whole, nullable=False),
    Column("round_at", Whole, nullable=False, comment="when it is due"),
    Column("until_at", Whole, nullable=False, comment="exclusive"),
    Column("deadline_at", Whole, nullable=False, comment="when it is closed"),
    Column("is_extra", Flag, nullable=False, comment="whether somebody asked for it, beside the schedule"),
    Column("state", String, nullable=False),
    Column("reason", String, nullable=True, comment="why it was missed"),
    Column("planned_at", Whole, nullable=False),
    Column("closed_at", Whole, nullable=True),
    ForeignKeyConstraint(["campaign_id", "version"], ["campaign_versions.campaign_id", "campaign_versions.version"]),
    UniqueConstraint("campaign_id", "version", "round_at", "is_extra"),
    one_of("state", RoundState, "state"),
    Index(None, "state", "deadline_at"),
    **STRICT,
)

round_cells = Table(
    "round_cells",
    metadata,
    Column("round_id", Whole, primary_key=True, autoincrement=False),
    Column("cell", String, primary_key=True),
    Column("dispatch_id", Whole, nullable=False),
    Column("is_capped", Flag, nullable=False, comment="whether the memorandum's end has shortened it"),
    Column("n_expected", Whole, nullable=True),
    Column("n_received", Whole, nullable=True),
    Column("credits", Whole, nullable=True, comment="what the results received cost"),
    Column("missing", String, nullable=True, comment="why results are missing"),
    Column("explanation", String, nullable=True, comment="the same in plain words"),
    ForeignKeyConstraint(["round_id"], ["campaign_rounds.id"]),
    ForeignKeyConstraint(["dispatch_id"], ["dispatches.id"]),
    UniqueConstraint("dispatch_id"),
    **STRICT,
)
