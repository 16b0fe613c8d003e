"""Practise apart: a database in which demonstration representatives agreed dispatches nothing that is measured.

Whether it is one is said before anybody is added, and for good. The laws are the same on both databases.
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
LAWS = (
    ("practice_begins_first", "INSERT", "practice", "EXISTS (SELECT 1 FROM people)",
     "a database for practice is empty when practice begins"),
    ("practice_never_becomes_real", "DELETE", "practice", "1 = 1", "a database for practice stays one"),
    ("practice_never_changes", "UPDATE", "practice", "1 = 1", "a database for practice stays one"),
    ("practice_measures_nothing", "INSERT", "dispatches", "NEW.label = 'measured' AND EXISTS (SELECT 1 FROM practice)",
     "nothing is measured under what was agreed for practice"),
)  # fmt: skip
"""Name, event, table, condition, and what is said."""


def upgrade() -> None:
    """Add the table and its laws."""
    op.create_table(
        "practice",
        sa.Column("id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("begun_at", WHOLE, nullable=False, comment="when demonstration representatives were designated"),
        sa.CheckConstraint("id = 1", name=op.f("ck_practice_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_practice")),
        sqlite_strict=True,
    )
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for name, event, table, condition, says in LAWS:
        if is_sqlite:
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {event} ON {table} WHEN {condition} "
                f"BEGIN SELECT RAISE(ABORT, '{says}'); END"
            )
            continue
        row = "OLD" if event == "DELETE" else "NEW"
        refuses = f"RAISE EXCEPTION '{says}' USING ERRCODE = 'integrity_constraint_violation'"
        op.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {condition} THEN {refuses}; "
            f"END IF; RETURN {row}; END $$"
        )
        op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")
    if not is_sqlite:
        op.execute(
            "CREATE TRIGGER practice_is_never_truncated BEFORE TRUNCATE ON practice "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncation()"
        )


def downgrade() -> None:
    """Lift the laws, and drop the table."""
    for name, *_ in LAWS:
        if op.get_bind().dialect.name == "sqlite":
            op.execute(f"DROP TRIGGER {name}")
        else:
            op.execute(f"DROP FUNCTION {name}() CASCADE")
    op.drop_table("practice")
