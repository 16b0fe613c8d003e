"""`rasad up`: everything a newcomer needs, in one command."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from shlex import quote
from threading import Event

from sqlalchemy import Engine

from app.cli.acting import MACHINE
from app.cli.context import database, errors, fails_clearly, make_data_dir, prepared_settings
from app.cli.knocking import address_of, is_up
from app.cli.practice import follow_k_root, practising
from app.cli.serve import require_free_port, serve_with
from app.cli.story import Story, telling
from app.dependencies import atlas_clock, atlas_label, make_clock
from app.durable import InUse, held_alone
from app.files import Recording, find_recordings
from app.logs import set_up_logs
from app.operations.acting import Acting
from app.operations.demonstrate import demonstrate
from app.operations.ingest_measurements import ingest_measurements
from app.operations.ingest_probes import ingest_probes
from app.operations.ingest_results import ingest_results
from app.operations.prepare_records import Preparer
from app.operations.remind import count_open
from app.settings import Settings, for_practice
from app.specimens import LABORATORY_BEGAN_AT, LABORATORY_MEASUREMENTS, LABORATORY_PROBES, LABORATORY_RESULTS
from app.store.engine import create_engine_for, reading, transactions
from app.store.migrate import upgrade
from app.worker import working
from measurements.results.outcome import Label
from measurements.units import seconds


@fails_clearly
def up() -> None:
    """Bring the database up to date, take in the laboratory's recording, serve it, and practise. Safe to repeat.

    The recording comes with Rasad and is labelled `laboratory`: the real probe code in an isolated network.

    Without a key (RASAD_ATLAS_KEY) everything is practice, in a folder and a database of its own: a rehearsal Atlas
    runs beside the service, three demonstration representatives agree on a campaign, and a night of it runs in fast
    motion. All of it is labelled `rehearsed`. With a key nothing is rehearsed and nothing is agreed automatically:
    what you follow is collected from RIPE Atlas.

    Example: rasad up
    """
    chosen = prepared_settings()
    is_practice = not chosen.is_atlas_chosen
    settings = for_practice(chosen) if is_practice else chosen
    set_up_logs(settings.log_level, settings.log_format)
    if is_up(settings):
        _announce(settings, "Rasad is already up.")
        return
    require_free_port(settings)
    make_data_dir(settings)
    with _alone(settings), ExitStack() as stack:
        upgrade(settings.database_url)
        held = _take_in_laboratory(settings)
        practice = stack.enter_context(practising(settings)) if is_practice else None
        door = settings if practice is None else practice.settings
        engine = stack.enter_context(database(settings))
        if practice is not None:
            _practise(engine, door)
        news = f"Rasad is up. {held}{_reminders(engine)}"
        worker = stack.enter_context(working(door, engine, Event()))
        story = practice and stack.enter_context(telling(engine, practice, make_clock(), address_of(settings)))
        serve_with(settings, lambda: _begin(settings, news, door, story), worker.clock)


def _begin(settings: Settings, news: str, door: Settings, story: Story | None) -> None:
    _announce(settings, news, door)
    if story is not None:
        story.begin()


def _practise(engine: Engine, door: Settings) -> None:
    """Have the demonstration agreed on, unless it is, and K-root's built-ins followed."""
    with atlas_clock(door) as clock, transactions(engine)() as connection:
        demonstrate(Acting(connection, MACHINE, seconds(clock.now())), atlas_label(door))
    follow_k_root(transactions(engine), door)


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    """Nobody else does all this on the same data, on another port."""
    with ExitStack() as stack:
        try:
            stack.enter_context(held_alone(settings.data_dir / "up.lock"))
        except InUse as error:
            raise InUse(
                f"Rasad is up on this data already, on another port: {error}. Stop it, or set RASAD_DATA_DIR"
            ) from error
        yield


def _reminders(engine: Engine) -> str:
    """That the parties were reminded of something, where they have not acknowledged it."""
    with reading(engine) as connection:
        return waiting(count_open(connection))


def waiting(n_open: int) -> str:
    """The sentence about so many reminders; nothing of none."""
    wait = "1 reminder waits" if n_open == 1 else f"{n_open} reminders wait"
    return f"\n{wait} for the parties: .venv/bin/rasad reminders list --due" if n_open else ""


def _take_in_laboratory(settings: Settings) -> str:
    engine = create_engine_for(settings.database_url)
    try:
        clock, transaction = make_clock(), transactions(engine)
        probes, measurements, results = map(_named, (LABORATORY_PROBES, LABORATORY_MEASUREMENTS, LABORATORY_RESULTS))
        ingest_probes(transaction, probes, label=Label.LABORATORY, clock=clock, observed_at=LABORATORY_BEGAN_AT)
        ingest_measurements(transaction, measurements, label=Label.LABORATORY, clock=clock)
        report = ingest_results(
            transaction,
            results,
            label=Label.LABORATORY,
            clock=clock,
            preparer=Preparer(1),  # so few that a second process would take longer to start
        )
    finally:
        engine.dispose()
    return f"The laboratory's recording is in: {report.read:,} results, {report.kept:,} of them new."


def _where(settings: Settings, door: Settings | None) -> str:
    """What has to be said first, so that the command line finds what practice keeps."""
    if door is None or not door.atlas_is_rehearsal or door.database_url != f"sqlite:///{settings.data_dir}/rasad.db":
        return ""
    return f"export RASAD_DATA_DIR={quote(str(settings.data_dir))}\n       "


def _named(path: Path) -> list[Recording]:
    """A file that comes with Rasad, under its name alone: where Rasad is installed is nobody's business."""
    return [recording._replace(name=path.name) for recording in find_recordings([str(path)])]


def _announce(settings: Settings, news: str, door: Settings | None = None) -> None:
    address = address_of(settings)
    practice = ""
    if door is not None and door.atlas_is_rehearsal:
        practice = (
            f"Practise on the rehearsal Atlas at {door.atlas_url}: what it reports is [yellow]rehearsed[/], never "
            "measured.\nThree demonstration representatives, who speak for nobody, have agreed on a campaign:\n"
            f"       {address}/measured\n"
            "A day of K-root as its Tajik probes see it is being collected:\n"
            f"       {address}/api/v1/series?metric=rtt_median_ms&target=k-root&label=rehearsed&country=TJ\n"
            f"       {address}/api/v1/followed?label=rehearsed\n\n"
        )
    errors.print(
        f"\n{news}\n[yellow]Laboratory data: nothing in it was measured on the Internet.[/]\n\n"
        f"Open   {address}/\n"
        f"       {address}/api/v1/series?metric=rtt_median_ms&target=k-root&label=laboratory&bin=5m\n"
        f"       {address}/docs\n\n"
        f"Try    {_where(settings, door)}"
        ".venv/bin/rasad series rtt_median_ms --target k-root --label laboratory --bin 5m\n"
        "       .venv/bin/rasad series instance_share --target k-root --label laboratory --bin 5m\n"
        "       .venv/bin/rasad results --target k-root --label laboratory --outcome no_reply\n"
        "       .venv/bin/rasad ingest FILE\n\n"
        f"{practice}"
        "Stop   Ctrl-C\n"
    )
