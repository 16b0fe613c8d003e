"""`/plans`, `/activities` and `/milestones`: what the parties mean to do together. All of it is non-binding."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from app.api.callers import TheCaller, for_act
from app.api.negotiation import accepts_json
from app.api.paging import NUMBER, read_cursor, write_cursor
from app.api.schemas import plans as schemas
from app.api.schemas.base import NoFilters, OurNumber
from app.api.schemas.people import PageFilters
from app.api.service import ReadConnection, TheService
from app.api.wire import JsonAnswer
from app.api.writing import IfMatch, TheOnce, TheUnit
from app.operations import keep_plan
from app.operations.acting import Acting
from app.operations.answer_once import Answer
from app.operations.plan_entries import (
    activity_entry,
    activity_page,
    milestone_entry,
    milestone_page,
    plan_entry,
    plan_page,
    told_activity,
    told_milestone,
    told_plan,
)
from measurements.agreements.people import Act
from measurements.agreements.plan import Activity, Milestone, Plan

router = APIRouter(tags=["plan"], dependencies=[Depends(accepts_json)])
Number = Annotated[OurNumber, Path()]
Nothing = Annotated[NoFilters, Query()]


def reading(caller: TheCaller, connection: ReadConnection, service: TheService) -> Acting:
    """Somebody who only reads."""
    return Acting(connection, caller, service.now_at())


Reading = Annotated[Acting, Depends(reading)]
Page = Annotated[PageFilters, Query()]


@router.get("/plans", response_model=schemas.PlanPage, **for_act(Act.READ_PLAN))
def get_plans(filters: Page, acting: Reading) -> JsonAnswer:
    """List the plans, and who endorsed which version."""
    page = plan_page(acting, after=read_cursor(filters.cursor, NUMBER), limit=filters.limit)
    return JsonAnswer({"plans": page.entries, "next_cursor": write_cursor(page.next_after)})


@router.post("/plans", status_code=201, response_model=schemas.Plan, **for_act(Act.KEEP_PLAN, 422))
def post_plan(_: Nothing, body: schemas.NewPlan, once: TheOnce) -> JsonAnswer:
    """Begin a plan."""
    return once.act(body, lambda acting: _plan(acting, keep_plan.open_plan(acting, body.title), 201))


@router.get("/plans/{plan_id}", response_model=schemas.Plan, **for_act(Act.READ_PLAN, 404))
def get_plan(plan_id: Number, _: Nothing, acting: Reading) -> JsonAnswer:
    """Show a plan with its activities, their milestones, and the agreements that serve them."""
    return JsonAnswer(plan_entry(acting, plan_id))


@router.put("/plans/{plan_id}", response_model=schemas.Plan, **for_act(Act.KEEP_PLAN, 404, 412, 428))
def put_plan(plan_id: Number, _: Nothing, body: schemas.NewPlan, etags: IfMatch, unit: TheUnit) -> JsonAnswer:
    """Call a plan something else."""
    return unit.act(lambda acting: _plan(acting, keep_plan.retitle_plan(acting, plan_id, body.title, etags), 200))


@router.post(
    "/plans/{plan_id}/endorsements", response_model=schemas.Plan, status_code=201,
    **for_act(Act.ENDORSE_PLAN, 404, 422),
)  # fmt: skip
def post_endorsement(plan_id: Number, _: Nothing, body: schemas.NewEndorsement, once: TheOnce) -> JsonAnswer:
    """Say for a party that it likes a plan as it stands. That is non-binding, too."""
    return once.act(body, lambda acting: _plan(acting, keep_plan.endorse_plan(acting, plan_id, body.digest), 201))


@router.post(
    "/plans/{plan_id}/activities", status_code=201, response_model=schemas.Activity, **for_act(Act.KEEP_PLAN, 404, 422)
)
def post_activity(plan_id: Number, _: Nothing, body: schemas.NewActivity, once: TheOnce) -> JsonAnswer:
    """Add something to do to a plan."""
    wanted = _wanted(body, plan_id=plan_id)
    return once.act(body, lambda acting: _activity(acting, keep_plan.add_activity(acting, wanted), 201))


@router.get("/activities", response_model=schemas.ActivityPage, **for_act(Act.READ_PLAN))
def get_activities(filters: Page, acting: Reading) -> JsonAnswer:
    """List the activities of all plans."""
    page = activity_page(acting, after=read_cursor(filters.cursor, NUMBER), limit=filters.limit)
    return JsonAnswer({"activities": page.entries, "next_cursor": write_cursor(page.next_after)})


@router.get("/activities/{activity_id}", response_model=schemas.Activity, **for_act(Act.READ_PLAN, 404))
def get_activity(activity_id: Number, _: Nothing, acting: Reading) -> JsonAnswer:
    """Show an activity with its milestones, and the agreements that serve it."""
    return JsonAnswer(activity_entry(acting, activity_id))


@router.put("/activities/{activity_id}", response_model=schemas.Activity, **for_act(Act.KEEP_PLAN, 404, 412, 428))
def put_activity(
    activity_id: Number, _: Nothing, body: schemas.ChangedActivity, etags: IfMatch, unit: TheUnit
) -> JsonAnswer:
    """Say otherwise of an activity, or drop it. What was said before stays in the audit."""
    wanted = _wanted(body, activity_id=activity_id)._replace(is_dropped=body.is_dropped)
    return unit.act(lambda acting: _activity(acting, keep_plan.change_activity(acting, wanted, etags), 200))


@router.post(
    "/activities/{activity_id}/milestones", status_code=201, response_model=schemas.Milestone,
    **for_act(Act.KEEP_PLAN, 404, 422),
)  # fmt: skip
def post_milestone(activity_id: Number, _: Nothing, body: schemas.NewMilestone, once: TheOnce) -> JsonAnswer:
    """Add a step to an activity."""
    wanted = Milestone(0, activity_id, body.title, body.due_on)
    return once.act(body, lambda acting: _milestone(acting, keep_plan.add_milestone(acting, wanted), 201))


@router.get("/milestones", response_model=schemas.MilestonePage, **for_act(Act.READ_PLAN))
def get_milestones(filters: Page, acting: Reading) -> JsonAnswer:
    """List the milestones of all activities, and how far each has come."""
    page = milestone_page(acting, after=read_cursor(filters.cursor, NUMBER), limit=filters.limit)
    return JsonAnswer({"milestones": page.entries, "next_cursor": write_cursor(page.next_after)})


@router.get("/milestones/{milestone_id}", response_model=schemas.Milestone, **for_act(Act.READ_PLAN, 404))
def get_milestone(milestone_id: Number, _: Nothing, acting: Reading) -> JsonAnswer:
    """Show a milestone."""
    return JsonAnswer(milestone_entry(acting, milestone_id))


@router.put("/milestones/{milestone_id}", response_model=schemas.Milestone, **for_act(Act.KEEP_PLAN, 404, 412, 428))
def put_milestone(
    milestone_id: Number, _: Nothing, body: schemas.ChangedMilestone, etags: IfMatch, unit: TheUnit
) -> JsonAnswer:
    """Say how far a step has come, or that it is due on another day."""
    wanted = Milestone(milestone_id, 0, body.title, body.due_on, body.status, body.evidence)
    return unit.act(lambda acting: _milestone(acting, keep_plan.change_milestone(acting, wanted, etags), 200))


def _wanted(body: schemas.NewActivity, *, activity_id: int = 0, plan_id: int = 0) -> Activity:
    leads, takes_part = frozenset(body.leads), frozenset(body.takes_part)
    return Activity(
        activity_id, plan_id, body.title, body.area, body.national_priority, body.kind, leads, takes_part, body.scenario
    )


def _plan(acting: Acting, plan: Plan, status: int) -> Answer:
    return Answer(told_plan(acting.connection, plan, acting.now_at), keep_plan.etag_of(plan), status)


def _activity(acting: Acting, activity: Activity, status: int) -> Answer:
    return Answer(told_activity(acting.connection, activity, acting.now_at), keep_plan.etag_of(activity), status)


def _milestone(acting: Acting, milestone: Milestone, status: int) -> Answer:
    return Answer(told_milestone(milestone, acting.now_at), keep_plan.etag_of(milestone), status)
