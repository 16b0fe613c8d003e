"""The Joint Activity Plan: plans with their activities, milestones and endorsements."""

from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar

import orjson
from sqlalchemy import ColumnElement, Connection, Table, insert, select, update

from app.store import tables
from app.store.bulk import next_id
from measurements.agreements.parties import Party
from measurements.agreements.plan import Activity, Area, Endorsement, Kind, Milestone, Plan, Status

R = TypeVar("R")


def list_plans(connection: Connection, *, after: int | None = None, limit: int) -> list[Plan]:
    """Some plans in order of their numbers, with all that belongs to them."""
    query = select(tables.plans.c.id).where(tables.plans.c.id > (after or 0)).order_by(tables.plans.c.id).limit(limit)
    found = (find_plan(connection, number) for number in connection.execute(query).scalars().all())
    return [plan for plan in found if plan is not None]


def find_plan(connection: Connection, plan_id: int) -> Plan | None:
    """A plan with all that belongs to it; None where there is none of that number."""
    row = connection.execute(select(tables.plans).where(tables.plans.c.id == plan_id)).first()
    if row is None:
        return None
    activities = find_activities(connection, tables.activities.c.plan_id == plan_id)
    own = select(tables.activities.c.id).where(tables.activities.c.plan_id == plan_id)
    endorsed = select(tables.endorsements).where(tables.endorsements.c.plan_id == plan_id)
    return Plan(
        plan_id=row.id,
        title=row.title,
        version=row.version,
        digest=row.digest,
        opened_at=row.opened_at,
        changed_at=row.changed_at,
        activities=tuple(activities),
        milestones=tuple(find_milestones(connection, tables.milestones.c.activity_id.in_(own))),
        endorsements=tuple(
            Endorsement(Party(one.party), one.version, one.digest, one.designation_id, one.endorsed_at)
            for one in connection.execute(endorsed.order_by(tables.endorsements.c.endorsed_at))
        ),
    )


def add_plan(connection: Connection, title: str, digest: str, opened_at: int) -> int:
    """Open a plan that says nothing but its title; gives its number."""
    row = {"title": title, "version": 1, "digest": digest, "opened_at": opened_at, "changed_at": opened_at}
    return _add(connection, tables.plans, row)


def set_plan(connection: Connection, plan: Plan) -> None:
    """Say otherwise what a plan says, under another version."""
    columns = ("title", "version", "digest", "changed_at")
    row = {name: value for name, value in plan._asdict().items() if name in columns}
    _set(connection, tables.plans, plan.plan_id, row)


def add_endorsement(connection: Connection, plan_id: int, endorsement: Endorsement) -> None:
    """Note that a party endorses what a plan says."""
    connection.execute(insert(tables.endorsements).values(plan_id=plan_id, **endorsement._asdict()))


def list_activities(connection: Connection, *, after: int | None = None, limit: int) -> list[Activity]:
    """Some activities of all plans, in order of their numbers."""
    return find_activities(connection, tables.activities.c.id > (after or 0), limit)


def find_activity(connection: Connection, activity_id: int) -> Activity | None:
    """An activity; None where there is none of that number."""
    return next(iter(find_activities(connection, tables.activities.c.id == activity_id)), None)


def find_activities(connection: Connection, which: ColumnElement[bool], limit: int | None = None) -> list[Activity]:
    """Those of which something holds, in order of their numbers."""
    return _find(connection, tables.activities, which, limit, _activity)


def add_activity(connection: Connection, activity: Activity) -> int:
    """Add one to its plan; gives its number."""
    return _add(connection, tables.activities, _activity_row(activity))


def set_activity(connection: Connection, activity: Activity) -> None:
    """Say otherwise of one."""
    _set(connection, tables.activities, activity.activity_id, _activity_row(activity))


def list_milestones(connection: Connection, *, after: int | None = None, limit: int) -> list[Milestone]:
    """Some milestones of all activities, in order of their numbers."""
    return find_milestones(connection, tables.milestones.c.id > (after or 0), limit)


def find_milestone(connection: Connection, milestone_id: int) -> Milestone | None:
    """A milestone; None where there is none of that number."""
    return next(iter(find_milestones(connection, tables.milestones.c.id == milestone_id)), None)


def find_milestones(connection: Connection, which: ColumnElement[bool], limit: int | None = None) -> list[Milestone]:
    """Those of which something holds, in order of their numbers."""
    return _find(connection, tables.milestones, which, limit, _milestone)


def add_milestone(connection: Connection, milestone: Milestone) -> int:
    """Add one to its activity; gives its number."""
    return _add(connection, tables.milestones, _milestone_row(milestone))


def set_milestone(connection: Connection, milestone: Milestone) -> None:
    """Say otherwise of one."""
    _set(connection, tables.milestones, milestone.milestone_id, _milestone_row(milestone))


def _find(
    connection: Connection, table: Table, which: ColumnElement[bool], limit: int | None, made: Callable[[Any], R]
) -> list[R]:
    query = select(table).where(which).order_by(table.c.id)
    return [made(row) for row in connection.execute(query if limit is None else query.limit(limit))]


def _add(connection: Connection, table: Table, row: dict[str, Any]) -> int:
    number = next_id(connection, table)
    connection.execute(insert(table).values(id=number, **row))
    return number


def _set(connection: Connection, table: Table, number: int, row: dict[str, Any]) -> None:
    connection.execute(update(table).where(table.c.id == number).values(row))


def _activity_row(activity: Activity) -> dict[str, Any]:
    row = activity._asdict() | {name: _parties(getattr(activity, name)) for name in ("leads", "takes_part")}
    row.pop("activity_id")
    return row


def _activity(row: Any) -> Activity:
    return Activity(
        activity_id=row.id,
        plan_id=row.plan_id,
        title=row.title,
        area=Area(row.area),
        national_priority=row.national_priority,
        kind=Kind(row.kind),
        leads=frozenset(map(Party, orjson.loads(row.leads))),
        takes_part=frozenset(map(Party, orjson.loads(row.takes_part))),
        scenario=row.scenario,
        is_dropped=row.is_dropped,
    )


def _milestone_row(milestone: Milestone) -> dict[str, Any]:
    row = milestone._asdict() | {"due_on": milestone.due_on.isoformat()}
    row.pop("milestone_id")
    return row


def _milestone(row: Any) -> Milestone:
    due_on = date.fromisoformat(row.due_on)
    return Milestone(row.id, row.activity_id, row.title, due_on, Status(row.status), row.evidence)


def _parties(parties: frozenset[Party]) -> str:
    return orjson.dumps(sorted(parties)).decode()
