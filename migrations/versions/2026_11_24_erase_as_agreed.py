"""Erase as agreed: tombstones of what was erased, the figures that stay of it, and a way to find what is to go."""

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text()
STRICT = {"sqlite_strict": True}
LABEL = "label = 'measured' OR label = 'laboratory' OR label = 'rehearsed'"
LEVEL = "level = 'raw' OR level = 'probe_level'"
WHY = "why = 'as_agreed' OR why = 'restored'"
NEVER_CHANGED = "a tombstone is never changed"
NEVER_REMOVED = "a tombstone is never removed"
IN_ORDER = "a number is the last one plus one"


def upgrade() -> None:
    """Create the tables and indexes, then what keeps tombstones append only."""
    op.create_table(
        "tombstones",
        sa.Column("id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("agreement_id", WHOLE, nullable=False, comment="also of one that a restored database does not know"),
        sa.Column("version", WHOLE, nullable=False),
        sa.Column("label", TEXT, nullable=False),
        sa.Column("atlas_id", WHOLE, nullable=False),
        sa.Column("level", TEXT, nullable=False),
        sa.Column("from_at", WHOLE, nullable=False),
        sa.Column("until_at", WHOLE, nullable=False),
        sa.Column("n_records", WHOLE, nullable=False),
        sa.Column("digest", TEXT, nullable=False, comment="of the digests of the records"),
        sa.Column("days", WHOLE, nullable=False),
        sa.Column("why", TEXT, nullable=False),
        sa.Column("erased_at", WHOLE, nullable=False),
        sa.Column(
            "digests",
            sa.LargeBinary(),
            nullable=False,
            comment="16 bytes of each record, in order; none of one read from a file",
        ),
        sa.CheckConstraint(LABEL, name=op.f("ck_tombstones_label")),
        sa.CheckConstraint(LEVEL, name=op.f("ck_tombstones_level")),
        sa.CheckConstraint(WHY, name=op.f("ck_tombstones_why")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tombstones")),
        **STRICT,
    )
    op.create_index(
        op.f("ix_tombstones_atlas_id_label_level_until_at"), "tombstones", ["atlas_id", "label", "level", "until_at"]
    )
    op.create_table(
        "kept_figures",
        sa.Column("id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("agreement_id", WHOLE, nullable=False),
        sa.Column("label", TEXT, nullable=False),
        sa.Column("atlas_id", WHOLE, nullable=False),
        sa.Column("target", TEXT, nullable=False),
        sa.Column("type", TEXT, nullable=False),
        sa.Column("metric", TEXT, nullable=False),
        sa.Column("scope", TEXT, nullable=False),
        sa.Column("binning", TEXT, nullable=False),
        sa.Column("bin_at", WHOLE, nullable=False),
        sa.Column("row", TEXT, nullable=False, comment="JSON object: the row of the series as it was answered"),
        sa.CheckConstraint(LABEL, name=op.f("ck_kept_figures_label")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_figures")),
        **STRICT,
    )
    op.create_index(op.f("ix_kept_figures_target_metric_bin_at"), "kept_figures", ["target", "metric", "bin_at"])
    op.create_index(op.f("ix_kept_figures_atlas_id_label_bin_at"), "kept_figures", ["atlas_id", "label", "bin_at"])
    _index("ix_raw_records_erased", ["id"], "length(body) = 0")
    _index("ix_raw_records_own", ["atlas_id", "measured_at"], "atlas_id >= 1000000")
    op.create_index(op.f("ix_results_raw_id"), "results", ["raw_id"])
    for statement in _on_postgresql() if op.get_bind().dialect.name == "postgresql" else _on_sqlite():
        op.execute(statement)


def downgrade() -> None:
    """Drop them."""
    op.drop_index("ix_results_raw_id", "results")
    op.drop_index("ix_raw_records_own", "raw_records")
    op.drop_index("ix_raw_records_erased", "raw_records")
    op.drop_table("kept_figures")
    op.drop_table("tombstones")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION tombstones_never_changed()")
        op.execute("DROP FUNCTION tombstones_in_order()")


def _index(name: str, columns: list[str], where: str) -> None:
    op.create_index(name, "raw_records", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def _on_sqlite() -> Iterator[str]:
    is_wrong = "NEW.id IS NOT (SELECT coalesce(max(id), 0) + 1 FROM tombstones)"
    yield _sqlite("never_changed", "UPDATE ON tombstones", NEVER_CHANGED)
    yield _sqlite("never_removed", "DELETE ON tombstones", NEVER_REMOVED)
    yield _sqlite("in_order", f"INSERT ON tombstones WHEN {is_wrong}", IN_ORDER)  # INSERT OR REPLACE asks no other


def _sqlite(name: str, before: str, law: str) -> str:
    return f"CREATE TRIGGER tombstones_{name} BEFORE {before} BEGIN SELECT RAISE(ABORT, '{law}'); END"


def _on_postgresql() -> Iterator[str]:
    law = f"CASE TG_OP WHEN 'UPDATE' THEN '{NEVER_CHANGED}' ELSE '{NEVER_REMOVED}' END"
    yield _function("never_changed", _raise(law))
    # TG_RELID and not the table's name: a temporary table of that name would be looked at instead
    last = "EXECUTE 'SELECT coalesce(max(id), 0) FROM ' || TG_RELID::regclass INTO last"
    is_right = "(NEW.id = last + 1) IS TRUE"
    yield _function("in_order", f"{last}; IF NOT {is_right} THEN {_raise(repr(IN_ORDER))} END IF; RETURN NEW;")
    yield from _trigger("never_changed", "UPDATE OR DELETE OR TRUNCATE", "STATEMENT")
    yield from _trigger("in_order", "INSERT", "ROW")


def _function(name: str, body: str) -> str:
    return (
        f"CREATE FUNCTION tombstones_{name}() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ DECLARE last bigint; BEGIN {body} END $$"
    )


def _raise(law: str) -> str:
    return f"RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = {law};"


def _trigger(name: str, before: str, each: str) -> Iterator[str]:
    yield (
        f"CREATE TRIGGER tombstones_{name} BEFORE {before} ON tombstones "
        f"FOR EACH {each} EXECUTE FUNCTION tombstones_{name}()"
    )
    yield f"ALTER TABLE tombstones ENABLE ALWAYS TRIGGER tombstones_{name}"
