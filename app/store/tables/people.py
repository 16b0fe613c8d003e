"""Stub until the real one is merged."""

from sqlalchemy import Column, ForeignKeyConstraint, Table

from app.store.tables.base import STRICT, metadata
from app.store.types import String, Whole, one_of
from measurements.agreements.parties import Party

people = Table(
    "people", metadata, Column("id", Whole, primary_key=True), Column("name", String, nullable=False), **STRICT
)

designations = Table(
    "designations",
    metadata,
    Column("id", Whole, primary_key=True),
    Column("party", String, nullable=False),
    Column("person_id", Whole, nullable=False),
    Column("duties", String, nullable=False),
    Column("act", String, nullable=False),
    Column("from_at", Whole, nullable=False),
    Column("until_at", Whole, nullable=True),
    ForeignKeyConstraint(["person_id"], ["people.id"]),
    one_of("party", Party, "party"),
    **STRICT,
)
