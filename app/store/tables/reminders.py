"""What the parties were reminded of, each of them once, and who acknowledged it for it.

What topics there are, the domain says: a constraint would have to be made anew for every topic that is added.
"""

from sqlalchemy import Column, ForeignKeyConstraint, Table, UniqueConstraint

from app.store.tables.base import STRICT, metadata
from app.store.types import String, Whole, one_of
from measurements.agreements.parties import Party

reminders = Table(
    "reminders",
    metadata,
    Column("id", Whole, primary_key=True, autoincrement=False),
    Column("party", String, nullable=False, comment="who is reminded"),
    Column("due_on", String, nullable=False, comment="the calendar day, in Dushanbe"),
    Column("topic", String, nullable=False),
    Column("subject", String, nullable=False, comment="which one, where there are several"),
    Column("at", Whole, nullable=False, comment="when that happens which it is about"),
    Column("made_at", Whole, nullable=False),
    Column("acknowledged_at", Whole, nullable=True),
    Column("acknowledged_by", Whole, nullable=True),
    ForeignKeyConstraint(["acknowledged_by"], ["people.id"]),
    UniqueConstraint("party", "due_on", "topic", "subject"),
    one_of("party", Party, "party"),
    **STRICT,
)
