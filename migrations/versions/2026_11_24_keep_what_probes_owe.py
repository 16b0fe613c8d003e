"""Keep what probes owe that were cut off for long: their backlog may come after their newest results."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text()


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "owed",
        sa.Column("atlas_id", WHOLE, nullable=False),
        sa.Column("label", TEXT, nullable=False),
        sa.Column("probe_id", WHOLE, nullable=False),
        sa.Column("from_at", WHOLE, nullable=False),
        sa.Column("returned_at", WHOLE, nullable=False),
        sa.Column("asked_s", WHOLE, nullable=False, comment="the age at which it was asked for again; 0 for not yet"),
        sa.ForeignKeyConstraint(
            ["atlas_id", "label"],
            ["followed.atlas_id", "followed.label"],
            name=op.f("fk_owed_atlas_id_label_followed"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("atlas_id", "label", "probe_id", name=op.f("pk_owed")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("owed")
