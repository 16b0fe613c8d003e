"""The Joint Activity Plan as it is told: what is meant to be done, how far it has come, and that it is non-binding."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from sqlalchemy import Connection

from app.operations.acting import Acting, require_role
from app.operations.keep_plan import etag_of, plain, require_activity, require_milestone, require_plan
from app.operations.served_activities import UNBOUND
from app.store import plans as store
from app.store.agreements import find_agreements, find_designations
from measurements.agreements.agreement import effective
from measurements.agreements.people import Act
from measurements.agreements.plan import Activity, Milestone, Plan
from measurements.agreements.transitions import newest
from measurements.units import iso


class Page(NamedTuple):
    """Some entries, and behind which number the next page begins."""

    entries: list[dict[str, Any]]
    next_after: int | None


def every(page: Callable[..., Page], acting: Acting) -> Iterator[dict[str, Any]]:
    """The entries of all pages."""
    after: int | None = None
    while True:
        found = page(acting, after=after)
        yield from found.entries
        if found.next_after is None:
            return
        after = found.next_after


def plan_page(acting: Acting, *, after: int | None = None, limit: int = 100) -> Page:
    """Some plans, without what belongs to them."""
    require_role(acting.caller, Act.READ_PLAN)
    found = store.list_plans(acting.connection, after=after, limit=limit + 1)
    shown = found[:limit]
    return Page([_plan(one) for one in shown], shown[-1].plan_id if len(found) > limit else None)


def plan_entry(acting: Acting, plan_id: int) -> dict[str, Any]:
    """A plan with all that belongs to it. Raises `NotFound`."""
    require_role(acting.caller, Act.READ_PLAN)
    return told_plan(acting.connection, require_plan(acting.connection, plan_id), acting.now_at)


def told_plan(connection: Connection, plan: Plan, now: int) -> dict[str, Any]:
    """A plan in plain values under the names of the wire, with all that belongs to it."""
    serving = _serving(connection, plan.activities, now)
    return {
        **_plan(plan),
        "activities": [
            _activity(one, plan.milestones_of(one), serving.get(one.activity_id, []), now) for one in plan.activities
        ],
    }


def activity_page(acting: Acting, *, after: int | None = None, limit: int = 100) -> Page:
    """Some activities, each with its milestones and the agreements that serve it."""
    require_role(acting.caller, Act.READ_PLAN)
    found = store.list_activities(acting.connection, after=after, limit=limit + 1)
    shown = found[:limit]
    entries = [told_activity(acting.connection, one, acting.now_at) for one in shown]
    return Page(entries, shown[-1].activity_id if len(found) > limit else None)


def activity_entry(acting: Acting, activity_id: int) -> dict[str, Any]:
    """One activity likewise. Raises `NotFound`."""
    require_role(acting.caller, Act.READ_PLAN)
    return told_activity(acting.connection, require_activity(acting.connection, activity_id), acting.now_at)


def told_activity(connection: Connection, activity: Activity, now: int) -> dict[str, Any]:
    """An activity in plain values under the names of the wire."""
    milestones = require_plan(connection, activity.plan_id).milestones_of(activity)
    serving = _serving(connection, [activity], now)
    return _activity(activity, milestones, serving.get(activity.activity_id, []), now)


def milestone_page(acting: Acting, *, after: int | None = None, limit: int = 100) -> Page:
    """Some milestones of all activities."""
    require_role(acting.caller, Act.READ_PLAN)
    found = store.list_milestones(acting.connection, after=after, limit=limit + 1)
    shown = found[:limit]
    entries = [told_milestone(one, acting.now_at) for one in shown]
    return Page(entries, shown[-1].milestone_id if len(found) > limit else None)


def milestone_entry(acting: Acting, milestone_id: int) -> dict[str, Any]:
    """One milestone. Raises `NotFound`."""
    require_role(acting.caller, Act.READ_PLAN)
    return told_milestone(require_milestone(acting.connection, milestone_id), acting.now_at)


def told_milestone(milestone: Milestone, now: int) -> dict[str, Any]:
    """A milestone in plain values under the names of the wire."""
    return {**plain(milestone), "progress": milestone.progress(now), "etag": etag_of(milestone), **UNBOUND}


def _plan(plan: Plan) -> dict[str, Any]:
    return {
        "plan_id": plan.plan_id,
        "title": plan.title,
        "version": plan.version,
        "digest": plan.digest,
        "opened_at": iso(plan.opened_at),
        "changed_at": iso(plan.changed_at),
        "n_activities": len(plan.activities),
        "endorsements": [
            {
                "party": one.party,
                "version": one.version,
                "digest": one.digest,
                "endorsed_at": iso(one.endorsed_at),
                "is_of_this_version": one.digest == plan.digest,
            }
            for one in plan.endorsements
        ],
        "etag": etag_of(plan),
        **UNBOUND,
    }


def _activity(
    activity: Activity, milestones: Iterable[Milestone], agreement_ids: list[int], now: int
) -> dict[str, Any]:
    return {
        **plain(activity),
        "milestones": [told_milestone(one, now) for one in milestones],
        "agreement_ids": agreement_ids,
        "etag": etag_of(activity),
        **UNBOUND,
    }


def _serving(connection: Connection, activities: Iterable[Activity], now: int) -> dict[int, list[int]]:
    """Activity -> the agreements whose card in force, or newest card, names it."""
    wanted = {one.activity_id for one in activities}
    serving: dict[int, list[int]] = {}
    designations = find_designations(connection)
    for agreement in find_agreements(connection) if wanted else ():
        named = (effective(agreement, designations, now) or newest(agreement)).card.activity_id
        if named in wanted and named is not None:
            serving.setdefault(named, []).append(agreement.agreement_id)
    return serving
