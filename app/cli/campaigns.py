"""`rasad campaign`: questions to the Internet that are asked again and again, kept in a file and run by the worker."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.acting import acting
from app.cli.context import NUMBER, errors, fails_clearly, prepared_settings
from app.cli.door import atlas_door
from app.cli.output import AsJson, print_json, print_table
from app.cli.showing_campaigns import CAMPAIGNS, show_night, show_plan, show_status
from app.dependencies import atlas_label
from app.operations import keep_campaigns
from app.operations.campaign_entries import campaign_entry, campaign_page, campaign_status, plan_entry
from app.operations.plan_campaign import find_running, plan_campaign
from app.operations.summarise_nights import night_entries
from measurements.atlas.failures import AtlasFailure
from measurements.campaigns import shipping
from measurements.campaigns.campaign import Campaign, read_campaign
from measurements.campaigns.document import read_document
from measurements.errors import UnreadableFile
from measurements.results.outcome import Label
from measurements.units import iso

File = Annotated[Path, typer.Argument(metavar="FILE", help="The campaign, YAML or JSON.")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="The campaign's name.")]

campaign = typer.Typer(no_args_is_help=True, help="What is measured again and again: nightly, by cron, or once.")


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(campaign, name="campaign")


@campaign.command("plan")
@fails_clearly
def plan(file: File, as_json: AsJson = False) -> None:  # noqa: FBT002 - a flag
    """Show what applying a file would change: created, kept, stopped and blocked, what it costs, and what drifted.

    Nothing is changed, and nothing is sent but a question to RIPE Atlas about what runs.

    Examples:
        rasad campaign plan k-root-tj.yaml

        rasad campaign plan k-root-tj.yaml --json

    """
    document = _document(file)
    found, why = _running()
    with acting() as act:
        planned = plan_campaign(act, _label(), document, found, prepared_settings().limits)
    if as_json:
        print_json(plan_entry(planned))
        return
    show_plan(document, planned)
    if why is not None:
        typer.echo(f"RIPE Atlas could not be asked what runs, so that drift is not known: {why}")


@campaign.command("apply")
@fails_clearly
def apply(file: File, as_json: AsJson = False) -> None:  # noqa: FBT002 - a flag
    """Have measured what a file says from now on. The same file again changes nothing.

    The agreement that it names decides, every night anew: what is not on its card is refused, and the round says so.

    Example: rasad campaign apply k-root-tj.yaml
    """
    document = _document(file)
    with acting() as act:
        applied = keep_campaigns.apply_campaign(act, _label(), document)
        entry = campaign_entry(act.connection, applied.held)
    if as_json:
        print_json(entry)
    news = "is applied" if applied.is_changed else "is as it was"
    due = entry["next_round_at"]
    errors.print(
        f"campaign {document.name}, version {applied.held.version}, {news}; "
        + (f"its next round is due at {due}" if due else f"it is {entry['state']}, and no round is due"),
        markup=False,
    )


@campaign.command("list")
@fails_clearly
def list_(as_json: AsJson = False) -> None:  # noqa: FBT002 - a flag
    """List the campaigns, and when the next round of each is due.

    Example: rasad campaign list
    """
    entries, after = list[dict[str, Any]](), None
    with acting() as act:
        while True:
            page = campaign_page(act, _label(), after=after)
            entries += page.entries
            after = page.next_after
            if after is None:
                break
    print_json({"campaigns": entries}) if as_json else print_table(CAMPAIGNS, entries, "campaigns")


@campaign.command("status")
@fails_clearly
def status(name: Name, as_json: AsJson = False) -> None:  # noqa: FBT002 - a flag
    """Show how a campaign stands: its last rounds, and of the last one what is missing and why.

    Example: rasad campaign status k-root-tj
    """
    with acting() as act:
        entry = campaign_status(act, _label(), name)
    if as_json:
        print_json(entry)
        return
    show_status(entry)


@campaign.command("summary")
@fails_clearly
def summary(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="Of one campaign; default: of all.")] = None,
    on: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Which day's night, in Dushanbe; default: today's.")
    ] = None,
    as_json: AsJson = False,  # noqa: FBT002 - a flag
) -> None:
    """Say what became of the night: what ran, what did not and why, completeness, credits, and what changed.

    Examples:
        rasad campaign summary

        rasad campaign summary k-root-tj --on 2027-01-16 --json

    """
    with acting() as act:
        told = night_entries(act, _label(), None if on is None else on.date(), name)
    if as_json:
        print_json(told)
        return
    if not told["campaigns"]:
        typer.echo(f"No round of any campaign was due on {told['on']}.")
    for one in told["campaigns"]:
        show_night(told["on"], one)


@campaign.command("shipped")
@fails_clearly
def shipped(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="One of them; default: list them.")] = None,
    agreement: Annotated[int, typer.Option(help="The agreement that it is to run under.", **NUMBER)] = 1,
    card: Annotated[bool, typer.Option("--card", help="Print the draft of its card.")] = False,  # noqa: FBT002 - a flag
) -> None:
    """Print a campaign that comes with Rasad, to be kept in a file and applied; or the draft of its card, to agree on.

    Examples:
        rasad campaign shipped k-root-tj --card > card.json

        rasad campaign shipped k-root-tj --agreement 3 > k-root-tj.yaml

    """
    if name is None:
        for each in shipping.NAMES:
            typer.echo(f"{each}: {shipping.shipped_campaign(each).title}")
        return
    typer.echo(shipping.shipped_card(name) if card else shipping.shipped_text(name, agreement), nl=False)


@campaign.command("run")
@fails_clearly
def run(name: Name) -> None:
    """Have one more round measured now, beside the schedule; the worker sends it.

    Example: rasad campaign run k-root-tj
    """
    with acting() as act:
        asked = keep_campaigns.run_campaign(act, _label(), name, prepared_settings().limits)
    until = iso(asked.tick.until_at)
    errors.print(
        f"a round until {until}: {asked.n_permitted} measurements are permitted, {asked.n_refused} refused; "
        f"rasad campaign status {name} says why",
        markup=False,
    )


@campaign.command("pause")
@fails_clearly
def pause(name: Name) -> None:
    """Have nothing measured until it is resumed; the worker stops what runs, and reads it back.

    Example: rasad campaign pause k-root-tj
    """
    with acting() as act:
        keep_campaigns.pause_campaign(act, _label(), name)
    errors.print(f"campaign {name} is paused; what runs is stopped within two minutes", markup=False)


@campaign.command("resume")
@fails_clearly
def resume(name: Name) -> None:
    """Go on with a campaign that is paused.

    Example: rasad campaign resume k-root-tj
    """
    with acting() as act:
        held = keep_campaigns.resume_campaign(act, _label(), name)
    due = "no round is due" if held.next_at is None else f"its next round is due at {iso(held.next_at)}"
    errors.print(f"campaign {name} goes on; {due}", markup=False)


@campaign.command("stop")
@fails_clearly
def stop(name: Name) -> None:
    """Have nothing measured any more, until the file is applied again; the worker stops what runs, and reads it back.

    Example: rasad campaign stop k-root-tj
    """
    with acting() as act:
        keep_campaigns.stop_campaign(act, _label(), name)
    errors.print(f"campaign {name} is stopped; what runs is stopped within two minutes", markup=False)


def _label() -> Label:
    return atlas_label(prepared_settings())


def _running() -> tuple[dict[int, str] | None, str | None]:
    """What runs at RIPE Atlas; or why that is not known."""
    try:
        with atlas_door() as door:
            return find_running(door.atlas), None
    except AtlasFailure as failure:
        return None, str(failure)


def _document(path: Path) -> Campaign:
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise UnreadableFile(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UnreadableFile(f"{path} is no text: {error}") from error
    return read_campaign(read_document(text))
