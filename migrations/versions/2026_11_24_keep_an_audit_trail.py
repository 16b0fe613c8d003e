"""Keep an audit trail and a log of who read probe-level data; the database itself keeps both append only."""

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text()
CLUSTERED = {"sqlite_strict": True, "sqlite_with_rowid": False}
TABLES = ("audit_entries", "access_log")
GENESIS = "0" * 64

NEVER_CHANGED = "what was written is never changed"
NEVER_REMOVED = "what was written is never removed"
IN_ORDER = "a number is the last one plus one"
CHAINED = "previous is the hash of the last entry"


def upgrade() -> None:
    """Create the tables, then what keeps them append only."""
    op.create_table(
        "audit_entries",
        sa.Column("number", WHOLE, nullable=False),
        sa.Column("at", WHOLE, nullable=False),
        sa.Column("act", TEXT, nullable=False),
        sa.Column("actor", TEXT, nullable=False, comment="the number of a person, or service"),
        sa.Column("party", TEXT, nullable=True),
        sa.Column("designation_id", WHOLE, nullable=True),
        sa.Column("subject_kind", TEXT, nullable=False),
        sa.Column("subject_id", TEXT, nullable=False),
        sa.Column("version", WHOLE, nullable=True),
        sa.Column("digest", TEXT, nullable=True),
        sa.Column("reason", TEXT, nullable=True),
        sa.Column("request_id", TEXT, nullable=True),
        sa.Column("answer", TEXT, nullable=True, comment="the platform's, JSON"),
        sa.Column("details", TEXT, nullable=True, comment="JSON object"),
        sa.Column("previous", TEXT, nullable=False, comment="the hash of the entry before"),
        sa.Column("hash", TEXT, nullable=False, comment="measurements/agreements/audit.py says of what"),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_entries")),
        **CLUSTERED,
    )
    op.create_index(
        op.f("ix_audit_entries_subject_kind_subject_id_number"),
        "audit_entries",
        ["subject_kind", "subject_id", "number"],
    )
    op.create_table(
        "access_log",
        sa.Column("number", WHOLE, nullable=False),
        sa.Column("at", WHOLE, nullable=False),
        sa.Column("person", TEXT, nullable=False, comment="the number of a person, or service"),
        sa.Column("what", TEXT, nullable=False),
        sa.Column("filters", TEXT, nullable=False, comment="JSON object"),
        sa.Column("n_rows", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_access_log")),
        **CLUSTERED,
    )
    _keep_append_only()


def downgrade() -> None:
    """Drop them, and what kept them append only."""
    for table in TABLES:
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        for function in ("audit_never_changed", "audit_in_order", "audit_chained"):
            op.execute(f"DROP FUNCTION {function}()")


def _keep_append_only() -> None:
    """Whatever is tried with these tables but adding the next row is aborted, with the law that it would break."""
    statements = _on_postgresql() if op.get_bind().dialect.name == "postgresql" else _on_sqlite()
    for statement in statements:
        op.execute(statement)


def _on_sqlite() -> Iterator[str]:
    for table in TABLES:
        yield _sqlite(f"{table}_never_changed", f"UPDATE ON {table}", table, NEVER_CHANGED)
        yield _sqlite(f"{table}_never_removed", f"DELETE ON {table}", table, NEVER_REMOVED)
        is_wrong = f"NEW.number IS NOT (SELECT coalesce(max(number), 0) + 1 FROM {table})"
        yield _sqlite(f"{table}_in_order", f"INSERT ON {table} WHEN {is_wrong}", table, IN_ORDER)
    last = "SELECT hash FROM audit_entries ORDER BY number DESC LIMIT 1"
    is_wrong = f"NEW.previous IS NOT coalesce(({last}), '{GENESIS}')"
    yield _sqlite("audit_entries_chained", f"INSERT ON audit_entries WHEN {is_wrong}", "audit_entries", CHAINED)


def _sqlite(name: str, before: str, table: str, law: str) -> str:
    return f"CREATE TRIGGER {name} BEFORE {before} BEGIN SELECT RAISE(ABORT, '{table}: {law}'); END"


def _on_postgresql() -> Iterator[str]:
    law = f"CASE TG_OP WHEN 'UPDATE' THEN '{NEVER_CHANGED}' ELSE '{NEVER_REMOVED}' END"
    yield _function("audit_never_changed", _raise(law))
    # TG_RELID and not the table's name: a temporary table of that name would be looked at instead
    last = "EXECUTE 'SELECT coalesce(max(number), 0) FROM ' || TG_RELID::regclass INTO last"
    yield _function("audit_in_order", _unless(last, "NEW.number = last::bigint + 1", IN_ORDER))
    last = "EXECUTE 'SELECT hash FROM ' || TG_RELID::regclass || ' ORDER BY number DESC LIMIT 1' INTO last"
    yield _function("audit_chained", _unless(last, f"NEW.previous = coalesce(last, '{GENESIS}')", CHAINED))
    for table in TABLES:
        change = "UPDATE OR DELETE OR TRUNCATE"
        yield from _trigger(f"{table}_never_changed", change, table, "STATEMENT", "audit_never_changed")
        yield from _trigger(f"{table}_in_order", "INSERT", table, "ROW", "audit_in_order")
    yield from _trigger("audit_entries_chained", "INSERT", "audit_entries", "ROW", "audit_chained")


def _function(name: str, body: str) -> str:
    return f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ DECLARE last text; BEGIN {body} END $$"


def _unless(look: str, is_right: str, law: str) -> str:
    return f"{look}; IF ({is_right}) IS NOT TRUE THEN {_raise(repr(law))} END IF; RETURN NEW;"


def _raise(law: str) -> str:
    """The same kind of failure as on SQLite."""
    return (
        f"RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = TG_TABLE_NAME || ': ' || {law};"
    )


def _trigger(name: str, before: str, table: str, each: str, function: str) -> Iterator[str]:
    yield f"CREATE TRIGGER {name} BEFORE {before} ON {table} FOR EACH {each} EXECUTE FUNCTION {function}()"
    # also in a session that says it replays what another database has checked
    yield f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}"
