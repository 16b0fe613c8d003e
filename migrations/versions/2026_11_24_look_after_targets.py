"""Look after targets, and remind the parties: what was seen of a target, and what somebody was reminded of."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text()
PARTY = "party = 'ripe_ncc' OR party = 'communications_service' OR party = 'tojiktelecom'"


def upgrade() -> None:
    """Add the columns and the table."""
    for name, kind, comment in (
        ("notified_at", WHOLE, "when its owner was told that it is measured"),
        ("looked_at", WHOLE, "when its name was last resolved"),
        ("seen_addresses", TEXT, "JSON array; what it resolved to then"),
    ):
        op.add_column("catalogue", sa.Column(name, kind, nullable=True, comment=comment))
    op.create_table(
        "reminders",
        sa.Column("id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("party", TEXT, nullable=False, comment="who is reminded"),
        sa.Column("due_on", TEXT, nullable=False, comment="the calendar day, in Dushanbe"),
        sa.Column("topic", TEXT, nullable=False),
        sa.Column("subject", TEXT, nullable=False, comment="which one, where there are several"),
        sa.Column("at", WHOLE, nullable=False, comment="when that happens which it is about"),
        sa.Column("made_at", WHOLE, nullable=False),
        sa.Column("acknowledged_at", WHOLE, nullable=True),
        sa.Column("acknowledged_by", WHOLE, nullable=True),
        sa.CheckConstraint(PARTY, name=op.f("ck_reminders_party")),
        sa.ForeignKeyConstraint(["acknowledged_by"], ["people.id"], name=op.f("fk_reminders_acknowledged_by_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminders")),
        sa.UniqueConstraint(
            "party", "due_on", "topic", "subject", name=op.f("uq_reminders_party_due_on_topic_subject")
        ),
        sqlite_strict=True,
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("reminders")
    for name in ("seen_addresses", "looked_at", "notified_at"):
        op.drop_column("catalogue", name)
