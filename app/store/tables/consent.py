"""Who agreed to what: facts that are added and never changed. How an agreement stands is worked out from them.

The database itself holds the parties to their word: the laws of the migration that makes these tables abort whatever
would have something permitted that was not agreed on, whoever asks.
"""

from sqlalchemy import Column, ForeignKeyConstraint, Table, UniqueConstraint

from app.store.tables.base import STRICT, metadata
from app.store.types import Flag, String, Whole, one_of
from measurements.agreements.agreement import Cause, Choice
from measurements.agreements.catalogue import Publicness
from measurements.agreements.parties import Party


def _party(name: str = "party") -> Column[str]:
    return Column(name, String, nullable=False)


signatures = Table(
    "signatures",
    metadata,
    Column("party", String, primary_key=True),
    Column("signed_on", String, nullable=False, comment="the calendar day, in Dushanbe"),
    Column("from_at", Whole, nullable=False, comment="when that day begins there"),
    Column("recorded_at", Whole, nullable=False),
    one_of("party", Party, "party"),
    **STRICT,
)

terms = Table(
    "terms",
    metadata,
    Column("ends_on", String, primary_key=True),
    Column("end_at", Whole, nullable=False),
    Column("notice_sure_at", Whole, nullable=False, comment="a notice sent before is in time everywhere"),
    Column("notice_over_at", Whole, nullable=False, comment="and one sent from then on nowhere"),
    Column("follows_on", String, nullable=True, comment="the end of the term before; null for the first"),
    Column("amendment_id", Whole, nullable=True, comment="the amendment that set it; null for an extension"),
    Column("amended_at", Whole, nullable=True, comment="notices sent before are about an end that was"),
    ForeignKeyConstraint(["follows_on"], ["terms.ends_on"]),
    ForeignKeyConstraint(["amendment_id"], ["amendments.id"]),
    **STRICT,
)

notices = Table(
    "notices",
    metadata,
    Column("id", Whole, primary_key=True),
    _party(),
    Column("sent_at", Whole, nullable=False),
    Column("recipients", String, nullable=False, comment="JSON array of parties"),
    Column("channel", String, nullable=False),
    Column("recorded_at", Whole, nullable=False),
    one_of("party", Party, "party"),
    **STRICT,
)

rulings = Table(
    "rulings",
    metadata,
    Column("notice_id", Whole, primary_key=True, autoincrement=False),
    Column("is_in_time", Flag, nullable=False),
    Column("ruled_at", Whole, nullable=False),
    Column("ruled_by", Whole, nullable=False),
    Column("reason", String, nullable=False),
    ForeignKeyConstraint(["notice_id"], ["notices.id"]),
    ForeignKeyConstraint(["ruled_by"], ["people.id"]),
    **STRICT,
)

confirmations = Table(
    "confirmations",
    metadata,
    Column("ends_on", String, primary_key=True),
    Column("designation_id", Whole, primary_key=True, autoincrement=False),
    Column("confirmed_at", Whole, nullable=False),
    ForeignKeyConstraint(["ends_on"], ["terms.ends_on"]),
    ForeignKeyConstraint(["designation_id"], ["designations.id"]),
    **STRICT,
)

amendments = Table(
    "amendments",
    metadata,
    Column("id", Whole, primary_key=True),
    Column("ends_on", String, nullable=True, comment="the end that it sets; null where it sets none"),
    Column(
        "is_reading_allowed", Flag, nullable=True, comment="whether public results may be read; null: not its matter"
    ),
    Column("text", String, nullable=False),
    Column("proposed_at", Whole, nullable=False),
    **STRICT,
)

amendment_votes = Table(
    "amendment_votes",
    metadata,
    Column("amendment_id", Whole, primary_key=True, autoincrement=False),
    Column("party", String, primary_key=True),
    Column("designation_id", Whole, nullable=False),
    Column("cast_at", Whole, nullable=False),
    ForeignKeyConstraint(["amendment_id"], ["amendments.id"]),
    ForeignKeyConstraint(["designation_id"], ["designations.id"]),
    one_of("party", Party, "party"),
    **STRICT,
)

agreements = Table(
    "agreements",
    metadata,
    Column("id", Whole, primary_key=True),
    Column("opened_at", Whole, nullable=False),
    Column("opened_by", Whole, nullable=False),
    ForeignKeyConstraint(["opened_by"], ["people.id"]),
    **STRICT,
)

versions = Table(
    "versions",
    metadata,
    Column("agreement_id", Whole, primary_key=True, autoincrement=False),
    Column("number", Whole, primary_key=True, autoincrement=False),
    Column("card", String, nullable=False, comment="the canonical form"),
    Column("digest", String, nullable=False, comment="its SHA-256"),
    Column("from_at", Whole, nullable=False),
    Column("until_at", Whole, nullable=False),
    Column("max_probes", Whole, nullable=False),
    Column("is_public", Flag, nullable=False),
    Column("drafted_at", Whole, nullable=False),
    Column("drafted_by", Whole, nullable=False),
    Column("submitted_at", Whole, nullable=True),
    ForeignKeyConstraint(["agreement_id"], ["agreements.id"]),
    ForeignKeyConstraint(["drafted_by"], ["people.id"]),
    UniqueConstraint("agreement_id", "digest"),
    **STRICT,
)

consultations = Table(
    "consultations",
    metadata,
    Column("agreement_id", Whole, primary_key=True, autoincrement=False),
    Column("number", Whole, primary_key=True, autoincrement=False),
    Column("party", String, primary_key=True),
    Column("held_at", Whole, primary_key=True, autoincrement=False),
    Column("shown", String, nullable=False),
    Column("comments", String, nullable=False),
    Column("recorded_at", Whole, nullable=False),
    ForeignKeyConstraint(["agreement_id", "number"], ["versions.agreement_id", "versions.number"]),
    one_of("party", Party, "party"),
    **STRICT,
)

votes = Table(
    "votes",
    metadata,
    Column("agreement_id", Whole, primary_key=True, autoincrement=False),
    Column("number", Whole, primary_key=True, autoincrement=False),
    Column("party", String, primary_key=True),
    Column("digest", String, nullable=False),
    Column("choice", String, nullable=False),
    Column("approves_publicity", Flag, nullable=False),
    Column("designation_id", Whole, nullable=False),
    Column("cast_at", Whole, nullable=False),
    ForeignKeyConstraint(["agreement_id", "number"], ["versions.agreement_id", "versions.number"]),
    ForeignKeyConstraint(["designation_id"], ["designations.id"]),
    one_of("party", Party, "party"),
    one_of("choice", Choice, "choice"),
    **STRICT,
)

suspensions = Table(
    "suspensions",
    metadata,
    Column("agreement_id", Whole, primary_key=True, autoincrement=False),
    Column("from_at", Whole, primary_key=True, autoincrement=False),
    Column("cause", String, nullable=False),
    Column("designation_id", Whole, nullable=False),
    Column("until_at", Whole, nullable=True),
    ForeignKeyConstraint(["agreement_id"], ["agreements.id"]),
    ForeignKeyConstraint(["designation_id"], ["designations.id"]),
    one_of("cause", Cause, "cause"),
    **STRICT,
)

withdrawals = Table(
    "withdrawals",
    metadata,
    Column("agreement_id", Whole, primary_key=True, autoincrement=False),
    Column("designation_id", Whole, primary_key=True, autoincrement=False),
    Column("withdrawn_at", Whole, nullable=False),
    ForeignKeyConstraint(["agreement_id"], ["agreements.id"]),
    ForeignKeyConstraint(["designation_id"], ["designations.id"]),
    **STRICT,
)

narrowings = Table(
    "narrowings",
    metadata,
    Column("agreement_id", Whole, primary_key=True, autoincrement=False),
    Column("narrowed_at", Whole, primary_key=True, autoincrement=False),
    Column("card", String, nullable=False, comment="the canonical form"),
    Column("designation_id", Whole, nullable=False),
    ForeignKeyConstraint(["agreement_id"], ["agreements.id"]),
    ForeignKeyConstraint(["designation_id"], ["designations.id"]),
    **STRICT,
)

catalogue = Table(
    "catalogue",
    metadata,
    Column("name", String, primary_key=True),
    Column("publicness", String, nullable=False),
    Column("owner", String, nullable=False),
    Column("owner_party", String, nullable=True),
    Column("contact", String, nullable=False),
    Column("consent_reference", String, nullable=True),
    Column("consent_from_at", Whole, nullable=True),
    Column("consent_until_at", Whole, nullable=True),
    Column("allowed_types", String, nullable=False, comment="JSON array"),
    Column("max_packets_per_s", String, nullable=False, comment="a decimal number"),
    Column("is_tajik", Flag, nullable=False),
    Column("pinned_addresses", String, nullable=False, comment="JSON array"),
    Column("drifted_at", Whole, nullable=True),
    Column("review_at", Whole, nullable=False),
    Column("opted_out_at", Whole, nullable=True),
    Column("changed_at", Whole, nullable=False),
    Column("notified_at", Whole, nullable=True, comment="when its owner was told that it is measured"),
    Column("looked_at", Whole, nullable=True, comment="when its name was last resolved"),
    Column("seen_addresses", String, nullable=True, comment="JSON array; what it resolved to then"),
    Column(
        "opted_in_at",
        Whole,
        nullable=True,
        comment="when its owner consented again after that; the consent holds over it",
    ),
    one_of("publicness", Publicness, "publicness"),
    **STRICT,
)
