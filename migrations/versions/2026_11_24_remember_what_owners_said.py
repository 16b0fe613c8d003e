"""Remember what owners said: all that the catalogue ever said of a target, what is to protect an owner less, and by
which facts stored results were held to consent last.

The catalogue's history is written by the database itself, so that no way of changing the catalogue leaves it out.
"""

from typing import NamedTuple

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
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
PUBLICNESS = "publicness = 'for_anyone' OR publicness = 'public_service' OR publicness = 'by_consent'"
PARTY = "party = 'ripe_ncc' OR party = 'communications_service' OR party = 'tojiktelecom'"
AGAIN = "when its owner consented again after that; the consent holds over it"
SAID = (
    ("name", TEXT, False, None),
    ("publicness", TEXT, False, None),
    ("owner", TEXT, False, None),
    ("owner_party", TEXT, True, None),
    ("contact", TEXT, False, None),
    ("consent_reference", TEXT, True, None),
    ("consent_from_at", WHOLE, True, None),
    ("consent_until_at", WHOLE, True, None),
    ("allowed_types", TEXT, False, "JSON array"),
    ("max_packets_per_s", TEXT, False, "a decimal number"),
    ("is_tajik", FLAG, False, None),
    ("pinned_addresses", TEXT, False, "JSON array"),
    ("drifted_at", WHOLE, True, None),
    ("review_at", WHOLE, False, None),
    ("opted_out_at", WHOLE, True, None),
    ("notified_at", WHOLE, True, "when its owner was told that it is measured"),
    ("seen_addresses", TEXT, True, "JSON array; what it resolved to then"),
    ("opted_in_at", WHOLE, True, AGAIN),
)
"""Of the catalogue's columns what anything is decided by."""
NAMES = ", ".join(name for name, *_ in SAID)
VALUES = ", ".join(f"NEW.{name}" for name, *_ in SAID)
CHANGED = " OR ".join(f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name, *_ in SAID)
LAST_AT = "(SELECT max(from_at) FROM catalogue_states WHERE name = NEW.name)"
STATE = (
    f"INSERT INTO catalogue_states (id, from_at, {NAMES}) "
    "SELECT (SELECT coalesce(max(id), 0) + 1 FROM catalogue_states)"
)
"""A clock that was put back reorders nothing: a state is dated no earlier than the one before."""
FACTS = {"catalogue_states": ("id",), "loosenings": ("id",)}
LAWS = (
    Law("catalogue_is_never_removed", "catalogue", "DELETE", "1 = 1", "what owners said is never removed"),
    Law("catalogue_states_never_change", "catalogue_states", "UPDATE", "1 = 1", "catalogue_states never change"),
    Law(
        "catalogue_states_come_in_order", "catalogue_states", "INSERT",
        f"NEW.from_at < coalesce({LAST_AT}, NEW.from_at)",
        "what was said of a target before is not said afterwards",
    ),
    Law(
        "loosenings_begin_unconfirmed", "loosenings", "INSERT",
        "NEW.confirmed_at IS NOT NULL OR NEW.designation_id IS NOT NULL",
        "what protects an owner less is proposed before it is confirmed",
    ),
    Law(
        "loosenings_are_confirmed_once", "loosenings", "UPDATE",
        "OLD.confirmed_at IS NOT NULL OR NEW.confirmed_at IS NULL OR " + " OR ".join(
            f"NEW.{name} IS DISTINCT FROM OLD.{name}"
            for name in ("id", "target", "said", "before", "basis", "proposed_at", "proposed_by", "party")
        ),
        "what was proposed is confirmed, and changes in nothing else",
    ),
    Law(
        "loosenings_are_confirmed_by_another_party", "loosenings", "UPDATE",
        "NOT EXISTS (SELECT 1 FROM designations g WHERE g.id = NEW.designation_id "
        "AND g.party IS DISTINCT FROM NEW.party AND g.person_id IS DISTINCT FROM NEW.proposed_by "
        "AND g.from_at <= NEW.confirmed_at AND (g.until_at IS NULL OR NEW.confirmed_at < g.until_at))",
        "who speaks for another party than whoever proposed it confirms what protects an owner less",
    ),
    *(Law(f"{table}_are_never_removed", table, "DELETE", "1 = 1", f"{table} are never removed") for table in FACTS),
    *(  # SQLite's INSERT OR REPLACE removes a row without asking the laws of removal
        Law(f"{table}_are_never_replaced", table, "INSERT",
            f"EXISTS (SELECT 1 FROM {table} held WHERE {' AND '.join(f'held.{key} = NEW.{key}' for key in keys)})",
            f"{table} are never replaced")
        for table, keys in FACTS.items()
    ),
)  # fmt: skip


def upgrade() -> None:
    """Add the column and the tables, keep what is said now as what was said always, and lay down the laws."""
    op.add_column("catalogue", sa.Column("opted_in_at", WHOLE, nullable=True, comment=AGAIN))
    _states()
    _loosenings()
    op.create_table(
        "consent_checks",
        sa.Column("dispatch_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("facts", TEXT, nullable=False, comment="how many of each there were"),
        sa.Column("periods", TEXT, nullable=False, comment="JSON array: when it was covered, as they say"),
        sa.ForeignKeyConstraint(
            ["dispatch_id"], ["dispatches.id"], name=op.f("fk_consent_checks_dispatch_id_dispatches")
        ),
        sa.PrimaryKeyConstraint("dispatch_id", name=op.f("pk_consent_checks")),
        sqlite_strict=True,
    )
    # what was said before is known of no target: the gate asked what was said then each time
    op.execute(
        f"INSERT INTO catalogue_states (id, from_at, {NAMES}) "
        f"SELECT row_number() OVER (ORDER BY name), 0, {NAMES} FROM catalogue"
    )
    dialect = op.get_bind().dialect.name
    for statement in _remembering_on_sqlite() if dialect == "sqlite" else _remembering_on_postgresql():
        op.execute(statement)
    for law in LAWS:
        for statement in _on_sqlite(law) if dialect == "sqlite" else _on_postgresql(law):
            op.execute(statement)
    if dialect == "postgresql":
        for table in ("catalogue", *FACTS):
            op.execute(
                f"CREATE TRIGGER {table}_are_never_truncated BEFORE TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncation()"
            )


def downgrade() -> None:
    """Lift the laws, and drop the tables and the column."""
    is_on_sqlite = op.get_bind().dialect.name == "sqlite"
    for law in LAWS:
        op.execute(f"DROP TRIGGER {law.name}" if is_on_sqlite else f"DROP FUNCTION {law.name}() CASCADE")
    if is_on_sqlite:
        op.execute("DROP TRIGGER catalogue_remembers_what_is_new")
        op.execute("DROP TRIGGER catalogue_remembers_what_changed")
    else:
        op.execute("DROP FUNCTION catalogue_remembers() CASCADE")
        op.execute("DROP TRIGGER catalogue_are_never_truncated ON catalogue")
    for table in ("consent_checks", "loosenings", "catalogue_states"):
        op.drop_table(table)
    op.drop_column("catalogue", "opted_in_at")


def _states() -> None:
    op.create_table(
        "catalogue_states",
        sa.Column("id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("from_at", WHOLE, nullable=False, comment="it was said until the next one of that name"),
        *(sa.Column(name, kind, nullable=nullable, comment=comment) for name, kind, nullable, comment in SAID),
        sa.CheckConstraint(PUBLICNESS, name=op.f("ck_catalogue_states_publicness")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalogue_states")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_catalogue_states_name_from_at"), "catalogue_states", ["name", "from_at"])


def _loosenings() -> None:
    op.create_table(
        "loosenings",
        sa.Column("id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("target", TEXT, nullable=False),
        sa.Column("said", TEXT, nullable=False, comment="JSON object: what is to be said of it"),
        sa.Column("before", TEXT, nullable=False, comment="JSON object: what was said of it instead"),
        sa.Column("basis", TEXT, nullable=False, comment="digest of all that people said of it then"),
        sa.Column("proposed_at", WHOLE, nullable=False),
        sa.Column("proposed_by", WHOLE, nullable=True, comment="null for whoever has the machine"),
        sa.Column("party", TEXT, nullable=True, comment="for which that person acted"),
        sa.Column("confirmed_at", WHOLE, nullable=True),
        sa.Column("designation_id", WHOLE, nullable=True, comment="by which somebody confirmed it"),
        sa.CheckConstraint(PARTY, name=op.f("ck_loosenings_party")),
        sa.ForeignKeyConstraint(["proposed_by"], ["people.id"], name=op.f("fk_loosenings_proposed_by_people")),
        sa.ForeignKeyConstraint(
            ["designation_id"], ["designations.id"], name=op.f("fk_loosenings_designation_id_designations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loosenings")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_loosenings_target"), "loosenings", ["target"])


def _remembering_on_sqlite() -> list[str]:
    state = f"{STATE}, max(NEW.changed_at, coalesce({LAST_AT}, NEW.changed_at)), {VALUES};"
    return [
        f"CREATE TRIGGER catalogue_remembers_what_is_new AFTER INSERT ON catalogue BEGIN {state} END",
        f"CREATE TRIGGER catalogue_remembers_what_changed AFTER UPDATE ON catalogue WHEN {CHANGED} BEGIN {state} END",
    ]


def _remembering_on_postgresql() -> list[str]:
    state = f"{STATE}, greatest(NEW.changed_at, coalesce({LAST_AT}, NEW.changed_at)), {VALUES};"
    call = "FOR EACH ROW {} EXECUTE FUNCTION catalogue_remembers()"
    body = f"$$ BEGIN {state} RETURN NULL; END $$"
    return [
        f"CREATE FUNCTION catalogue_remembers() RETURNS trigger LANGUAGE plpgsql AS {body}",
        f"CREATE TRIGGER catalogue_remembers_what_is_new AFTER INSERT ON catalogue {call.format('')}",
        f"CREATE TRIGGER catalogue_remembers_what_changed AFTER UPDATE ON catalogue {call.format(f'WHEN ({CHANGED})')}",
        "ALTER TABLE catalogue ENABLE ALWAYS TRIGGER catalogue_remembers_what_is_new",
        "ALTER TABLE catalogue ENABLE ALWAYS TRIGGER catalogue_remembers_what_changed",
    ]


def _on_sqlite(law: Law) -> list[str]:
    trigger = f"CREATE TRIGGER {law.name} BEFORE {law.event} ON {law.table} WHEN {law.condition}"
    return [f"{trigger} BEGIN SELECT RAISE(ABORT, '{law.says}'); END"]


def _on_postgresql(law: Law) -> list[str]:
    row = "OLD" if law.event == "DELETE" else "NEW"
    refuses = f"RAISE EXCEPTION '{law.says}' USING ERRCODE = 'integrity_constraint_violation'"
    body = f"BEGIN IF {law.condition} THEN {refuses}; END IF; RETURN {row}; END"
    return [
        f"CREATE FUNCTION {law.name}() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$",
        f"CREATE TRIGGER {law.name} BEFORE {law.event} ON {law.table} FOR EACH ROW EXECUTE FUNCTION {law.name}()",
    ]
