"""`rasad plan`, `activity` and `milestone`: what the parties mean to do together. All of it is non-binding."""

from datetime import date
from typing import Annotated, Any

import typer

from app.cli.acting import acting
from app.cli.context import NUMBER, errors, fails_clearly
from app.cli.output import AsJson, Column, print_json, print_table
from app.operations import keep_plan
from app.operations.plan_entries import activity_entry, activity_page, every, milestone_page, plan_entry, plan_page
from measurements.agreements.parties import Party
from measurements.agreements.plan import NON_BINDING, Activity, Area, Kind, Milestone, Status
from measurements.errors import InvalidFilter

PLANS = (Column("plan_id"), Column("title", is_prose=True), Column("version"), Column("n_activities"), Column("digest"))
ACTIVITIES = (
    Column("activity_id"), Column("plan_id"), Column("title", is_prose=True), Column("area"), Column("kind"),
    Column("leads"), Column("takes_part", is_spared=True), Column("agreement_ids"),
    Column("is_dropped", is_lifted=True),
)  # fmt: skip
MILESTONES = (
    Column("milestone_id"), Column("activity_id"), Column("title", is_prose=True), Column("due_on"),
    Column("progress"), Column("evidence", is_spared=True),
)  # fmt: skip
PlanNumber = Annotated[int, typer.Argument(metavar="NUMBER", help="The plan's number.", **NUMBER)]
ActivityNumber = Annotated[int, typer.Argument(metavar="NUMBER", help="The activity's number.", **NUMBER)]
MilestoneNumber = Annotated[int, typer.Argument(metavar="NUMBER", help="The milestone's number.", **NUMBER)]
Leads = Annotated[list[Party] | None, typer.Option("--lead", help="A party that leads it; more than once.")]
With = Annotated[list[Party] | None, typer.Option("--with", help="A party that takes part; more than once.")]
Scenario = Annotated[str | None, typer.Option(help="Of an exercise: what the rehearsal Atlas plays.")]
Evidence = Annotated[str | None, typer.Option(help="A link or a reference to what shows it.")]

NONE = {
    "plans": "no plan yet: rasad plan open TITLE begins one",
    "activities": "no activity yet: rasad activity add PLAN --title TITLE --area II.5 and so on adds one",
    "milestones": "no milestone yet: rasad milestone add ACTIVITY --title TITLE --due DAY adds one",
}
"""What is said of an empty list."""
plan = typer.Typer(no_args_is_help=True, help="The Joint Activity Plan, which is non-binding.")
activity = typer.Typer(no_args_is_help=True, help="What the parties mean to do together.")
milestone = typer.Typer(no_args_is_help=True, help="The steps of an activity.")


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    for group, name in ((plan, "plan"), (activity, "activity"), (milestone, "milestone")):
        app.add_typer(group, name=name)


@plan.command("open")
@fails_clearly
def open_(title: Annotated[str, typer.Argument(help="What it is called.")]) -> None:
    """Begin a Joint Activity Plan.

    Example: rasad plan open "Joint Activity Plan 2027"
    """
    with acting() as act:
        made = keep_plan.open_plan(act, title)
    errors.print(f"plan {made.plan_id} is open; rasad activity add {made.plan_id} says what is meant", markup=False)


@plan.command("title")
@fails_clearly
def retitle(number: PlanNumber, title: Annotated[str, typer.Argument(help="What it is called now.")]) -> None:
    """Call a plan something else.

    Example: rasad plan title 1 "Joint Activity Plan 2027 and 2028"
    """
    with acting() as act:
        made = keep_plan.retitle_plan(act, number, title)
    errors.print(f"plan {number}, version {made.version}", markup=False)


@plan.command("list")
@fails_clearly
def list_plans(as_json: AsJson = False) -> None:  # noqa: FBT002 - a flag
    """List the plans.

    Example: rasad plan list
    """
    with acting() as act:
        entries = list(every(plan_page, act))
    _show(PLANS, "plans", entries, as_json=as_json)


@plan.command("show")
@fails_clearly
def show_plan(number: PlanNumber, as_json: AsJson = False) -> None:  # noqa: FBT002 - a flag
    """Show a plan: its activities, how far their milestones have come, and who endorsed it.

    Example: rasad plan show 1
    """
    with acting() as act:
        entry = plan_entry(act, number)
    if as_json:
        print_json(entry)
        return
    typer.echo(f"Plan {number}, version {entry['version']}: {entry['title']}")
    for one in entry["endorsements"]:
        older = "" if one["is_of_this_version"] else ", which is not this one"
        typer.echo(f"{one['party'].full_name} endorsed version {one['version']}{older}.")
    print_table(ACTIVITIES, entry["activities"], "activities", if_none=NONE["activities"])
    steps = _worded(step for one in entry["activities"] for step in one["milestones"])
    print_table(MILESTONES, steps, "milestones", if_none=NONE["milestones"])
    typer.echo(NON_BINDING)


@plan.command("endorse")
@fails_clearly
def endorse(
    number: PlanNumber,
    digest: Annotated[str, typer.Option(help="Of what you were shown: rasad plan list tells it.")],
) -> None:
    """Say for your party that it likes a plan as it stands. That is non-binding, too.

    Example: rasad plan endorse 1 --digest 66305d47…
    """
    with acting() as act:
        made = keep_plan.endorse_plan(act, number, digest)
    names = ", ".join(sorted(party.full_name for party in made.endorsed_by))
    errors.print(f"version {made.version} of plan {number} is endorsed by {names}. {NON_BINDING}", markup=False)


@activity.command("add")
@fails_clearly
def add_activity(
    number: PlanNumber,
    title: Annotated[str, typer.Option(help="What is done.")],
    area: Annotated[Area, typer.Option(help="The item of Art. II that it serves.")],
    priority: Annotated[str, typer.Option(help="The national priority that it serves.")],
    kind: Annotated[Kind, typer.Option(help="What it is.")],
    leads: Leads = None,
    takes_part: With = None,
    scenario: Scenario = None,
) -> None:
    """Add an activity to a plan. An exercise is practice on the rehearsal Atlas, and names its scenario.

    Example: rasad activity add 1 --title "A cable is cut" --area II.4 --priority Skills --kind exercise --lead ripe_ncc
    --scenario practice
    """
    wanted = Activity(
        0, number, title, area, priority, kind, frozenset(leads or ()), frozenset(takes_part or ()), scenario
    )
    with acting() as act:
        made = keep_plan.add_activity(act, wanted)
    errors.print(f"activity {made.activity_id} is in plan {number}; a card may name it as activity_id", markup=False)


@activity.command("change")
@fails_clearly
def change_activity(
    number: ActivityNumber,
    title: Annotated[str | None, typer.Option(help="What is done.")] = None,
    area: Annotated[Area | None, typer.Option(help="The item of Art. II that it serves.")] = None,
    priority: Annotated[str | None, typer.Option(help="The national priority that it serves.")] = None,
    leads: Leads = None,
    takes_part: With = None,
    scenario: Scenario = None,
    is_dropped: Annotated[bool | None, typer.Option("--drop/--take-up", help="Whether it is dropped.")] = None,
) -> None:
    """Say otherwise of an activity, or drop it. What was said before stays in the audit.

    Example: rasad activity change 3 --drop
    """
    given = {
        "title": title, "area": area, "national_priority": priority, "scenario": scenario, "is_dropped": is_dropped,
        "leads": None if leads is None else frozenset(leads),
        "takes_part": None if takes_part is None else frozenset(takes_part),
    }  # fmt: skip
    with acting() as act:
        held = keep_plan.require_activity(act.connection, number)
        keep_plan.change_activity(act, held._replace(**_given(given)))
    errors.print(f"activity {number} is changed", markup=False)


@activity.command("list")
@fails_clearly
def list_activities(as_json: AsJson = False) -> None:  # noqa: FBT002 - a flag
    """List the activities of all plans, with the agreements that serve them.

    Example: rasad activity list
    """
    with acting() as act:
        entries = list(every(activity_page, act))
    _show(ACTIVITIES, "activities", entries, as_json=as_json)


@activity.command("show")
@fails_clearly
def show_activity(number: ActivityNumber) -> None:
    """Show an activity: its milestones, and the agreements that serve it.

    Example: rasad activity show 3
    """
    with acting() as act:
        print_json(activity_entry(act, number))


@milestone.command("add")
@fails_clearly
def add_milestone(
    number: ActivityNumber,
    title: Annotated[str, typer.Option(help="What is reached.")],
    due: Annotated[str, typer.Option(metavar="DAY", help="By the end of which day, in Dushanbe.")],
) -> None:
    """Add a step to an activity.

    Example: rasad milestone add 3 --title "Twelve engineers took part" --due 2027-04-30
    """
    wanted = Milestone(0, number, title, _day(due))
    with acting() as act:
        made = keep_plan.add_milestone(act, wanted)
    errors.print(f"milestone {made.milestone_id} is added to activity {number}", markup=False)


@milestone.command("change")
@fails_clearly
def change_milestone(
    number: MilestoneNumber,
    title: Annotated[str | None, typer.Option(help="What is reached.")] = None,
    due: Annotated[str | None, typer.Option(metavar="DAY", help="By the end of which day, in Dushanbe.")] = None,
    status: Annotated[Status | None, typer.Option(help="How far it has come.")] = None,
    evidence: Evidence = None,
) -> None:
    """Say how far a step has come, or that it is due on another day.

    Example: rasad milestone change 5 --status done --evidence https://example.net/report
    """
    due_on = None if due is None else _day(due)
    given = {"title": title, "due_on": due_on, "status": status, "evidence": evidence}
    with acting() as act:
        held = keep_plan.require_milestone(act.connection, number)
        made = keep_plan.change_milestone(act, held._replace(**_given(given)))
        progress = made.progress(act.now_at).words
    errors.print(f"milestone {number}, due on {made.due_on}: {progress}", markup=False)


@milestone.command("list")
@fails_clearly
def list_milestones(as_json: AsJson = False) -> None:  # noqa: FBT002 - a flag
    """List the milestones of all activities, and how far each has come.

    Example: rasad milestone list
    """
    with acting() as act:
        entries = list(every(milestone_page, act))
    _show(MILESTONES, "milestones", entries if as_json else _worded(entries), as_json=as_json)


def _show(columns: tuple[Column, ...], name: str, entries: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        print_json({name: entries, "is_binding": False, "standing": NON_BINDING})
        return
    print_table(columns, entries, name, if_none=NONE[name])
    typer.echo(NON_BINDING)


def _worded(entries: Any) -> list[dict[str, Any]]:
    return [{**one, "progress": one["progress"].words} for one in entries]


def _given(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidFilter("due", f"{text!r:.80} is no day like 2026-12-31") from None
