"""Keep the Joint Activity Plan, reviews, and which terms of the platforms were accepted, without which nothing is
measured at RIPE Atlas.
"""

from typing import NamedTuple

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
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
PARTY = "party = 'ripe_ncc' OR party = 'communications_service' OR party = 'tojiktelecom'"
AREA = " OR ".join(f"area = 'II.{number}'" for number in range(1, 10))
KIND = " OR ".join(f"kind = '{kind}'" for kind in ("measurement", "training", "exercise", "review", "event", "other"))
STATUS = " OR ".join(f"status = '{status}'" for status in ("planned", "under_way", "done", "dropped"))
CADENCE = " OR ".join(f"cadence = '{cadence}'" for cadence in ("monthly", "quarterly", "half_yearly", "yearly"))
SERVICE = "service = 'ripe_atlas' OR service = 'ripestat'"
TABLES = ("acceptances", "cadences", "reviews", "endorsements", "milestones", "activities", "plans")
FACTS = {
    "acceptances": ("id",),
    "cadences": ("id",),
    "reviews": ("id",),
    "endorsements": ("plan_id", "party", "digest"),
}
"""Added, and never changed or removed. And by which columns a row is known."""
LAWS = (
    Law(
        "decisions_rest_on_accepted_terms", "decisions", "INSERT",
        "NEW.is_permitted AND EXISTS (SELECT 1 FROM dispatches d WHERE d.id = NEW.dispatch_id "
        "AND d.label = 'measured') AND NOT EXISTS (SELECT 1 FROM acceptances a WHERE a.service = 'ripe_atlas' "
        "AND a.accepted_at <= NEW.decided_at)",
        "nobody accepted the terms of RIPE Atlas",
    ),
    Law(
        "endorsements_are_given_by_representatives", "endorsements", "INSERT",
        "NOT EXISTS (SELECT 1 FROM designations g WHERE g.id = NEW.designation_id AND g.party = NEW.party "
        "AND g.from_at <= NEW.endorsed_at AND (g.until_at IS NULL OR NEW.endorsed_at < g.until_at))",
        "a plan is endorsed by whom the party has designated at that time",
    ),
    *(Law(f"{table}_never_change", table, "UPDATE", "1 = 1", f"{table} never change") for table in FACTS),
    *(Law(f"{table}_are_never_removed", table, "DELETE", "1 = 1", f"{table} are never removed") for table in FACTS),
    *(  # SQLite's INSERT OR REPLACE removes a row without asking the laws of removal
        Law(f"{table}_are_never_replaced", table, "INSERT",
         f"EXISTS (SELECT 1 FROM {table} held WHERE {' AND '.join(f'held.{key} = NEW.{key}' for key in keys)})",
         f"{table} are never replaced")
        for table, keys in FACTS.items()
    ),
)  # fmt: skip


def upgrade() -> None:
    """Create the tables, parents first, and lay down their laws."""
    _plans()
    _activities()
    _milestones()
    _endorsements()
    _reviews()
    _acceptances()
    lay_down = _on_sqlite if op.get_bind().dialect.name == "sqlite" else _on_postgresql
    for law in LAWS:
        lay_down(law)
    if op.get_bind().dialect.name == "postgresql":
        for table in FACTS:
            op.execute(
                f"CREATE TRIGGER {table}_are_never_truncated BEFORE TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncation()"
            )


def downgrade() -> None:
    """Lift the laws, and drop the tables, children first."""
    for law in LAWS:
        is_on_sqlite = op.get_bind().dialect.name == "sqlite"
        op.execute(f"DROP TRIGGER {law.name}" if is_on_sqlite else f"DROP FUNCTION {law.name}() CASCADE")
    for table in TABLES:
        op.drop_table(table)


def _plans() -> None:
    op.create_table(
        "plans",
        sa.Column("id", WHOLE, nullable=False),
        sa.Column("title", TEXT, nullable=False),
        sa.Column("version", WHOLE, nullable=False, comment="counts how often it said something else"),
        sa.Column("digest", TEXT, nullable=False, comment="SHA-256 of what it says"),
        sa.Column("opened_at", WHOLE, nullable=False),
        sa.Column("changed_at", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plans")),
        sqlite_strict=True,
    )


def _activities() -> None:
    op.create_table(
        "activities",
        sa.Column("id", WHOLE, nullable=False),
        sa.Column("plan_id", WHOLE, nullable=False),
        sa.Column("title", TEXT, nullable=False),
        sa.Column("area", TEXT, nullable=False),
        sa.Column("national_priority", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("leads", TEXT, nullable=False, comment="JSON array of parties"),
        sa.Column("takes_part", TEXT, nullable=False, comment="JSON array of parties"),
        sa.Column("scenario", TEXT, nullable=True, comment="of an exercise on the rehearsal Atlas"),
        sa.Column("is_dropped", FLAG, nullable=False),
        sa.CheckConstraint(AREA, name=op.f("ck_activities_area")),
        sa.CheckConstraint(KIND, name=op.f("ck_activities_kind")),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name=op.f("fk_activities_plan_id_plans")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activities")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_activities_plan_id"), "activities", ["plan_id"])


def _milestones() -> None:
    op.create_table(
        "milestones",
        sa.Column("id", WHOLE, nullable=False),
        sa.Column("activity_id", WHOLE, nullable=False),
        sa.Column("title", TEXT, nullable=False),
        sa.Column("due_on", TEXT, nullable=False, comment="the calendar day, in Dushanbe"),
        sa.Column("status", TEXT, nullable=False),
        sa.Column("evidence", TEXT, nullable=True, comment="a link or a reference"),
        sa.CheckConstraint(STATUS, name=op.f("ck_milestones_status")),
        sa.ForeignKeyConstraint(["activity_id"], ["activities.id"], name=op.f("fk_milestones_activity_id_activities")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_milestones")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_milestones_activity_id"), "milestones", ["activity_id"])


def _endorsements() -> None:
    op.create_table(
        "endorsements",
        sa.Column("plan_id", WHOLE, nullable=False),
        sa.Column("party", TEXT, nullable=False),
        sa.Column("digest", TEXT, nullable=False, comment="of what the plan said"),
        sa.Column("version", WHOLE, nullable=False),
        sa.Column("designation_id", WHOLE, nullable=False),
        sa.Column("endorsed_at", WHOLE, nullable=False),
        sa.CheckConstraint(PARTY, name=op.f("ck_endorsements_party")),
        sa.ForeignKeyConstraint(
            ["designation_id"], ["designations.id"], name=op.f("fk_endorsements_designation_id_designations")
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name=op.f("fk_endorsements_plan_id_plans")),
        sa.PrimaryKeyConstraint("plan_id", "party", "digest", name=op.f("pk_endorsements")),
        sqlite_strict=True,
    )


def _reviews() -> None:
    op.create_table(
        "reviews",
        sa.Column("id", WHOLE, nullable=False),
        sa.Column("held_on", TEXT, nullable=False, comment="the calendar day, in Dushanbe"),
        sa.Column("content", TEXT, nullable=False, comment="JSON: who was there, what was shown, what comes next"),
        sa.Column("recorded_at", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reviews")),
        sqlite_strict=True,
    )
    op.create_table(
        "cadences",
        sa.Column("id", WHOLE, nullable=False),
        sa.Column("cadence", TEXT, nullable=False),
        sa.Column("set_at", WHOLE, nullable=False),
        sa.CheckConstraint(CADENCE, name=op.f("ck_cadences_cadence")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cadences")),
        sqlite_strict=True,
    )


def _acceptances() -> None:
    op.create_table(
        "acceptances",
        sa.Column("id", WHOLE, nullable=False),
        sa.Column("service", TEXT, nullable=False),
        sa.Column("version", TEXT, nullable=False),
        sa.Column("address", TEXT, nullable=False),
        sa.Column("sha256", TEXT, nullable=True, comment="of the text that was read"),
        sa.Column("person_id", WHOLE, nullable=False),
        sa.Column("party", TEXT, nullable=True),
        sa.Column("accepted_at", WHOLE, nullable=False),
        sa.CheckConstraint(PARTY, name=op.f("ck_acceptances_party")),
        sa.CheckConstraint(SERVICE, name=op.f("ck_acceptances_service")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_acceptances_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acceptances")),
        sqlite_strict=True,
    )


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
