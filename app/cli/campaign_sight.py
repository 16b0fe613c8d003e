"""How the plan of a campaign and its nights are shown on the command line."""

from collections import Counter
from typing import Any

import typer

from app.cli.output import Column, print_table
from measurements.campaigns.campaign import Campaign
from measurements.campaigns.campaign_plan import Action, CampaignPlan

NIGHT = (
    Column("type"), Column("target"), Column("address_family"), Column("parameters", is_spared=True),
    Column("n_expected"), Column("n_received"), Column("missing"), Column("change"),
    Column("explanation", is_prose=True),
)  # fmt: skip
SIGNS = {Action.CREATE: "+", Action.KEEP: "=", Action.STOP: "-", Action.BLOCKED: "!"}


def show_night(on: str, one: dict[str, Any]) -> None:
    """What ran, what did not and why, and what changed since the night before."""
    typer.echo(f"{one['name']}, {on}: {one['n_ran']} of {one['n_cells']} measurements ran in {one['n_rounds']} rounds")
    typer.echo(
        f"{one['n_received']} of {one['n_expected']} results, completeness {_percent(one['completeness'])} "
        f"(the night before {_percent(one['completeness_before'])}); "
        f"{one['credits']} credits (the night before {one['credits_before']})"
    )
    if one["n_open"]:
        typer.echo(f"{one['n_open']} of the rounds are open still: more may come.")
    for reason, count in Counter(one["missed"]).items():
        typer.echo(f"{count} rounds were missed: {reason}")
    told = [cell for cell in one["cells"] if cell["missing"] is not None or cell["change"] is not None]
    if told:
        print_table(NIGHT, told, "what is missing, and what changed")


def _percent(ratio: float | None) -> str:
    return "unknown" if ratio is None else f"{ratio:.1%}"


def show_plan(document: Campaign, plan: CampaignPlan) -> None:
    """What would be created, stopped and kept, what it costs, and what drifted."""
    for step in plan.steps:
        one = step.allowed
        what = f"{one.type} to {one.target or 'the resolvers of the probes'}, IPv{one.address_family}"
        told = ", ".join(f"{name} {value}" for name, value in one.parameters.items())
        typer.echo(f"{SIGNS[step.action]} {step.action:8}{what}{f', {told}' if told else ''}")
        if step.reason is not None:
            typer.echo(f"             {step.reason.explanation}")
    counts = [f"{sum(one.action is action for one in plan.steps)} {action}" for action in Action]
    typer.echo(f"{document.name}: {', '.join(counts)}")
    typer.echo(
        f"{plan.credits_per_round} credits a round, {plan.n_rounds} rounds: {plan.credits_total} at most; "
        f"{plan.credits_committed} are spent or set aside, of a budget of {plan.budget_credits}"
    )
    if not plan.is_within_budget:
        typer.echo("That is more than the budget: later rounds would be refused.")
    for drift in plan.drift or ():
        typer.echo(f"? {drift.kind}: {drift.atlas_id} with the tag {drift.tag}")
