"""Accounts of credits, and what was done with them: entries are added, and never changed or removed."""

from sqlalchemy import CheckConstraint, Column, ForeignKeyConstraint, Index, Table, UniqueConstraint

from app.store.tables.base import STRICT, metadata
from app.store.types import String, Whole, one_of
from measurements.agreements.parties import Party
from measurements.campaigns.treasury import EntryKind
from measurements.results.outcome import Label

accounts = Table(
    "accounts",
    metadata,
    Column("id", Whole, primary_key=True),
    Column("label", String, nullable=False, comment="of what is paid: of RIPE Atlas, or of a rehearsal"),
    Column("agreement_id", Whole, nullable=False),
    Column("payer", String, nullable=False),
    Column("campaign", String, nullable=False, comment="by name; empty for all the rest under the agreement"),
    Column("opened_at", Whole, nullable=False),
    ForeignKeyConstraint(["agreement_id"], ["agreements.id"]),
    UniqueConstraint("agreement_id", "label", "payer", "campaign"),
    one_of("label", Label, "label"),
    one_of("payer", Party, "payer"),
    **STRICT,
)

credit_entries = Table(
    "credit_entries",
    metadata,
    Column("id", Whole, primary_key=True),
    Column("account_id", Whole, nullable=False),
    Column("kind", String, nullable=False),
    Column("credits", Whole, nullable=False),
    Column("available", Whole, nullable=False, comment="in the account, after it"),
    Column("dispatch_id", Whole, nullable=True),
    Column("entered_at", Whole, nullable=False),
    Column("person_id", Whole, nullable=True, comment="who allotted"),
    ForeignKeyConstraint(["account_id"], ["accounts.id"]),
    ForeignKeyConstraint(["dispatch_id"], ["dispatches.id"]),
    ForeignKeyConstraint(["person_id"], ["people.id"]),
    Index(None, "account_id", "id"),
    Index(None, "dispatch_id"),
    one_of("kind", EntryKind, "kind"),
    CheckConstraint("available >= 0", name="available"),
    CheckConstraint("credits > 0 OR (kind = 'allot' AND credits < 0)", name="credits"),
    CheckConstraint("(kind = 'allot') = (dispatch_id IS NULL)", name="dispatch"),
    **STRICT,
)
