"""Choose probes: what was last said of each, which ones nobody wants asked, and which were chosen for what."""

from typing import NamedTuple

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


class Law(NamedTuple):
    """A statement that is aborted where a condition holds. NEW and OLD are the row after and before."""

    name: str
    table: str
    event: str
    condition: str
    says: str


WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
FLAG = sa.Boolean().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text()
LABEL = "label = 'measured' OR label = 'laboratory' OR label = 'rehearsed'"
FACTS = ("probe_exclusions", "probe_choices")
"""Added, and never changed or removed."""
LAWS = (
    *(Law(f"{table}_never_change", table, "UPDATE", "1 = 1", f"{table} never change") for table in FACTS),
    *(Law(f"{table}_are_never_removed", table, "DELETE", "1 = 1", f"{table} are never removed") for table in FACTS),
    *(  # SQLite's INSERT OR REPLACE removes a row without asking the laws of removal
        Law(
            f"{table}_are_never_replaced",
            table,
            "INSERT",
            f"EXISTS (SELECT 1 FROM {table} held WHERE held.id = NEW.id)",
            f"{table} are never replaced",
        )
        for table in FACTS
    ),
)
LAST_WORDS = """
INSERT INTO known_probes (probe_id, label, observed_at, asn_v4, asn_v6, country_code, prefix_v4, prefix_v6, is_anchor,
    is_public, status, tags)
SELECT probe_id, label, observed_at, asn_v4, asn_v6, country_code, prefix_v4, prefix_v6, is_anchor, {true}, status, '[]'
FROM probe_snapshots last
WHERE observed_at = (SELECT max(one.observed_at) FROM probe_snapshots one WHERE one.probe_id = last.probe_id)
"""
"""What is held of probes already; the worker asks for the rest within a day."""


def upgrade() -> None:
    """Create the tables, lay down their laws, and tell the first one what is held already."""
    is_on_sqlite = op.get_bind().dialect.name == "sqlite"
    _known_probes()
    _probe_exclusions()
    _probe_choices()
    op.execute(LAST_WORDS.format(true="1" if is_on_sqlite else "true"))
    for law in LAWS:
        (_on_sqlite if is_on_sqlite else _on_postgresql)(law)
    if not is_on_sqlite:
        for table in FACTS:
            op.execute(
                f"CREATE TRIGGER {table}_are_never_truncated BEFORE TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncation()"
            )


def downgrade() -> None:
    """Lift the laws, and drop the tables."""
    is_on_sqlite = op.get_bind().dialect.name == "sqlite"
    for law in LAWS:
        op.execute(f"DROP TRIGGER {law.name}" if is_on_sqlite else f"DROP FUNCTION {law.name}() CASCADE")
    for table in (*FACTS, "known_probes"):
        op.drop_table(table)


def _known_probes() -> None:
    op.create_table(
        "known_probes",
        sa.Column("probe_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("label", TEXT, nullable=False),
        sa.Column("observed_at", WHOLE, nullable=False, comment="when the platform last said so"),
        sa.Column("asn_v4", WHOLE, nullable=True),
        sa.Column("asn_v6", WHOLE, nullable=True),
        sa.Column("country_code", TEXT, nullable=True),
        sa.Column("prefix_v4", TEXT, nullable=True),
        sa.Column("prefix_v6", TEXT, nullable=True),
        sa.Column("is_anchor", FLAG, nullable=False),
        sa.Column("is_public", FLAG, nullable=False),
        sa.Column("status", TEXT, nullable=True),
        sa.Column("tags", TEXT, nullable=False, comment="JSON array"),
        sa.Column("status_since_at", WHOLE, nullable=True),
        sa.Column("last_connected_at", WHOLE, nullable=True),
        sa.CheckConstraint(LABEL, name=op.f("ck_known_probes_label")),
        sa.PrimaryKeyConstraint("probe_id", name=op.f("pk_known_probes")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_known_probes_label_country_code"), "known_probes", ["label", "country_code"])


def _probe_exclusions() -> None:
    op.create_table(
        "probe_exclusions",
        sa.Column("id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("label", TEXT, nullable=False),
        sa.Column("probe_id", WHOLE, nullable=False),
        sa.Column("is_excluded", FLAG, nullable=False, comment="from then on; the last word on a probe counts"),
        sa.Column("reason", TEXT, nullable=True),
        sa.Column("said_at", WHOLE, nullable=False),
        sa.Column("said_by", WHOLE, nullable=True, comment="null on the command line"),
        sa.CheckConstraint(LABEL, name=op.f("ck_probe_exclusions_label")),
        sa.ForeignKeyConstraint(["said_by"], ["people.id"], name=op.f("fk_probe_exclusions_said_by_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_probe_exclusions")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_probe_exclusions_label_probe_id"), "probe_exclusions", ["label", "probe_id"])


def _probe_choices() -> None:
    op.create_table(
        "probe_choices",
        sa.Column("id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("label", TEXT, nullable=False),
        sa.Column("purpose", TEXT, nullable=False, comment="what they are chosen for"),
        sa.Column("chosen_at", WHOLE, nullable=False),
        sa.Column("wanted", TEXT, nullable=False, comment="JSON: what was asked for"),
        sa.Column("chosen", TEXT, nullable=False, comment="JSON: probe -> why"),
        sa.Column("resting", TEXT, nullable=False, comment="JSON: probe that fell silent -> since when it is left out"),
        sa.CheckConstraint(LABEL, name=op.f("ck_probe_choices_label")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_probe_choices")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_probe_choices_label_purpose"), "probe_choices", ["label", "purpose"])


def _on_sqlite(law: Law) -> None:
    trigger = f"CREATE TRIGGER {law.name} BEFORE {law.event} ON {law.table} WHEN {law.condition}"
    op.execute(f"{trigger} BEGIN SELECT RAISE(ABORT, '{law.says}'); END")


def _on_postgresql(law: Law) -> None:
    row = "OLD" if law.event == "DELETE" else "NEW"
    refuses = f"RAISE EXCEPTION '{law.says}' USING ERRCODE = 'integrity_constraint_violation'"
    body = f"BEGIN IF {law.condition} THEN {refuses}; END IF; RETURN {row}; END"
    op.execute(f"CREATE FUNCTION {law.name}() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$")
    op.execute(
        f"CREATE TRIGGER {law.name} BEFORE {law.event} ON {law.table} FOR EACH ROW EXECUTE FUNCTION {law.name}()"
    )
