"""The audit trail and the log of who read probe-level data. Triggers of the migration keep both append only.

Neither has a second unique constraint: on SQLite `INSERT OR REPLACE` would remove the row that it collides with
without asking a trigger. What acts and subjects there are, the domain says: a constraint would have to be made anew,
and the table with it, for every act that is added.
"""

from sqlalchemy import Column, Index, Table

from app.store.tables.base import CLUSTERED, metadata
from app.store.types import String, Whole

audit_entries = Table(
    "audit_entries",
    metadata,
    Column("number", Whole, primary_key=True, autoincrement=False),
    Column("at", Whole, nullable=False),
    Column("act", String, nullable=False),
    Column("actor", String, nullable=False, comment="the number of a person, or service"),
    Column("party", String, nullable=True),
    Column("designation_id", Whole, nullable=True),
    Column("subject_kind", String, nullable=False),
    Column("subject_id", String, nullable=False),
    Column("version", Whole, nullable=True),
    Column("digest", String, nullable=True),
    Column("reason", String, nullable=True),
    Column("request_id", String, nullable=True),
    Column("answer", String, nullable=True, comment="the platform's, JSON"),
    Column("details", String, nullable=True, comment="JSON object"),
    Column("previous", String, nullable=False, comment="the hash of the entry before"),
    Column("hash", String, nullable=False, comment="measurements/agreements/audit.py says of what"),
    **CLUSTERED,
)
Index(None, audit_entries.c.subject_kind, audit_entries.c.subject_id, audit_entries.c.number)

access_log = Table(
    "access_log",
    metadata,
    Column("number", Whole, primary_key=True, autoincrement=False),
    Column("at", Whole, nullable=False),
    Column("person", String, nullable=False, comment="the number of a person, or service"),
    Column("what", String, nullable=False),
    Column("filters", String, nullable=False, comment="JSON object"),
    Column("n_rows", Whole, nullable=False),
    **CLUSTERED,
)
