"""Keep what registries list as Tajik: listings with their date, and the facts in them."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
FLAG = sa.Boolean().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text()
LABEL = "label = 'measured' OR label = 'laboratory' OR label = 'rehearsed'"
DATA_CLASS = (
    "data_class = 'public' OR "
    "data_class = 'ripe_ncc_managed' OR "
    "data_class = 'agreed_collection' OR "
    "data_class = 'party_provided' OR "
    "data_class = 'forbidden'"
)
KIND = "kind = 'registered_prefix' OR kind = 'asn' OR kind = 'originated_prefix'"
LISTED_BY = "listed_by = 'ripestat' OR listed_by = 'rir'"
CLUSTERED = {"sqlite_strict": True, "sqlite_with_rowid": False}


def upgrade() -> None:
    """Create the tables, the parent first."""
    op.create_table(
        "registry_listings",
        sa.Column("id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("label", TEXT, nullable=False),
        sa.Column("data_class", TEXT, nullable=False),
        sa.Column("agreement_id", WHOLE, nullable=True),
        sa.Column("retrieved_at", WHOLE, nullable=False),
        sa.Column("source", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("about", TEXT, nullable=False, comment="TJ; of originated prefixes, the network that announces them"),
        sa.Column("listed_by", TEXT, nullable=False),
        sa.Column("observed_at", WHOLE, nullable=False),
        sa.Column("is_complete", FLAG, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False, comment="of the facts"),
        sa.Column(
            "facts_id",
            WHOLE,
            nullable=False,
            comment="the listing that holds the facts: itself, or one that said the same",
        ),
        sa.Column("query_id", TEXT, nullable=True, comment="by which RIPEstat finds the question again"),
        sa.Column(
            "body",
            sa.LargeBinary(),
            nullable=True,
            comment="the answer; null where an earlier listing said the same",
        ),
        sa.CheckConstraint(DATA_CLASS, name=op.f("ck_registry_listings_data_class")),
        sa.CheckConstraint(LABEL, name=op.f("ck_registry_listings_label")),
        sa.CheckConstraint(KIND, name=op.f("ck_registry_listings_kind")),
        sa.CheckConstraint(LISTED_BY, name=op.f("ck_registry_listings_listed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registry_listings")),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_registry_listings_subject",
        "registry_listings",
        ["label", "kind", "about", "listed_by", "observed_at", "is_complete"],
    )
    op.create_table(
        "registry_facts",
        sa.Column("listing_id", WHOLE, nullable=False),
        sa.Column("value", TEXT, nullable=False, comment="a prefix, or a network such as AS24722"),
        sa.Column("origin_asn", WHOLE, nullable=True),
        sa.ForeignKeyConstraint(
            ["listing_id"],
            ["registry_listings.id"],
            name=op.f("fk_registry_facts_listing_id_registry_listings"),
        ),
        sa.PrimaryKeyConstraint("listing_id", "value", name=op.f("pk_registry_facts")),
        **CLUSTERED,
    )


def downgrade() -> None:
    """Drop them, the child first."""
    op.drop_table("registry_facts")
    op.drop_table("registry_listings")
