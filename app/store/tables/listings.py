"""What registries list as Tajik: every listing dated and kept, none ever changed."""

from sqlalchemy import Column, ForeignKey, Index, Table

from app.store.tables.base import CLUSTERED, STRICT, metadata, provenance, provenance_checks
from app.store.types import Bytes, Flag, String, Whole, one_of
from measurements.agreements.listings import FactKind, Lister

registry_listings = Table(
    "registry_listings",
    metadata,
    Column("id", Whole, primary_key=True, autoincrement=False),
    *provenance(),
    Column("retrieved_at", Whole, nullable=False),
    Column("source", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("about", String, nullable=False, comment="TJ; of originated prefixes, the network that announces them"),
    Column("listed_by", String, nullable=False),
    Column("observed_at", Whole, nullable=False),
    Column("is_complete", Flag, nullable=False),
    Column("digest", Bytes, nullable=False, comment="of the facts"),
    Column(
        "facts_id", Whole, nullable=False, comment="the listing that holds the facts: itself, or one that said the same"
    ),
    Column("query_id", String, nullable=True, comment="by which RIPEstat finds the question again"),
    Column("body", Bytes, nullable=True, comment="the answer; null where an earlier listing said the same"),
    *provenance_checks(),
    one_of("kind", FactKind, "kind"),
    one_of("listed_by", Lister, "listed_by"),
    Index("ix_registry_listings_subject", "label", "kind", "about", "listed_by", "observed_at", "is_complete"),
    **STRICT,
)

registry_facts = Table(
    "registry_facts",
    metadata,
    Column("listing_id", Whole, ForeignKey("registry_listings.id"), primary_key=True, autoincrement=False),
    Column("value", String, primary_key=True, comment="a prefix, or a network such as AS24722"),
    Column("origin_asn", Whole, nullable=True),
    **CLUSTERED,
)
