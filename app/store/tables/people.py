"""People, the designations of those who represent a party, their keys, and what guards these."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, ForeignKeyConstraint, Index, Table, UniqueConstraint

from app.store.tables.base import CLUSTERED, STRICT, metadata
from app.store.types import Bytes, Small, String, Whole, one_of
from measurements.agreements.parties import Party
from measurements.agreements.people import Role

people = Table(
    "people",
    metadata,
    Column("id", Whole, primary_key=True, autoincrement=False),
    Column("name", String, nullable=False),
    Column("contact", String, nullable=False),
    Column("party", String, nullable=True, comment="null for observers, and for whoever runs the service"),
    Column("role", String, nullable=False),
    Column("added_at", Whole, nullable=False),
    UniqueConstraint("id", "party"),
    one_of("party", Party, "party"),
    one_of("role", Role, "role"),
    CheckConstraint("role <> 'representative' OR party IS NOT NULL", name="representative_of_party"),
    CheckConstraint("role <> 'administrator' OR party IS NULL", name="administrator_of_none"),
    **STRICT,
)

designations = Table(
    "designations",
    metadata,
    Column("id", Whole, primary_key=True, autoincrement=False),
    Column("party", String, nullable=False),
    Column("person_id", Whole, nullable=False),
    Column("duties", String, nullable=False, comment="in order of the alphabet, separated by spaces"),
    Column("act", String, nullable=False),
    Column("from_at", Whole, nullable=False),
    Column("until_at", Whole, nullable=True, comment="exclusive; may be brought forward, never put off"),
    ForeignKeyConstraint(["person_id", "party"], ["people.id", "people.party"]),
    one_of("party", Party, "party"),
    CheckConstraint("until_at >= from_at", name="order"),
    **STRICT,
)
Index(None, designations.c.person_id)

keys = Table(
    "keys",
    metadata,
    Column("id", Whole, primary_key=True, autoincrement=False),
    Column("person_id", Whole, ForeignKey("people.id"), nullable=False),
    Column("name", String, nullable=False),
    Column("prefix", String, nullable=False, comment="its beginning, by which people tell keys apart"),
    Column("digest", Bytes, nullable=False, comment="SHA-256 of the whole key, which is kept nowhere"),
    Column("scopes", String, nullable=False, comment="in order of the alphabet, separated by spaces"),
    Column("issued_at", Whole, nullable=False),
    Column("expires_at", Whole, nullable=False),
    Column("last_used_at", Whole, nullable=True, comment="to the minute"),
    Column("revoked_at", Whole, nullable=True),
    UniqueConstraint("digest"),
    **STRICT,
)
Index(None, keys.c.person_id)

wrong_tries = Table(
    "wrong_tries",
    metadata,
    Column("kind", String, primary_key=True, comment="key or address"),
    Column("subject", String, primary_key=True),
    Column("since_at", Whole, nullable=False),
    Column("n_tries", Whole, nullable=False),
    Column("locked_until_at", Whole, nullable=True),
    CheckConstraint("kind = 'key' OR kind = 'address'", name="kind"),
    **CLUSTERED,
)

answers = Table(
    "answers",
    metadata,
    Column("person_id", Whole, ForeignKey("people.id"), primary_key=True, autoincrement=False),
    Column("idempotency_key", String, primary_key=True),
    Column("request_digest", Bytes, nullable=False),
    Column("status", Small, nullable=False),
    Column("etag", String, nullable=True),
    Column("content", Bytes, nullable=False, comment="as it was answered, without any key"),
    Column("answered_at", Whole, nullable=False),
    **CLUSTERED,
)
