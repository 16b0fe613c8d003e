"""Assembles the commands of `rasad`. What a command needs is loaded when that command is asked for, and not before."""

from collections.abc import Callable, Mapping
from importlib.metadata import version
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_group

Part = Callable[[typer.Typer], None]
"""Loads commands that need much the same, and adds them. An ingest loads no web service, the service no rehearsal."""


def _taking_in(app: typer.Typer) -> None:
    from app.cli import database, ingest, objects  # noqa: PLC0415 - see the module's docstring

    ingest.register(app)
    objects.register(app)
    app.add_typer(database.app, name="db")


def _reading(app: typer.Typer) -> None:
    from app.cli import catalogue, quarantine, results, series  # noqa: PLC0415 - see the module's docstring

    app.command("series")(series.series)
    results.register(app)
    catalogue.register(app)
    app.add_typer(quarantine.app, name="quarantine")


def _asking(app: typer.Typer) -> None:
    from app.cli import (  # noqa: PLC0415 - see the module's docstring
        backfill,
        campaigns,
        collecting,
        dispatching,
        probes,
        registry,
        requests,
        treasury,
    )

    collecting.register(app)
    app.command("backfill")(backfill.run_backfill)
    registry.register(app)
    dispatching.register(app)
    campaigns.register(app)
    requests.register(app)
    treasury.register(app)
    app.add_typer(probes.app, name="probes")


def _agreeing(app: typer.Typer) -> None:
    from app.cli import (  # noqa: PLC0415 - see the module's docstring
        agreements,
        designations,
        glossary,
        memorandum,
        people,
        plan,
        reminders,
        reviews,
        targets,
    )

    for module in (agreements, memorandum, plan, reviews, targets, designations, people, reminders):
        module.register(app)
    app.command("glossary")(glossary.glossary)


def _looking_back(app: typer.Typer) -> None:
    from app.cli import audit, retention  # noqa: PLC0415 - see the module's docstring

    app.add_typer(audit.app, name="audit")
    app.add_typer(retention.app, name="retention")


def _serving(app: typer.Typer) -> None:
    from app.cli import serve, up  # noqa: PLC0415 - see the module's docstring

    app.command("serve")(serve.serve)
    app.command("worker")(serve.worker)
    app.command("run")(serve.run)
    app.command("up")(up.up)


def _operating(app: typer.Typer) -> None:
    from app.cli import alerts, backup, doctor, status  # noqa: PLC0415 - see the module's docstring

    for module in (status, alerts, backup, doctor):
        module.register(app)


def _rehearsing(app: typer.Typer) -> None:
    from app.cli import rehearsal  # noqa: PLC0415 - see the module's docstring

    app.add_typer(rehearsal.app, name="rehearsal")


COMMANDS: Mapping[Part, Mapping[str, str]] = {
    _taking_in: {
        "ingest": "Take in recorded RIPE Atlas results: JSON arrays, one object per line, gz, bz2 or zst, mixed types.",
        "reparse": "Rebuild all results, samples and bins from the raw records, and say what changed.",
        "ingest-measurements": (
            "Take in measurement objects of the platform: how often results are due, and of which probes."
        ),
        "ingest-probes": (
            "Take in probe objects of the platform: for which network and country a probe speaks, and since when."
        ),
        "db": "Create the database, or bring it up to date.",
    },
    _reading: {
        "series": "Show a metric over time, with its interval, its n and what is missing.",
        "results": "Show results, the newest first.",
        "targets": "Show what is known by name, and what results are held about.",
        "measurements": "Show the measurements whose objects were taken in; of others nothing is expected.",
        "metrics": "Show the metrics that a series can be asked for: question, unit, and how each is worked out.",
        "sites": "Show where the servers of K-root stand: the table by which the instances that answer are named.",
        "quarantine": "See the records that could not be used, and try them again.",
    },
    _asking: {
        "follow": "Follow measurements: the worker keeps their results complete from now on.",
        "unfollow": (
            "Follow measurements no longer: all of these, or none where one is not followed. What was collected stays."
        ),
        "followed": "List what is followed: how far collecting is, how old the newest result is, and who is silent.",
        "collect": "Collect now what is new of everything followed, without waiting for the worker. Safe beside it.",
        "backfill": (
            "Read the past of public measurements from RIPE Atlas: free, no key needed, one question at a time."
        ),
        "ingest-registry": (
            "Take in what registries list as Tajik: saved answers of RIPEstat, and lists that others have republished."
        ),
        "registry": "What registries say is Tajik: ask RIPEstat, and look something up.",
        "credits": "Whose credits are spent, and what is left.",
        "request": "Ask what you want to know.",
        "probes": "See probes, have some chosen, and leave some out.",
        "campaign": "What is measured again and again: nightly, by cron, or once.",
        "dispatch": "Have RIPE Atlas measure what the parties agreed on, if the gate says yes.",
        "dispatch-settle": "Say what became of a dispatch whose answer was lost, where that takes a person.",
        "withdraw": (
            "Take your party's consent back: everything under the agreement is stopped, and read back until it "
            "has stopped."
        ),
    },
    _agreeing: {
        "agreement": "What the parties agree to have measured.",
        "memorandum": "When the memorandum is in force, and until when.",
        "plan": "The Joint Activity Plan, which is non-binding.",
        "activity": "What the parties mean to do together.",
        "milestone": "The steps of an activity.",
        "review": "What the parties looked at together, and what comes next.",
        "terms": "Which terms of the RIPE NCC's services were accepted.",
        "target": "The catalogue of targets that may be named on a card.",
        "glossary": "Say in plain words what a term of the memorandum or of a briefing means.",
        "designate": "Note that a party designated somebody of its own: from then on that person speaks for it.",
        "designations": "List who represents the parties, and who once did.",
        "end-designation": (
            "End a designation. Votes that were cast stay valid; an end is brought forward at most, never put off."
        ),
        "admin": "Whoever runs the service.",
        "people": "The people who work with Rasad.",
        "keys": "Keys of people: shown once, kept as digests, revoked at once.",
        "reminders": "What the parties are reminded of; the worker looks daily.",
    },
    _looking_back: {
        "audit": "See what was done, by whom and why, and prove that it is as it was written.",
        "retention": "Erase results and values of single probes when their agreement says so, and see what was erased.",
    },
    _serving: {
        "serve": "Serve the API and its documentation on RASAD_HOST and RASAD_PORT (127.0.0.1:8000).",
        "worker": (
            "Run what is due in the background, until stopped: collect, refresh probes and registry, tend the database."
        ),
        "run": "Serve, and run the worker, in one process: enough for one machine.",
        "up": (
            "Bring the database up to date, take in the laboratory's recording, serve it, and practise. Safe to repeat."
        ),
    },
    _operating: {
        "status": (
            "Show how everything stands: memorandum, agreements, dispatches, what is followed, worker, credits, alerts."
        ),
        "alerts": "What is wrong; the worker looks every five minutes, and tells people.",
        "backup": "Make a backup of everything, while the service works: one file, whole or not at all.",
        "restore": (
            "Put a backup in the place of the database, in one step; what was erased since then is erased again."
        ),
        "doctor": "Examine everything that the service needs: a line each, ok, warn or fail, and what to do.",
    },
    _rehearsing: {
        "rehearsal": "An Atlas to practise on: it speaks the API of RIPE Atlas, and measures nothing.",
    },
}
"""What there is, by what loads it, and what `rasad --help` says of it: the first sentence of its own help."""
PARTS = {name: part for part, listed in COMMANDS.items() for name in listed}


class Commands(TyperGroup):
    """All commands, of which only those are loaded that were asked for; of the others it is known what they are."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        for listed in COMMANDS.values():
            self.commands.update({name: TyperCommand(name, help=told) for name, told in listed.items()})
        self._loaded: set[Part] = set()

    def load(self, part: Part) -> None:
        """Put the real commands of a part in the place of what is known of them."""
        if part not in self._loaded:
            self._loaded.add(part)
            loaded = typer.Typer(rich_markup_mode=self.rich_markup_mode)
            part(loaded)
            self.commands.update(get_group(loaded).commands)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that the first word names, loaded."""
        if args and args[0] in PARTS:
            self.load(PARTS[args[0]])
        return super().resolve_command(ctx, args)


app = typer.Typer(
    name="rasad",
    cls=Commands,
    help="Measure only what was agreed to be measured: recordings in, series out.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # a bug shows as Python shows it, without the values at hand
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _say_version(is_asked: bool) -> None:  # noqa: FBT001 - typer's signature of a callback
    if is_asked:
        typer.echo(f"rasad {version('rasad')}")
        raise typer.Exit


@app.callback()
def rasad(
    _: Annotated[  # noqa: FBT002 - a flag
        bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Say which version this is.")
    ] = False,
) -> None:
    """Measure only what was agreed to be measured: recordings in, series out."""
