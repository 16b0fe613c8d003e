"""`rasad rehearsal serve`: an Atlas to practise on, for whoever has no key, and for tests."""

import json
import shlex
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.context import errors, fail, fails_clearly, instant
from app.dependencies import make_clock
from app.rehearsal.api.keys import CREATE_KEY, DEMONSTRATION_KEY, READ_KEY, STOP_KEY
from app.rehearsal.api.lifecycle import Habits
from app.rehearsal.assembly import Options, Rehearsal, begun_at
from app.rehearsal.faults.plan import SECTION, FaultPlan, UnusablePlan, read_plan
from app.rehearsal.server import Listening, Serving, run
from app.rehearsal.world import RehearsedWorld, ScenarioError, make_world, named_scenario
from app.rehearsal.world.scenario import read_scenario
from measurements.units import DAY_S, iso

app = typer.Typer(help="An Atlas to practise on: it speaks the API of RIPE Atlas, and measures nothing.")
_SCENARIO = "TOML: what happens in the world, and `faults`; a week of signals, again and again, unless given."
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
    scenario: Annotated[Path | None, typer.Option(help=_SCENARIO)] = None,
    faults: Annotated[Path | None, typer.Option(help="TOML or JSON: what goes wrong on the way.")] = None,
    speed: Annotated[float, typer.Option(min=0, max=10**6, help="Virtual seconds per second; 0 lets time stand.")] = 1,
    jump: Annotated[bool, typer.Option("--jump", help="Jump ahead when every worker only waits.")] = False,  # noqa: FBT002 - a flag
    seed: Annotated[int, typer.Option(min=0, max=2**32, help="Another seed is another world.")] = 0,
    start: Annotated[str | None, typer.Option(help="When it begins, ISO 8601; now unless given.")] = None,
    state: Annotated[Path | None, typer.Option(help="Keeps time and what was created over a restart.")] = None,
    ground_truth: Annotated[Path | None, typer.Option(help="Written at the end: what really happened.")] = None,
    ca_file: Annotated[Path, typer.Option(help="Where to write the certificate to trust.")] = Path("rehearsal-ca.pem"),
    as_json: Annotated[bool, typer.Option("--json", help="Say where it is as one line of JSON.")] = False,  # noqa: FBT002 - a flag
) -> None:
    """Serve an Atlas to practise on, over HTTP, HTTPS and websocket, until stopped.

    A scenario such as exercise.toml:
        name = "an exercise"

        signals = [{kind="loss", from="1h", to="2h", every="1d", share=0.2}]

        faults.rules = [{kind="hang", every=50, path="*/results/"}]

    Examples:
        rasad rehearsal serve

        rasad rehearsal serve --scenario exercise.toml --ground-truth truth.json

        rasad rehearsal serve --http 0 --https 0 --json --speed 60 --jump

    """
    clock = make_clock()
    begins = _begun(state) or instant("start", start)
    epoch = int(clock.now().timestamp()) if begins is None else begins
    world, plan = _read(scenario, faults, seed, epoch)
    options = Options(
        epoch=epoch,
        speed=speed,
        jumps=jump,
        plan=plan,
        habits=Habits(seed, SILENT_SHARE, SHORT_SHARE),
        state_file=state,
        ground_truth_file=ground_truth,
        tell_truth=world.whole_truth,
    )
    rehearsed = _rehearsed(world, options, clock.monotonic)
    serving = _serving(rehearsed, host, (http, https), ca_file)
    announce = _Announcement(as_json, iso(epoch - DAY_S // 2)[:10])
    run(serving, announce, rehearsed.save, (rehearsed.save, rehearsed.write_ground_truth))


app.command("serve")(serve)


def _rehearsed(world: RehearsedWorld, options: Options, monotonic: Callable[[], float]) -> Rehearsal:
    with _written("--state", options.state_file):
        rehearsed = Rehearsal(world, options, monotonic)
    with _written("--ground-truth", options.ground_truth_file):
        rehearsed.write_ground_truth()
    return rehearsed


def _serving(rehearsed: Rehearsal, host: str, ports: tuple[int, int], ca_file: Path) -> Serving:
    with _written("--ca-file", ca_file):
        ca_file.parent.mkdir(parents=True, exist_ok=True)
        ca_file.touch()
    try:
        return Serving(rehearsed, host, ports, ca_file)
    except OSError as error:
        fail(f"--http, --https: {host} cannot be listened on ({error.strerror}); take other ports, or 0")


def _begun(state: Path | None) -> int | None:
    """When the rehearsal in a state file began. Ends the command when that cannot be read."""
    try:
        return begun_at(state)
    except OSError as error:
        fail(f"--state: {state} cannot be read: {error.strerror}")
    except ValueError:
        fail(f"--state: {state} holds no rehearsal; remove it to begin a new one")


@contextmanager
def _written(option: str, path: Path | None) -> Iterator[None]:
    """Ends the command when a file cannot be written: now, and not when all is over."""
    try:
        yield
    except OSError as error:
        fail(f"{option}: {path} cannot be written: {error.strerror}")


def _read(scenario: Path | None, faults: Path | None, seed: int, epoch: int) -> tuple[RehearsedWorld, FaultPlan]:
    """The world, and what goes wrong on the way. Ends the command when it cannot be read, or not be played."""
    given = _document(scenario) if scenario else {}
    failing = _document(faults) if faults else {SECTION: given.get(SECTION, {})}
    try:
        plan = read_plan(failing, epoch)
        happening = {name: value for name, value in given.items() if name != SECTION}
        return make_world(seed, read_scenario(happening) if scenario else named_scenario(), epoch), plan
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
    day: str
    """From which day on there is something to read: the built-ins ran before it began."""

    def __call__(self, listening: Listening) -> None:
        """Say it: for programs on standard output, for people on standard error."""
        if self.as_json:
            keys = {"key": DEMONSTRATION_KEY, "create_key": CREATE_KEY, "read_key": READ_KEY, "stop_key": STOP_KEY}
            where = {"http": listening.http, "https": listening.https, "ca_file": str(listening.ca_file.resolve())}
            print(json.dumps({**where, **keys}), flush=True)
            return
        ca = shlex.quote(str(listening.ca_file.resolve()))
        where = {"http": listening.http, "https": listening.https, "ca": ca}
        errors.print(_TEXT.format(**where, key=DEMONSTRATION_KEY, day=self.day), markup=False)


_TEXT = """The rehearsal Atlas is up. What it reports is rehearsed, never measured.
  HTTP    {http}/api/v2/
  HTTPS   {https}/api/v2/   (to be trusted: {ca})
  stream  {http}/stream/
  key     {key}
Try it, in another terminal:
  curl '{http}/api/v2/probes/?country_code=TJ&fields=id,status'
  curl '{http}/api/v2/measurements/1001/latest/?format=txt'
With Rasad, from the folder it was set up in:
  export RASAD_ATLAS_URL={http} RASAD_ATLAS_IS_REHEARSAL=1
  export RASAD_ATLAS_KEY={key}
  .venv/bin/rasad db upgrade
  .venv/bin/rasad backfill --builtin k-root --country TJ --from {day}
  .venv/bin/rasad series rtt_median_ms --target k-root --label rehearsed
With ripe-atlas, where ripe.atlas.tools is installed:
  export REQUESTS_CA_BUNDLE={ca}
  ripe-atlas configure --set ripe-ncc.endpoint={https}
  ripe-atlas configure --set ripe-ncc.stream-base-url={http}
  ripe-atlas configure --set authorisation.create={key}
  ripe-atlas measure ping --target k.root-servers.net --from-country TJ --probes 3
Stop it with Ctrl-C."""
