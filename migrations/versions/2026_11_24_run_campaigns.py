"""Run campaigns: what is asked for in which version, the rounds of it, and what was expected and received in each.

A cell of a round has one dispatch, and a dispatch at most one cell: each round goes to RIPE Atlas at most once.
"""

from typing import NamedTuple

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
FLAG = sa.Boolean().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text()
LABEL = "label = 'measured' OR label = 'laboratory' OR label = 'rehearsed'"


class Law(NamedTuple):
    """A statement that is aborted where a condition holds. NEW and OLD are the row after and before."""

    name: str
    table: str
    event: str
    condition: str
    says: str


KEYS = {
    "campaign_versions": ("campaign_id", "version"),
    "campaign_rounds": ("id",),
    "round_cells": ("round_id", "cell"),
}
"""What is never removed, and by which columns a row is known."""
LAWS = (
    Law(
        "decisions_go_by_their_campaign", "decisions", "INSERT",
        "NEW.is_permitted AND EXISTS (SELECT 1 FROM round_cells c JOIN campaign_rounds r ON r.id = c.round_id "
        "JOIN campaigns p ON p.id = r.campaign_id WHERE c.dispatch_id = NEW.dispatch_id AND p.state <> 'active')",
        "its campaign is paused or stopped",
    ),
    Law(
        "campaign_versions_never_change", "campaign_versions", "UPDATE", "1 = 1",
        "what a version asked for never changes",
    ),
    Law(
        "campaign_rounds_are_closed_once", "campaign_rounds", "UPDATE",
        "OLD.state <> 'open' OR "
        + " OR ".join(
            f"NEW.{name} <> OLD.{name}"
            for name in (
                "id", "campaign_id", "version", "round_at", "until_at", "deadline_at", "is_extra", "planned_at",
            )
        ),
        "a round is closed once, and changes in nothing else",
    ),
    Law(
        "round_cells_are_told_of_once", "round_cells", "UPDATE",
        "OLD.n_expected IS NOT NULL OR "
        + " OR ".join(f"NEW.{name} <> OLD.{name}" for name in ("round_id", "cell", "dispatch_id", "is_capped")),
        "a cell keeps its dispatch, and is told of once",
    ),
    *(
        Law(f"{table}_are_never_removed", table, "DELETE", "1 = 1", f"{table} are never removed")
        for table in KEYS
    ),
    *(  # SQLite's INSERT OR REPLACE removes a row without asking the laws of removal
        Law(f"{table}_are_never_replaced", table, "INSERT",
            f"EXISTS (SELECT 1 FROM {table} held WHERE {' AND '.join(f'held.{key} = NEW.{key}' for key in keys)})",
            f"{table} are never replaced")
        for table, keys in KEYS.items()
    ),
    Law(
        "round_cells_have_a_dispatch_of_their_own", "round_cells", "INSERT",
        "EXISTS (SELECT 1 FROM round_cells held WHERE held.dispatch_id = NEW.dispatch_id)",
        "a dispatch belongs to one cell",
    ),
)  # fmt: skip
TABLES = ("round_cells", "campaign_rounds", "campaign_versions", "campaigns")


def upgrade() -> None:
    """Create the tables, and hold them to what they say."""
    op.create_table(
        "campaigns",
        sa.Column("id", WHOLE, nullable=False),
        sa.Column("label", TEXT, nullable=False, comment="of what it brings: of RIPE Atlas, or of a rehearsal"),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("version", WHOLE, nullable=False, comment="the one that holds"),
        sa.Column("next_at", WHOLE, nullable=True, comment="when its next round is due; null where none is"),
        sa.Column("changed_at", WHOLE, nullable=False),
        sa.CheckConstraint(LABEL, name=op.f("ck_campaigns_label")),
        sa.CheckConstraint("state = 'active' OR next_at IS NULL", name=op.f("ck_campaigns_due")),
        sa.CheckConstraint(
            "state = 'active' OR state = 'paused' OR state = 'stopped'", name=op.f("ck_campaigns_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaigns")),
        sa.UniqueConstraint("label", "name", name=op.f("uq_campaigns_label_name")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_campaigns_label_next_at"), "campaigns", ["label", "next_at"])
    op.create_table(
        "campaign_versions",
        sa.Column("campaign_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("version", WHOLE, autoincrement=False, nullable=False),
        sa.Column("document", TEXT, nullable=False, comment="canonical JSON"),
        sa.Column("digest", TEXT, nullable=False),
        sa.Column("agreement_id", WHOLE, nullable=False),
        sa.Column("applied_by", WHOLE, nullable=True, comment="a person; null for the command line"),
        sa.Column("applied_at", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreements.id"], name=op.f("fk_campaign_versions_agreement_id_agreements")
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_campaign_versions_campaign_id_campaigns")
        ),
        sa.PrimaryKeyConstraint("campaign_id", "version", name=op.f("pk_campaign_versions")),
        sqlite_strict=True,
    )
    _rounds()
    _cells()
    lay_down = _on_sqlite if op.get_bind().dialect.name == "sqlite" else _on_postgresql
    for law in LAWS:
        lay_down(law)
    if op.get_bind().dialect.name == "postgresql":
        for table in KEYS:
            op.execute(
                f"CREATE TRIGGER {table}_are_never_truncated BEFORE TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncation()"
            )


def _rounds() -> None:
    op.create_table(
        "campaign_rounds",
        sa.Column("id", WHOLE, nullable=False),
        sa.Column("campaign_id", WHOLE, nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.Column("round_at", WHOLE, nullable=False, comment="when it is due"),
        sa.Column("until_at", WHOLE, nullable=False, comment="exclusive"),
        sa.Column("deadline_at", WHOLE, nullable=False, comment="when it is closed"),
        sa.Column("is_extra", FLAG, nullable=False, comment="whether somebody asked for it, beside the schedule"),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=True, comment="why it was missed"),
        sa.Column("planned_at", WHOLE, nullable=False),
        sa.Column("closed_at", WHOLE, nullable=True),
        sa.CheckConstraint(
            "state = 'open' OR state = 'closed' OR state = 'missed'", name=op.f("ck_campaign_rounds_state")
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id", "version"],
            ["campaign_versions.campaign_id", "campaign_versions.version"],
            name=op.f("fk_campaign_rounds_campaign_id_version_campaign_versions"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_rounds")),
        sa.UniqueConstraint(
            "campaign_id", "version", "round_at", "is_extra",
            name=op.f("uq_campaign_rounds_campaign_id_version_round_at_is_extra"),
        ),
        sqlite_strict=True,
    )  # fmt: skip
    op.create_index(op.f("ix_campaign_rounds_state_deadline_at"), "campaign_rounds", ["state", "deadline_at"])


def _cells() -> None:
    op.create_table(
        "round_cells",
        sa.Column("round_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("cell", TEXT, nullable=False),
        sa.Column("dispatch_id", WHOLE, nullable=False),
        sa.Column("is_capped", FLAG, nullable=False, comment="whether the memorandum's end has shortened it"),
        sa.Column("n_expected", WHOLE, nullable=True),
        sa.Column("n_received", WHOLE, nullable=True),
        sa.Column("credits", WHOLE, nullable=True, comment="what the results received cost"),
        sa.Column("missing", TEXT, nullable=True, comment="why results are missing"),
        sa.Column("explanation", TEXT, nullable=True, comment="the same in plain words"),
        sa.ForeignKeyConstraint(["dispatch_id"], ["dispatches.id"], name=op.f("fk_round_cells_dispatch_id_dispatches")),
        sa.ForeignKeyConstraint(
            ["round_id"], ["campaign_rounds.id"], name=op.f("fk_round_cells_round_id_campaign_rounds")
        ),
        sa.PrimaryKeyConstraint("round_id", "cell", name=op.f("pk_round_cells")),
        sa.UniqueConstraint("dispatch_id", name=op.f("uq_round_cells_dispatch_id")),
        sqlite_strict=True,
    )


def downgrade() -> None:
    """Lift the laws, and drop the tables, the children first."""
    for law in LAWS:
        is_on_sqlite = op.get_bind().dialect.name == "sqlite"
        op.execute(f"DROP TRIGGER {law.name}" if is_on_sqlite else f"DROP FUNCTION {law.name}() CASCADE")
    for table in TABLES:
        op.drop_table(table)


def _on_sqlite(law: Law) -> None:
    trigger = f"CREATE TRIGGER {law.name} BEFORE {law.event} ON {law.table} WHEN {law.condition}"
    op.execute(f"{trigger} BEGIN SELECT RAISE(ABORT, '{law.says}'); END")


def _on_postgresql(law: Law) -> None:
    row = "OLD" if law.event == "DELETE" else "NEW"
    refuses = f"RAISE EXCEPTION '{law.says}' USING ERRCODE = 'integrity_constraint_violation'"
    body = f"BEGIN IF {law.condition} THEN {refuses}; END IF; RETURN {row}; END"
    op.execute(f"CREATE FUNCTION {law.name}() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$")
    op.execute(
        f"CREATE TRIGGER {law.name} BEFORE {law.event} ON {law.table} FOR EACH ROW EXECUTE FUNCTION {law.name}()"
    )
