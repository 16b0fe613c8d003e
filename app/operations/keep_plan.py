"""Keep the Joint Activity Plan: open it, say what is meant to be done and how far it has come, endorse it (Art. IV).

Each is one act of a person in one unit of work, told to the audit in it with all that is said from then on: so what was
said before is found there. Raises `NotPermitted`, `NotFound`, `ChangedMeanwhile` and `InvalidContent`.
"""

from collections.abc import Collection
from hashlib import sha256
from typing import Any, TypeVar

from sqlalchemy import Connection

from app.operations.acting import Acting, require_role
from app.operations.agree import speaking
from app.operations.designate import ETAG_CHARACTERS, ChangedMeanwhile
from app.operations.lines import require_lines
from app.store import plans as store
from measurements.agreements.audit import Act as Done
from measurements.agreements.audit import SubjectKind
from measurements.agreements.people import Act
from measurements.agreements.plan import FIRST_ON, LAST_ON, Activity, Endorsement, Milestone, Plan, digest_of_plan
from measurements.canonical import digest_of
from measurements.errors import InvalidContent, NotFound

T = TypeVar("T")
Etags = Collection[str] | None
"""Those by which somebody knows what is to be changed; None where it need not be as it was."""


def open_plan(acting: Acting, title: str) -> Plan:
    """Begin a plan."""
    require_role(acting.caller, Act.KEEP_PLAN)
    require_lines(title=title)
    plan_id = store.add_plan(acting.connection, title, digest_of_plan(title, (), ()), acting.now_at)
    _note(acting, Done.PLAN_OPENED, plan_id, {"title": title})
    return require_plan(acting.connection, plan_id)


def retitle_plan(acting: Acting, plan_id: int, title: str, etags: Etags = None) -> Plan:
    """Call a plan something else."""
    require_role(acting.caller, Act.KEEP_PLAN)
    require_lines(title=title)
    plan = require_plan(acting.connection, plan_id)
    require_unchanged(f"plan {plan_id}", etag_of(plan), etags)
    if title != plan.title:
        store.set_plan(acting.connection, plan._replace(title=title))
        _note(acting, Done.PLAN_CHANGED, plan_id, {"title": title})
    return _revised(acting, plan_id)


def endorse_plan(acting: Acting, plan_id: int, digest: str) -> Plan:
    """Say for a party that it likes a plan as it stands; that binds nobody. To say it again changes nothing."""
    party, designation_id = speaking(acting, Act.ENDORSE_PLAN)
    plan = require_plan(acting.connection, plan_id)
    if digest != plan.digest:
        raise InvalidContent([("/digest", f"the plan has the digest {plan.digest} now; read it again")])
    if party not in plan.endorsed_by:
        endorsement = Endorsement(party, plan.version, digest, designation_id, acting.now_at)
        store.add_endorsement(acting.connection, plan_id, endorsement)
        _note(acting, Done.PLAN_ENDORSED, plan_id, {"is_binding": False}, version=plan.version, digest=digest)
    return require_plan(acting.connection, plan_id)


def add_activity(acting: Acting, activity: Activity) -> Activity:
    """Add something to do to a plan."""
    require_role(acting.caller, Act.KEEP_PLAN)
    require_plan(acting.connection, activity.plan_id)
    _require_sensible(activity)
    made = activity._replace(activity_id=store.add_activity(acting.connection, activity))
    _note(acting, Done.ACTIVITY_ADDED, made.plan_id, plain(made))
    _revised(acting, made.plan_id)
    return made


def change_activity(acting: Acting, activity: Activity, etags: Etags = None) -> Activity:
    """Say otherwise what is to be done, or that it is dropped. It stays in its plan."""
    require_role(acting.caller, Act.KEEP_PLAN)
    held = require_activity(acting.connection, activity.activity_id)
    require_unchanged(f"activity {held.activity_id}", etag_of(held), etags)
    made = activity._replace(plan_id=held.plan_id)
    _require_sensible(made)
    if made != held:
        store.set_activity(acting.connection, made)
        _note(acting, Done.ACTIVITY_CHANGED, made.plan_id, plain(made))
        _revised(acting, made.plan_id)
    return made


def add_milestone(acting: Acting, milestone: Milestone) -> Milestone:
    """Add a step to an activity."""
    require_role(acting.caller, Act.KEEP_PLAN)
    activity = require_activity(acting.connection, milestone.activity_id)
    if activity.is_dropped:
        raise InvalidContent([("/activity_id", f"activity {activity.activity_id} was dropped")])
    _require_told(milestone)
    made = milestone._replace(milestone_id=store.add_milestone(acting.connection, milestone))
    _note(acting, Done.MILESTONE_ADDED, activity.plan_id, plain(made))
    _revised(acting, activity.plan_id)
    return made


def change_milestone(acting: Acting, milestone: Milestone, etags: Etags = None) -> Milestone:
    """Say otherwise of a step: when it is due, how far it has come, what shows it. It stays in its activity."""
    require_role(acting.caller, Act.KEEP_PLAN)
    held = require_milestone(acting.connection, milestone.milestone_id)
    require_unchanged(f"milestone {held.milestone_id}", etag_of(held), etags)
    made = milestone._replace(activity_id=held.activity_id)
    _require_told(made)
    if made != held:
        plan_id = require_activity(acting.connection, held.activity_id).plan_id
        store.set_milestone(acting.connection, made)
        _note(acting, Done.MILESTONE_CHANGED, plan_id, plain(made))
        _revised(acting, plan_id)
    return made


def require_plan(connection: Connection, plan_id: int) -> Plan:
    """A plan that is there."""
    return _there(store.find_plan(connection, plan_id), f"plan {plan_id}")


def require_activity(connection: Connection, activity_id: int) -> Activity:
    """An activity that is there."""
    return _there(store.find_activity(connection, activity_id), f"activity {activity_id}")


def require_milestone(connection: Connection, milestone_id: int) -> Milestone:
    """A milestone that is there."""
    return _there(store.find_milestone(connection, milestone_id), f"milestone {milestone_id}")


def _there(found: T | None, what: str) -> T:
    if found is None:
        raise NotFound(f"There is no {what}.")
    return found


def plain(told: Activity | Milestone) -> dict[str, Any]:
    """All of it in values that JSON knows."""
    values: dict[str, Any] = told._asdict()
    if isinstance(told, Activity):
        return values | {"leads": sorted(told.leads), "takes_part": sorted(told.takes_part)}
    return values | {"due_on": told.due_on.isoformat()}


def etag_of(told: Plan | Activity | Milestone) -> str:
    """A word that is another one after every change (RFC 9110, 8.8.3), with its quotes."""
    if isinstance(told, Plan):
        digest = sha256(f"{told.version} {told.changed_at} {told.digest}".encode()).hexdigest()
    else:
        digest = digest_of(plain(told))
    return f'"{digest[:ETAG_CHARACTERS]}"'


def require_unchanged(what: str, etag: str, etags: Etags) -> None:
    """Raise `ChangedMeanwhile` unless it is as somebody read it."""
    if etags is not None and etag not in etags:
        raise ChangedMeanwhile(f"The {what} was changed meanwhile; read it again.")


def _require_sensible(activity: Activity) -> None:
    said = {"title": activity.title, "national_priority": activity.national_priority}
    require_lines(**said, **({} if activity.scenario is None else {"scenario": activity.scenario}))
    if activity.problems:
        raise InvalidContent(activity.problems)


def _require_told(milestone: Milestone) -> None:
    said = {} if milestone.evidence is None else {"evidence": milestone.evidence}
    require_lines(title=milestone.title, **said)
    if not FIRST_ON <= milestone.due_on <= LAST_ON:
        raise InvalidContent([("/due_on", f"is a day from {FIRST_ON} to {LAST_ON}")])


def _revised(acting: Acting, plan_id: int) -> Plan:
    """The plan, as another version of itself where it says something else now."""
    plan = require_plan(acting.connection, plan_id)
    digest = digest_of_plan(plan.title, plan.activities, plan.milestones)
    if digest != plan.digest:
        plan = plan._replace(version=plan.version + 1, digest=digest, changed_at=acting.now_at)
        store.set_plan(acting.connection, plan)
    return plan


def _note(acting: Acting, done: Done, plan_id: int, details: dict[str, Any], **more: Any) -> None:
    acting.note(done, SubjectKind.PLAN, plan_id, details=details, **more)
