"""How campaigns are shown to people: their plans, rounds and nights."""

from collections import Counter
from typing import Any

import typer

from app.cli.output import Column, print_table
from measurements.campaigns.campaign import Campaign
from measurements.campaigns.campaign_plan import Action, CampaignPlan

CAMPAIGNS = (
    Column("name", is_always=True), Column("state"), Column("version"), Column("agreement_id"), Column("next_round_at"),
    Column("ends_at"), Column("n_cells"), Column("credits_committed"), Column("budget_credits"),
    Column("title", is_prose=True, is_spared=True), Column("label", is_lifted=True),
)  # fmt: skip
ROUNDS = (
    Column("round_at"), Column("until_at", is_spared=True), Column("state"), Column("version", is_spared=True),
    Column("n_expected"), Column("n_received"), Column("completeness"), Column("reason", is_prose=True),
)  # fmt: skip
CELLS = (
    Column("type"), Column("target"), Column("address_family"), Column("atlas_id"), Column("n_expected"),
    Column("n_received"), Column("missing"), Column("explanation", is_prose=True),
)  # fmt: skip
NIGHT = (
    Column("type"), Column("target"), Column("address_family"), Column("parameters", is_spared=True),
    Column("n_expected"), Column("n_received"), Column("missing"), Column("change"),
    Column("explanation", is_prose=True),
)  # fmt: skip
SIGNS = {Action.CREATE: "+", Action.KEEP: "=", Action.STOP: "-", Action.BLOCKED: "!"}


def show_status(entry: dict[str, Any]) -> None:
    """A campaign with its last rounds, and the cells of the last one."""
    due = entry["next_round_at"] or "never"
    typer.echo(f"{entry['name']}, version {entry['version']}: {entry['state']}; next round {due}")
    typer.echo(f"{entry['credits_committed']} of {entry['budget_credits']} credits are spent or set aside")
    print_table(ROUNDS, entry["rounds"], "rounds")
    last = next((one for one in entry["rounds"] if one["cells"]), None)
    if last is not None:
        print_table(CELLS, last["cells"], f"round of {last['round_at']}")


def show_plan(document: Campaign, plan: CampaignPlan) -> None:
    """Line by line what would change, and what it costs."""
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


def show_night(on: str, one: dict[str, Any]) -> None:
    """What became of a campaign's night."""
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
