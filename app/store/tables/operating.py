"""How the service itself is: what its processes noted of themselves, what is wrong, and whom that is told."""

from sqlalchemy import CheckConstraint, Column, ForeignKeyConstraint, Index, Table

from app.store.tables.base import CLUSTERED, STRICT, metadata
from app.store.types import String, Whole, one_of
from measurements.results.outcome import Label

vital_signs = Table(
    "vital_signs",
    metadata,
    Column("label", String, primary_key=True, comment="of the Atlas that the process works with"),
    Column("worker", String, primary_key=True, comment="who noted it; empty where it is everybody's"),
    Column("name", String, primary_key=True),
    Column("value", Whole, nullable=False),
    Column("noted_at", Whole, nullable=False, comment="by the clock of the computer"),
    one_of("label", Label, "label"),
    **CLUSTERED,
)

alerts = Table(
    "alerts",
    metadata,
    Column("id", Whole, primary_key=True, autoincrement=False),
    Column("label", String, nullable=False),
    Column("key", String, nullable=False, comment="what is wrong with what: the same as long as it lasts"),
    Column("severity", String, nullable=False),
    Column("words", String, nullable=False, comment="as they were when it was last looked at"),
    Column("began_at", Whole, nullable=False),
    Column("told_at", Whole, nullable=False, comment="when somebody was last told, or reminded"),
    Column("ended_at", Whole, nullable=True),
    one_of("label", Label, "label"),
    CheckConstraint("ended_at >= began_at", name="order"),
    **STRICT,
)
Index(None, alerts.c.ended_at)

messages = Table(
    "messages",
    metadata,
    Column("id", Whole, primary_key=True, autoincrement=False),
    Column("label", String, nullable=False, comment="whose worker delivers it"),
    Column("alert_id", Whole, nullable=True),
    Column("reminder_id", Whole, nullable=True),
    Column("receiver", String, nullable=False, comment="digest of the address, which is kept nowhere"),
    Column("contact", String, nullable=True, comment="whom a reminder is written to"),
    Column("title", String, nullable=False),
    Column("body", String, nullable=False),
    Column("made_at", Whole, nullable=False),
    Column("due_at", Whole, nullable=False, comment="when it is tried, or tried again"),
    Column("n_tries", Whole, nullable=False),
    Column("failure", String, nullable=True, comment="why the last try failed"),
    Column("sent_at", Whole, nullable=True),
    ForeignKeyConstraint(["alert_id"], ["alerts.id"]),
    ForeignKeyConstraint(["reminder_id"], ["reminders.id"]),
    one_of("label", Label, "label"),
    CheckConstraint("(alert_id IS NULL) <> (reminder_id IS NULL)", name="about_one"),
    **STRICT,
)
Index(None, messages.c.sent_at, messages.c.due_at)
Index(None, messages.c.alert_id)
