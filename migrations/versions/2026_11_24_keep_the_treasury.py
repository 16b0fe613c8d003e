"""Keep whose credits are spent: accounts, entries that are only added, and by whose campaign a dispatch is paid."""

from typing import NamedTuple

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


class Law(NamedTuple):
    """A statement that is aborted where a condition holds. NEW and OLD are the row after and before."""

    name: str
    table: str
    event: str
    condition: str
    says: str


WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text()
LABEL = "label = 'measured' OR label = 'laboratory' OR label = 'rehearsed'"
PAYER = "payer = 'ripe_ncc' OR payer = 'communications_service' OR payer = 'tojiktelecom'"
KINDS = ("allot", "reserve", "commit", "settle", "release")
KIND = " OR ".join(f"kind = '{kind}'" for kind in KINDS)
FACTS = ("credit_entries", "accounts")
LAWS = (
    Law(
        "credit_entries_add_up", "credit_entries", "INSERT",
        "NEW.available <> coalesce((SELECT e.available FROM credit_entries e WHERE e.account_id = NEW.account_id "
        "ORDER BY e.id DESC LIMIT 1), 0) + (CASE NEW.kind WHEN 'allot' THEN NEW.credits "
        "WHEN 'release' THEN NEW.credits WHEN 'reserve' THEN -NEW.credits ELSE 0 END)",
        "what is in an account is what was there before and the entry",
    ),
    Law(
        "credit_entries_follow_each_other", "credit_entries", "INSERT",
        "EXISTS (SELECT 1 FROM credit_entries e WHERE e.id >= NEW.id)",
        "credit_entries are entered one after the other",
    ),
    Law(
        "credits_are_spent_as_held", "credit_entries", "INSERT",
        "(NEW.kind = 'settle' OR NEW.kind = 'release') AND NEW.credits > (SELECT coalesce(sum(CASE e.kind "
        "WHEN 'reserve' THEN e.credits WHEN 'settle' THEN -e.credits WHEN 'release' THEN -e.credits ELSE 0 END), 0) "
        "FROM credit_entries e WHERE e.dispatch_id = NEW.dispatch_id)",
        "no more is settled or released of a dispatch than was reserved for it",
    ),
    *(Law(f"{table}_never_change", table, "UPDATE", "1 = 1", f"{table} never change") for table in FACTS),
    *(Law(f"{table}_are_never_removed", table, "DELETE", "1 = 1", f"{table} are never removed") for table in FACTS),
    *(  # SQLite's INSERT OR REPLACE removes a row without asking the laws of removal
        Law(f"{table}_are_never_replaced", table, "INSERT",
            f"EXISTS (SELECT 1 FROM {table} held WHERE held.id = NEW.id)", f"{table} are never replaced")
        for table in FACTS
    ),
)  # fmt: skip


def upgrade() -> None:
    """Create the tables, and lay down their laws."""
    op.add_column(
        "dispatches", sa.Column("campaign", TEXT, nullable=True, comment="whose account pays for it, by name")
    )
    op.create_table(
        "accounts",
        sa.Column("id", WHOLE, nullable=False),
        sa.Column("label", TEXT, nullable=False, comment="of what is paid: of RIPE Atlas, or of a rehearsal"),
        sa.Column("agreement_id", WHOLE, nullable=False),
        sa.Column("payer", TEXT, nullable=False),
        sa.Column("campaign", TEXT, nullable=False, comment="by name; empty for all the rest under the agreement"),
        sa.Column("opened_at", WHOLE, nullable=False),
        sa.CheckConstraint(LABEL, name=op.f("ck_accounts_label")),
        sa.CheckConstraint(PAYER, name=op.f("ck_accounts_payer")),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreements.id"], name=op.f("fk_accounts_agreement_id_agreements")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint(
            "agreement_id", "label", "payer", "campaign", name=op.f("uq_accounts_agreement_id_label_payer_campaign")
        ),
        sqlite_strict=True,
    )
    _entries()
    is_on_sqlite = op.get_bind().dialect.name == "sqlite"
    for law in LAWS:
        (_on_sqlite if is_on_sqlite else _on_postgresql)(law)
    for table in () if is_on_sqlite else FACTS:
        op.execute(
            f"CREATE TRIGGER {table}_are_never_truncated BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncation()"
        )


def downgrade() -> None:
    """Lift the laws, and drop the tables."""
    is_on_sqlite = op.get_bind().dialect.name == "sqlite"
    for law in LAWS:
        op.execute(f"DROP TRIGGER {law.name}" if is_on_sqlite else f"DROP FUNCTION {law.name}() CASCADE")
    for table in FACTS:
        op.drop_table(table)
    op.drop_column("dispatches", "campaign")


def _entries() -> None:
    op.create_table(
        "credit_entries",
        sa.Column("id", WHOLE, nullable=False),
        sa.Column("account_id", WHOLE, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("credits", WHOLE, nullable=False),
        sa.Column("available", WHOLE, nullable=False, comment="in the account, after it"),
        sa.Column("dispatch_id", WHOLE, nullable=True),
        sa.Column("entered_at", WHOLE, nullable=False),
        sa.Column("person_id", WHOLE, nullable=True, comment="who allotted"),
        sa.CheckConstraint(KIND, name=op.f("ck_credit_entries_kind")),
        sa.CheckConstraint("available >= 0", name=op.f("ck_credit_entries_available")),
        sa.CheckConstraint("credits > 0 OR (kind = 'allot' AND credits < 0)", name=op.f("ck_credit_entries_credits")),
        sa.CheckConstraint("(kind = 'allot') = (dispatch_id IS NULL)", name=op.f("ck_credit_entries_dispatch")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_credit_entries_account_id_accounts")),
        sa.ForeignKeyConstraint(
            ["dispatch_id"], ["dispatches.id"], name=op.f("fk_credit_entries_dispatch_id_dispatches")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_credit_entries_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_entries")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_credit_entries_account_id_id"), "credit_entries", ["account_id", "id"])
    op.create_index(op.f("ix_credit_entries_dispatch_id"), "credit_entries", ["dispatch_id"])


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
