"""What owners said, and when: every state of the catalogue, and what is to protect an owner less once it is confirmed.

The database writes the states itself, whenever the catalogue says something else of a target.
"""

from sqlalchemy import Column, ForeignKeyConstraint, Index, Table

from app.store.tables.base import STRICT, metadata
from app.store.tables.consent import catalogue
from app.store.types import String, Whole, one_of
from measurements.agreements.catalogue import Publicness
from measurements.agreements.parties import Party

NOT_SAID = ("changed_at", "looked_at")
"""Columns of the catalogue by which nothing is decided."""

catalogue_states = Table(
    "catalogue_states",
    metadata,
    Column("id", Whole, primary_key=True, autoincrement=False),
    Column("from_at", Whole, nullable=False, comment="it was said until the next one of that name"),
    *(
        Column(column.name, column.type, nullable=column.nullable, comment=column.comment)
        for column in catalogue.columns
        if column.name not in NOT_SAID
    ),
    one_of("publicness", Publicness, "publicness"),
    Index(None, "name", "from_at"),
    **STRICT,
)

loosenings = Table(
    "loosenings",
    metadata,
    Column("id", Whole, primary_key=True, autoincrement=False),
    Column("target", String, nullable=False),
    Column("said", String, nullable=False, comment="JSON object: what is to be said of it"),
    Column("before", String, nullable=False, comment="JSON object: what was said of it instead"),
    Column("basis", String, nullable=False, comment="digest of all that people said of it then"),
    Column("proposed_at", Whole, nullable=False),
    Column("proposed_by", Whole, nullable=True, comment="null for whoever has the machine"),
    Column("party", String, nullable=True, comment="for which that person acted"),
    Column("confirmed_at", Whole, nullable=True),
    Column("designation_id", Whole, nullable=True, comment="by which somebody confirmed it"),
    ForeignKeyConstraint(["proposed_by"], ["people.id"]),
    ForeignKeyConstraint(["designation_id"], ["designations.id"]),
    one_of("party", Party, "party"),
    Index(None, "target"),
    **STRICT,
)

consent_checks = Table(
    "consent_checks",
    metadata,
    Column("dispatch_id", Whole, primary_key=True, autoincrement=False),
    Column("facts", String, nullable=False, comment="how many of each there were"),
    Column("periods", String, nullable=False, comment="JSON array: when it was covered, as they say"),
    ForeignKeyConstraint(["dispatch_id"], ["dispatches.id"]),
    **STRICT,
)
