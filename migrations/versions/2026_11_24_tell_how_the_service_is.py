"""Tell how the service is: what its processes note of themselves, alerts, and the messages that tell of them."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text()
LABEL = "label = 'measured' OR label = 'laboratory' OR label = 'rehearsed'"


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "vital_signs",
        sa.Column("label", TEXT, nullable=False, comment="of the Atlas that the process works with"),
        sa.Column("worker", TEXT, nullable=False, comment="who noted it; empty where it is everybody's"),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("value", WHOLE, nullable=False),
        sa.Column("noted_at", WHOLE, nullable=False, comment="by the clock of the computer"),
        sa.CheckConstraint(LABEL, name=op.f("ck_vital_signs_label")),
        sa.PrimaryKeyConstraint("label", "worker", "name", name=op.f("pk_vital_signs")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "alerts",
        sa.Column("id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("label", TEXT, nullable=False),
        sa.Column("key", TEXT, nullable=False, comment="what is wrong with what: the same as long as it lasts"),
        sa.Column("severity", TEXT, nullable=False),
        sa.Column("words", TEXT, nullable=False, comment="as they were when it was last looked at"),
        sa.Column("began_at", WHOLE, nullable=False),
        sa.Column("told_at", WHOLE, nullable=False, comment="when somebody was last told, or reminded"),
        sa.Column("ended_at", WHOLE, nullable=True),
        sa.CheckConstraint(LABEL, name=op.f("ck_alerts_label")),
        sa.CheckConstraint("ended_at >= began_at", name=op.f("ck_alerts_order")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_alerts_ended_at"), "alerts", ["ended_at"])
    _create_messages()


def _create_messages() -> None:
    op.create_table(
        "messages",
        sa.Column("id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("label", TEXT, nullable=False, comment="whose worker delivers it"),
        sa.Column("alert_id", WHOLE, nullable=True),
        sa.Column("reminder_id", WHOLE, nullable=True),
        sa.Column("receiver", TEXT, nullable=False, comment="digest of the address, which is kept nowhere"),
        sa.Column("contact", TEXT, nullable=True, comment="whom a reminder is written to"),
        sa.Column("title", TEXT, nullable=False),
        sa.Column("body", TEXT, nullable=False),
        sa.Column("made_at", WHOLE, nullable=False),
        sa.Column("due_at", WHOLE, nullable=False, comment="when it is tried, or tried again"),
        sa.Column("n_tries", WHOLE, nullable=False),
        sa.Column("failure", TEXT, nullable=True, comment="why the last try failed"),
        sa.Column("sent_at", WHOLE, nullable=True),
        sa.CheckConstraint(LABEL, name=op.f("ck_messages_label")),
        sa.CheckConstraint("(alert_id IS NULL) <> (reminder_id IS NULL)", name=op.f("ck_messages_about_one")),
        sa.ForeignKeyConstraint(["alert_id"], ["alerts.id"], name=op.f("fk_messages_alert_id_alerts")),
        sa.ForeignKeyConstraint(["reminder_id"], ["reminders.id"], name=op.f("fk_messages_reminder_id_reminders")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_messages_sent_at_due_at"), "messages", ["sent_at", "due_at"])
    op.create_index(op.f("ix_messages_alert_id"), "messages", ["alert_id"])


def downgrade() -> None:
    """Drop them."""
    for name in ("messages", "alerts", "vital_signs"):
        op.drop_table(name)
