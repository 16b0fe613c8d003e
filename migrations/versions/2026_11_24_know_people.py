"""Know people: who there is, who represents a party from when to when, their keys, and what guards these."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SMALL = sa.Integer()
BYTES = sa.LargeBinary()
TEXT = sa.Text()
CLUSTERED = {"sqlite_strict": True, "sqlite_with_rowid": False}
PARTY = "party = 'ripe_ncc' OR party = 'communications_service' OR party = 'tojiktelecom'"
ROLE = "role = 'reader' OR role = 'analyst' OR role = 'representative' OR role = 'auditor' OR role = 'administrator'"
SAME = ("id", "party", "person_id", "duties", "act", "from_at")
CHANGED = " OR ".join(f"NEW.{name} <> OLD.{name}" for name in SAME)
PUT_OFF = "NEW.until_at IS NULL OR NEW.until_at >= OLD.until_at"
WHY = "a designation is never changed: its end may be set, and brought forward"
KEPT = "a designation is never deleted"


def upgrade() -> None:
    """Create the tables, parents first; designations keep what was once true."""
    _people()
    _designations()
    _keys()
    _wrong_tries()
    _answers()
    if op.get_bind().dialect.name == "postgresql":
        _keep_designations_postgresql()
    else:
        _keep_designations_sqlite()


def downgrade() -> None:
    """Drop them, children first."""
    for table in ("answers", "wrong_tries", "keys", "designations", "people"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION keep_designation()")


def _people() -> None:
    op.create_table(
        "people",
        sa.Column("id", WHOLE, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("contact", TEXT, nullable=False),
        sa.Column("party", TEXT, nullable=True, comment="null for observers, and for whoever runs the service"),
        sa.Column("role", TEXT, nullable=False),
        sa.Column("added_at", WHOLE, nullable=False),
        sa.CheckConstraint(PARTY, name=op.f("ck_people_party")),
        sa.CheckConstraint(ROLE, name=op.f("ck_people_role")),
        sa.CheckConstraint(
            "role <> 'representative' OR party IS NOT NULL", name=op.f("ck_people_representative_of_party")
        ),
        sa.CheckConstraint("role <> 'administrator' OR party IS NULL", name=op.f("ck_people_administrator_of_none")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
        sa.UniqueConstraint("id", "party", name=op.f("uq_people_id_party")),
        sqlite_strict=True,
    )


def _designations() -> None:
    op.create_table(
        "designations",
        sa.Column("id", WHOLE, nullable=False),
        sa.Column("party", TEXT, nullable=False),
        sa.Column("person_id", WHOLE, nullable=False),
        sa.Column("duties", TEXT, nullable=False, comment="in order of the alphabet, separated by spaces"),
        sa.Column("act", TEXT, nullable=False),
        sa.Column("from_at", WHOLE, nullable=False),
        sa.Column("until_at", WHOLE, nullable=True, comment="exclusive; may be brought forward, never put off"),
        sa.CheckConstraint(PARTY, name=op.f("ck_designations_party")),
        sa.CheckConstraint("until_at >= from_at", name=op.f("ck_designations_order")),
        sa.ForeignKeyConstraint(
            ["person_id", "party"], ["people.id", "people.party"], name=op.f("fk_designations_person_id_party_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_designations")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_designations_person_id"), "designations", ["person_id"], unique=False)


def _keys() -> None:
    op.create_table(
        "keys",
        sa.Column("id", WHOLE, nullable=False),
        sa.Column("person_id", WHOLE, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("prefix", TEXT, nullable=False, comment="its beginning, by which people tell keys apart"),
        sa.Column("digest", BYTES, nullable=False, comment="SHA-256 of the whole key, which is kept nowhere"),
        sa.Column("scopes", TEXT, nullable=False, comment="in order of the alphabet, separated by spaces"),
        sa.Column("issued_at", WHOLE, nullable=False),
        sa.Column("expires_at", WHOLE, nullable=False),
        sa.Column("last_used_at", WHOLE, nullable=True, comment="to the minute"),
        sa.Column("revoked_at", WHOLE, nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_keys_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_keys")),
        sa.UniqueConstraint("digest", name=op.f("uq_keys_digest")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_keys_person_id"), "keys", ["person_id"], unique=False)


def _wrong_tries() -> None:
    op.create_table(
        "wrong_tries",
        sa.Column("kind", TEXT, nullable=False, comment="key or address"),
        sa.Column("subject", TEXT, nullable=False),
        sa.Column("since_at", WHOLE, nullable=False),
        sa.Column("n_tries", WHOLE, nullable=False),
        sa.Column("locked_until_at", WHOLE, nullable=True),
        sa.CheckConstraint("kind = 'key' OR kind = 'address'", name=op.f("ck_wrong_tries_kind")),
        sa.PrimaryKeyConstraint("kind", "subject", name=op.f("pk_wrong_tries")),
        **CLUSTERED,
    )


def _answers() -> None:
    op.create_table(
        "answers",
        sa.Column("person_id", WHOLE, nullable=False),
        sa.Column("idempotency_key", TEXT, nullable=False),
        sa.Column("request_digest", BYTES, nullable=False),
        sa.Column("status", SMALL, nullable=False),
        sa.Column("etag", TEXT, nullable=True),
        sa.Column("content", BYTES, nullable=False, comment="as it was answered, without any key"),
        sa.Column("answered_at", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_answers_person_id_people")),
        sa.PrimaryKeyConstraint("person_id", "idempotency_key", name=op.f("pk_answers")),
        **CLUSTERED,
    )


def _keep_designations_sqlite() -> None:
    for name, moment, condition, why in (
        ("designations_stay", "UPDATE", f"{CHANGED} OR {PUT_OFF}", WHY),
        ("designations_remain", "DELETE", "TRUE", KEPT),
        # REPLACE deletes a row without telling the trigger above
        ("designations_once", "INSERT", "EXISTS (SELECT 1 FROM designations WHERE id = NEW.id)", WHY),
    ):
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {moment} ON designations WHEN {condition} "
            f"BEGIN SELECT RAISE(ABORT, '{why}'); END"
        )


def _keep_designations_postgresql() -> None:
    op.execute(f"""
        CREATE FUNCTION keep_designation() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP <> 'UPDATE' THEN
                RAISE EXCEPTION '{KEPT}' USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            IF {CHANGED} OR {PUT_OFF} THEN
                RAISE EXCEPTION '{WHY}' USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN NEW;
        END $$
    """)
    op.execute(
        "CREATE TRIGGER designations_stay BEFORE UPDATE OR DELETE ON designations "
        "FOR EACH ROW EXECUTE FUNCTION keep_designation()"
    )
    op.execute(
        "CREATE TRIGGER designations_remain BEFORE TRUNCATE ON designations "
        "FOR EACH STATEMENT EXECUTE FUNCTION keep_designation()"
    )
