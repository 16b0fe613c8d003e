"""What people asked for, and which dispatches came of it.

A request is one row that never changes but for its end, which is put off, and its cancellation. How it stands is worked
out from its dispatches.
"""

from sqlalchemy import CheckConstraint, Column, ForeignKeyConstraint, Index, Table, UniqueConstraint

from app.store.tables.base import STRICT, metadata
from app.store.types import String, Whole, one_of
from measurements.results.outcome import Label

requests = Table(
    "requests",
    metadata,
    Column("id", Whole, primary_key=True, autoincrement=False),
    Column("label", String, nullable=False, comment="of what it brings: of RIPE Atlas, or of a rehearsal"),
    Column("person_id", Whole, nullable=False, comment="who asked"),
    Column("request", String, nullable=False, comment="canonical JSON"),
    Column("digest", String, nullable=False, comment="SHA-256 of the canonical form"),
    Column("wishes", String, nullable=False, comment="JSON array: what it comes to, by their keys"),
    Column("stop_at", Whole, nullable=False, comment="as it was asked for, or put off since"),
    Column("asked_at", Whole, nullable=False),
    Column("cloned_from", Whole, nullable=True),
    Column("cancelled_at", Whole, nullable=True),
    Column("cancelled_by", Whole, nullable=True),
    ForeignKeyConstraint(["person_id"], ["people.id"]),
    ForeignKeyConstraint(["cancelled_by"], ["people.id"]),
    ForeignKeyConstraint(["cloned_from"], ["requests.id"]),
    one_of("label", Label, "label"),
    CheckConstraint("(cancelled_at IS NULL) = (cancelled_by IS NULL)", name="cancelled"),
    Index(None, "person_id"),
    **STRICT,
)

request_dispatches = Table(
    "request_dispatches",
    metadata,
    Column("request_id", Whole, primary_key=True, autoincrement=False),
    Column("dispatch_id", Whole, primary_key=True, autoincrement=False),
    Column("wish", String, nullable=False, comment="its key"),
    ForeignKeyConstraint(["request_id"], ["requests.id"]),
    ForeignKeyConstraint(["dispatch_id"], ["dispatches.id"]),
    UniqueConstraint("dispatch_id"),
    **STRICT,
)
