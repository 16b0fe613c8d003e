"""What the parties mean to do, how they looked at it together, and which terms of the platforms were accepted."""

from sqlalchemy import Column, ForeignKeyConstraint, Index, Table

from app.store.tables.base import STRICT, metadata
from app.store.types import Flag, String, Whole, one_of
from measurements.agreements.parties import Party
from measurements.agreements.plan import Area, Kind, Status
from measurements.agreements.platform_terms import Service
from measurements.agreements.reviews import Cadence

plans = Table(
    "plans",
    metadata,
    Column("id", Whole, primary_key=True),
    Column("title", String, nullable=False),
    Column("version", Whole, nullable=False, comment="counts how often it said something else"),
    Column("digest", String, nullable=False, comment="SHA-256 of what it says"),
    Column("opened_at", Whole, nullable=False),
    Column("changed_at", Whole, nullable=False),
    **STRICT,
)

activities = Table(
    "activities",
    metadata,
    Column("id", Whole, primary_key=True),
    Column("plan_id", Whole, nullable=False),
    Column("title", String, nullable=False),
    Column("area", String, nullable=False),
    Column("national_priority", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("leads", String, nullable=False, comment="JSON array of parties"),
    Column("takes_part", String, nullable=False, comment="JSON array of parties"),
    Column("scenario", String, nullable=True, comment="of an exercise on the rehearsal Atlas"),
    Column("is_dropped", Flag, nullable=False),
    ForeignKeyConstraint(["plan_id"], ["plans.id"]),
    one_of("area", Area, "area"),
    one_of("kind", Kind, "kind"),
    Index(None, "plan_id"),
    **STRICT,
)

milestones = Table(
    "milestones",
    metadata,
    Column("id", Whole, primary_key=True),
    Column("activity_id", Whole, nullable=False),
    Column("title", String, nullable=False),
    Column("due_on", String, nullable=False, comment="the calendar day, in Dushanbe"),
    Column("status", String, nullable=False),
    Column("evidence", String, nullable=True, comment="a link or a reference"),
    ForeignKeyConstraint(["activity_id"], ["activities.id"]),
    one_of("status", Status, "status"),
    Index(None, "activity_id"),
    **STRICT,
)

endorsements = Table(
    "endorsements",
    metadata,
    Column("plan_id", Whole, primary_key=True, autoincrement=False),
    Column("party", String, primary_key=True),
    Column("digest", String, primary_key=True, comment="of what the plan said"),
    Column("version", Whole, nullable=False),
    Column("designation_id", Whole, nullable=False),
    Column("endorsed_at", Whole, nullable=False),
    ForeignKeyConstraint(["plan_id"], ["plans.id"]),
    ForeignKeyConstraint(["designation_id"], ["designations.id"]),
    one_of("party", Party, "party"),
    **STRICT,
)

reviews = Table(
    "reviews",
    metadata,
    Column("id", Whole, primary_key=True),
    Column("held_on", String, nullable=False, comment="the calendar day, in Dushanbe"),
    Column("content", String, nullable=False, comment="JSON: who was there, what was shown, what comes next"),
    Column("recorded_at", Whole, nullable=False),
    **STRICT,
)

cadences = Table(
    "cadences",
    metadata,
    Column("id", Whole, primary_key=True),
    Column("cadence", String, nullable=False),
    Column("set_at", Whole, nullable=False),
    one_of("cadence", Cadence, "cadence"),
    **STRICT,
)

acceptances = Table(
    "acceptances",
    metadata,
    Column("id", Whole, primary_key=True),
    Column("service", String, nullable=False),
    Column("version", String, nullable=False),
    Column("address", String, nullable=False),
    Column("sha256", String, nullable=True, comment="of the text that was read"),
    Column("person_id", Whole, nullable=False),
    Column("party", String, nullable=True),
    Column("accepted_at", Whole, nullable=False),
    ForeignKeyConstraint(["person_id"], ["people.id"]),
    one_of("service", Service, "service"),
    one_of("party", Party, "party"),
    **STRICT,
)
