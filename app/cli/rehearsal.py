"""`rasad rehearsal serve`: an Atlas to practise on, for whoever has no key, and for tests."""

import json
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.context import errors, fail, fails_clearly, instant
from app.dependencies import make_clock
from app.rehearsal.api.keys import CREATE_KEY, DEMONSTRATION_KEY, READ_KEY, STOP_KEY
from app.rehearsal.api.lifecycle import Habits
from app.rehearsal.api.platform import Limits
from app.rehearsal.assembly import Options, Rehearsal, begun_at
from app.rehearsal.faults.plan import SECTION, FaultPlan, UnusablePlan, read_plan
from app.rehearsal.server import Listening, Serving, run
from app.rehearsal.world import Scenario, ScenarioError, make_world, named_scenario
from app.rehearsal.world.scenario import read_scenario

app = typer.Typer(help="An Atlas to practise on: it speaks the API of RIPE Atlas, and measures nothing.")
SILENT_SHARE, SHORT_SHARE = 0.02, 0.1
"""Of enlisted probes, how many never report; of larger selections, how many get a tenth fewer."""


@app.callback()
def rehearsal() -> None:
    """An Atlas to practise on: it speaks the API of RIPE Atlas, and measures nothing."""


@fails_clearly
def serve(
    http: Annotated[int, typer.Option(min=0, max=65535, help="Port of plain HTTP; 0 takes a free one.")] = 8081,
    https: Annotated[int, typer.Option(min=0, max=65535, help="Port of HTTPS; 0 takes a free one.")] = 8443,
    host: Annotated[str, typer.Option(help="Where to listen.")] = "127.0.0.1",
    scenario: Annotated[Path | None, typer.Option(help="TOML: what happens in the world, and `faults`.")] = None,
    faults: Annotated[Path | None, typer.Option(help="TOML or JSON: what goes wrong on the way.")] = None,
    speed: Annotated[float, typer.Option(min=0, help="Virtual seconds per second; 0 lets time stand.")] = 1.0,
    jump: Annotated[bool, typer.Option("--jump", help="Jump ahead when every worker only waits.")] = False,  # noqa: FBT002 - a flag
    seed: Annotated[int, typer.Option(help="Another seed is another world.")] = 0,
    start: Annotated[str | None, typer.Option(help="When it begins, ISO 8601; now unless given.")] = None,
    state: Annotated[Path | None, typer.Option(help="Keeps time and what was created over a restart.")] = None,
    ground_truth: Annotated[Path | None, typer.Option(help="Written at the end: what really happened.")] = None,
    ca_file: Annotated[Path, typer.Option(help="Where to write the certificate to trust.")] = Path("rehearsal-ca.pem"),
    as_json: Annotated[bool, typer.Option("--json", help="Say where it is as one line of JSON.")] = False,  # noqa: FBT002 - a flag
) -> None:
    """Serve an Atlas to practise on, over HTTP, HTTPS and websocket, until stopped.

    Examples:
        rasad rehearsal serve

        rasad rehearsal serve --scenario exercise.toml --ground-truth truth.json

        rasad rehearsal serve --http 0 --https 0 --json --speed 60 --jump

    """
    clock = make_clock()
    begins = begun_at(state) or instant("start", start)
    epoch = int(clock.now().timestamp()) if begins is None else begins
    played, plan = _read(scenario, faults, epoch)
    world = make_world(seed, played, epoch)
    options = Options(
        epoch=epoch,
        speed=speed,
        jumps=jump,
        plan=plan,
        limits=Limits(),
        habits=Habits(seed, SILENT_SHARE, SHORT_SHARE),
        state_file=state,
        ground_truth_file=ground_truth,
        tell_truth=world.ground_truth,
    )
    rehearsed = Rehearsal(world, options, clock.monotonic)
    try:
        serving = Serving(rehearsed, host, (http, https), ca_file)
    except OSError as error:
        fail(f"--http, --https: {host} cannot be listened on ({error.strerror}); take other ports, or 0")
    run(serving, _Announcement(as_json), rehearsed.save, (rehearsed.save, rehearsed.write_ground_truth))


app.command("serve")(serve)


def _read(scenario: Path | None, faults: Path | None, epoch: int) -> tuple[Scenario, FaultPlan]:
    """What happens in the world, and what goes wrong on the way. Ends the command when it cannot be read."""
    given = _document(scenario) if scenario else {}
    failing = _document(faults) if faults else {SECTION: given.get(SECTION, {})}
    try:
        plan = read_plan(failing, epoch)
        happening = {name: value for name, value in given.items() if name != SECTION}
        return read_scenario(happening) if scenario else named_scenario(), plan
    except (ScenarioError, UnusablePlan) as error:
        fail(f"{faults if faults and isinstance(error, UnusablePlan) else scenario}: {error}")


def _document(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
        document = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except OSError as error:
        fail(f"{path} cannot be read: {error.strerror}")
    except ValueError as error:
        fail(f"{path}: {error}")
    if not isinstance(document, dict):
        fail(f"{path}: a table is expected")
    return document


@dataclass(frozen=True)
class _Announcement:
    """Says where it is and how to try it."""

    as_json: bool

    def __call__(self, listening: Listening) -> None:
        """Say it: for programs on standard output, for people on standard error."""
        if self.as_json:
            keys = {"key": DEMONSTRATION_KEY, "create_key": CREATE_KEY, "read_key": READ_KEY, "stop_key": STOP_KEY}
            where = {"http": listening.http, "https": listening.https, "ca_file": str(listening.ca_file.resolve())}
            print(json.dumps({**where, **keys}), flush=True)
            return
        errors.print(
            _TEXT.format(http=listening.http, https=listening.https, ca=listening.ca_file, key=DEMONSTRATION_KEY)
        )


_TEXT = """The rehearsal Atlas is up. What it reports is rehearsed, never measured.
  HTTP    {http}/api/v2/
  HTTPS   {https}/api/v2/   (to be trusted: {ca})
  stream  {http}/stream/
  key     {key}
Try it:
  curl '{http}/api/v2/probes/?country_code=TJ&fields=id,status'
  curl '{http}/api/v2/measurements/1001/latest/?format=txt'
  export REQUESTS_CA_BUNDLE={ca}
  ripe-atlas configure --set ripe-ncc.endpoint={https}
  ripe-atlas configure --set ripe-ncc.stream-base-url={http}
  ripe-atlas configure --set authorisation.create={key}
  ripe-atlas measure ping --target k.root-servers.net --from-country TJ --probes 3
Stop it with Ctrl-C."""
