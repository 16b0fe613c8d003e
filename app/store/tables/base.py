"""The metadata every table belongs to: one naming convention for constraints and indexes."""

from typing import Any

from sqlalchemy import Column, MetaData
from sqlalchemy.sql.schema import SchemaItem

from app.store.types import String, Whole, one_of
from measurements.results.outcome import DataClass, Label

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

STRICT: dict[str, Any] = {"sqlite_strict": True}
"""SQLite checks column types as PostgreSQL does."""
CLUSTERED: dict[str, Any] = {"sqlite_strict": True, "sqlite_with_rowid": False}
"""And keeps the rows in the order of the primary key, so that a range of a series is one scan."""


def provenance() -> list[Column[Any]]:
    """Under which label, data class and agreement a row is held; agreement is null for public data."""
    return [
        Column("label", String, nullable=False),
        Column("data_class", String, nullable=False),
        Column("agreement_id", Whole, nullable=True),
    ]


def provenance_checks() -> list[SchemaItem]:
    """The closed sets of label and data class."""
    return [one_of("label", Label, "label"), one_of("data_class", DataClass, "data_class")]
