"""Ask for measurements: what people asked for, and which dispatches came of it."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text()
LABEL = " OR ".join(f"label = '{label}'" for label in ("measured", "laboratory", "rehearsed"))


def upgrade() -> None:
    """Create the tables, parents first."""
    op.create_table(
        "requests",
        sa.Column("id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("label", TEXT, nullable=False, comment="of what it brings: of RIPE Atlas, or of a rehearsal"),
        sa.Column("person_id", WHOLE, nullable=False, comment="who asked"),
        sa.Column("request", TEXT, nullable=False, comment="canonical JSON"),
        sa.Column("digest", TEXT, nullable=False, comment="SHA-256 of the canonical form"),
        sa.Column("wishes", TEXT, nullable=False, comment="JSON array: what it comes to, by their keys"),
        sa.Column("stop_at", WHOLE, nullable=False, comment="as it was asked for, or put off since"),
        sa.Column("asked_at", WHOLE, nullable=False),
        sa.Column("cloned_from", WHOLE, nullable=True),
        sa.Column("cancelled_at", WHOLE, nullable=True),
        sa.Column("cancelled_by", WHOLE, nullable=True),
        sa.CheckConstraint(LABEL, name=op.f("ck_requests_label")),
        sa.CheckConstraint("(cancelled_at IS NULL) = (cancelled_by IS NULL)", name=op.f("ck_requests_cancelled")),
        sa.ForeignKeyConstraint(["cancelled_by"], ["people.id"], name=op.f("fk_requests_cancelled_by_people")),
        sa.ForeignKeyConstraint(["cloned_from"], ["requests.id"], name=op.f("fk_requests_cloned_from_requests")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_requests_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_requests")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_requests_person_id"), "requests", ["person_id"])
    op.create_table(
        "request_dispatches",
        sa.Column("request_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("dispatch_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("wish", TEXT, nullable=False, comment="its key"),
        sa.ForeignKeyConstraint(
            ["dispatch_id"], ["dispatches.id"], name=op.f("fk_request_dispatches_dispatch_id_dispatches")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["requests.id"], name=op.f("fk_request_dispatches_request_id_requests")
        ),
        sa.PrimaryKeyConstraint("request_id", "dispatch_id", name=op.f("pk_request_dispatches")),
        sa.UniqueConstraint("dispatch_id", name=op.f("uq_request_dispatches_dispatch_id")),
        sqlite_strict=True,
    )


def downgrade() -> None:
    """Drop them, children first."""
    op.drop_table("request_dispatches")
    op.drop_table("requests")
