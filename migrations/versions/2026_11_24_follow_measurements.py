"""Follow measurements on the platform: what is followed, watermarks, re-checks, fetched windows, and claimed ticks."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text()
LABEL = "label = 'measured' OR label = 'laboratory' OR label = 'rehearsed'"
DATA_CLASS = (
    "data_class = 'public' OR "
    "data_class = 'ripe_ncc_managed' OR "
    "data_class = 'agreed_collection' OR "
    "data_class = 'party_provided' OR "
    "data_class = 'forbidden'"
)
CLUSTERED = {"sqlite_strict": True, "sqlite_with_rowid": False}


def upgrade() -> None:
    """Create the tables, parents first; note of probes whether they were connected."""
    op.add_column(
        "probe_snapshots",
        sa.Column(
            "status", TEXT, nullable=True, comment="Connected, Disconnected, Abandoned, Never Connected, Written Off"
        ),
    )
    op.create_table(
        "followed",
        sa.Column("atlas_id", WHOLE, nullable=False),
        sa.Column("label", TEXT, nullable=False),
        sa.Column("data_class", TEXT, nullable=False),
        sa.Column("agreement_id", WHOLE, nullable=True),
        sa.Column("followed_at", WHOLE, nullable=False),
        sa.Column("since_at", WHOLE, nullable=False),
        sa.Column("stop_at", WHOLE, nullable=True),
        sa.Column("probe_ids", TEXT, nullable=True, comment="JSON array; null for all participants"),
        sa.Column("polled_until_at", WHOLE, nullable=False),
        sa.Column("settled_at", WHOLE, nullable=True),
        sa.Column("failing_since_at", WHOLE, nullable=True),
        sa.Column("failure", TEXT, nullable=True),
        sa.CheckConstraint(DATA_CLASS, name=op.f("ck_followed_data_class")),
        sa.CheckConstraint(LABEL, name=op.f("ck_followed_label")),
        sa.PrimaryKeyConstraint("atlas_id", "label", name=op.f("pk_followed")),
        sqlite_strict=True,
    )
    _progress("watermarks", "probe_id")
    _progress("rechecks", "age_s")
    op.create_table(
        "fetched_windows",
        sa.Column("atlas_id", WHOLE, nullable=False),
        sa.Column("label", TEXT, nullable=False),
        sa.Column("from_at", WHOLE, nullable=False),
        sa.Column("to_at", WHOLE, nullable=False),
        sa.Column("probes", TEXT, nullable=False, comment="digest of the probe ids asked for"),
        sa.Column("fetched_at", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("atlas_id", "label", "from_at", "to_at", "probes", name=op.f("pk_fetched_windows")),
        **CLUSTERED,
    )
    op.create_table(
        "ticks",
        sa.Column("task", TEXT, nullable=False),
        sa.Column("due_at", WHOLE, nullable=False),
        sa.Column("claimed_by", TEXT, nullable=False),
        sa.Column("lease_until_at", WHOLE, nullable=False),
        sa.Column("finished_at", WHOLE, nullable=True),
        sa.Column("failure", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("task", "due_at", name=op.f("pk_ticks")),
        **CLUSTERED,
    )


def downgrade() -> None:
    """Drop them, children first."""
    for table in ("ticks", "fetched_windows", "rechecks", "watermarks", "followed"):
        op.drop_table(table)
    op.drop_column("probe_snapshots", "status")


def _progress(name: str, key: str) -> None:
    """A table that says how far something is, for each key of a followed measurement."""
    op.create_table(
        name,
        sa.Column("atlas_id", WHOLE, nullable=False),
        sa.Column("label", TEXT, nullable=False),
        sa.Column(key, WHOLE, nullable=False),
        sa.Column("until_at", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(
            ["atlas_id", "label"],
            ["followed.atlas_id", "followed.label"],
            name=op.f(f"fk_{name}_atlas_id_label_followed"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("atlas_id", "label", key, name=op.f(f"pk_{name}")),
        **CLUSTERED,
    )
