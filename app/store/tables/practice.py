"""That a database is for practice only: what was agreed in it was agreed by nobody who speaks for a party."""

from sqlalchemy import CheckConstraint, Column, Table

from app.store.tables.base import STRICT, metadata
from app.store.types import Whole

practice = Table(
    "practice",
    metadata,
    Column("id", Whole, primary_key=True, autoincrement=False),
    Column("begun_at", Whole, nullable=False, comment="when demonstration representatives were designated"),
    CheckConstraint("id = 1", name="one"),
    **STRICT,
)
