"""`rasad up`: everything a newcomer needs, in one command."""

from contextlib import ExitStack
from pathlib import Path
from threading import Event

from sqlalchemy import Engine

from app.cli.context import database, errors, fails_clearly, make_data_dir, prepared_settings
from app.cli.knocking import address_of, is_up
from app.cli.practice import follow_k_root, practising
from app.cli.serve import require_free_port, serve_with
from app.dependencies import make_clock
from app.files import Recording, find_recordings
from app.operations.ingest_measurements import ingest_measurements
from app.operations.ingest_probes import ingest_probes
from app.operations.ingest_results import ingest_results
from app.operations.prepare_records import Preparer
from app.operations.remind import count_open
from app.settings import Settings
from app.specimens import LABORATORY_BEGAN_AT, LABORATORY_MEASUREMENTS, LABORATORY_PROBES, LABORATORY_RESULTS
from app.store.engine import create_engine_for, reading, transactions
from app.store.migrate import upgrade
from app.worker import working
from measurements.results.outcome import Label


@fails_clearly
def up() -> None:
    """Bring the database up to date, take in the laboratory's recording, serve it, and practise. Safe to repeat.

    The recording comes with Rasad and is labelled `laboratory`: the real probe code in an isolated network. Without
    a key (RASAD_ATLAS_KEY) a rehearsal Atlas runs beside the service, and K-root as its Tajik probes see it is
    collected, labelled `rehearsed`; with one, what you follow is collected from RIPE Atlas.

    Example: rasad up
    """
    settings = prepared_settings()
    if is_up(settings):
        _announce(settings, "Rasad is already up.")
        return
    require_free_port(settings)
    make_data_dir(settings)
    upgrade(settings.database_url)
    held = _take_in_laboratory(settings)
    with ExitStack() as stack:
        is_practice = not settings.is_atlas_chosen
        door = stack.enter_context(practising(settings)) if is_practice else settings
        engine = stack.enter_context(database(settings))
        if is_practice:
            follow_k_root(transactions(engine), door)
        news = f"Rasad is up. {held}{_reminders(engine)}"
        worker = stack.enter_context(working(door, engine, Event()))
        serve_with(settings, lambda: _announce(settings, news, door), worker.clock)


def _reminders(engine: Engine) -> str:
    """That the parties were reminded of something, where they have not acknowledged it."""
    with reading(engine) as connection:
        n_open = count_open(connection)
    return f"\n{n_open} reminders wait for the parties: .venv/bin/rasad reminders list --due" if n_open else ""


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


def _named(path: Path) -> list[Recording]:
    """A file that comes with Rasad, under its name alone: where Rasad is installed is nobody's business."""
    return [recording._replace(name=path.name) for recording in find_recordings([str(path)])]


def _announce(settings: Settings, news: str, door: Settings | None = None) -> None:
    address = address_of(settings)
    practice = ""
    if door is not None and door.atlas_is_rehearsal:
        practice = (
            f"Practise on the rehearsal Atlas at {door.atlas_url}: what it reports is [yellow]rehearsed[/], never "
            "measured.\nA day of K-root as its Tajik probes see it is being collected:\n"
            f"       {address}/api/v1/series?metric=rtt_median_ms&target=k-root&label=rehearsed&country=TJ\n"
            f"       {address}/api/v1/followed?label=rehearsed\n\n"
        )
    errors.print(
        f"\n{news}\n[yellow]Laboratory data: nothing in it was measured on the Internet.[/]\n\n"
        f"Open   {address}/\n"
        f"       {address}/api/v1/series?metric=rtt_median_ms&target=k-root&label=laboratory&bin=5m\n"
        f"       {address}/docs\n\n"
        "Try    .venv/bin/rasad series rtt_median_ms --target k-root --label laboratory --bin 5m\n"
        "       .venv/bin/rasad series instance_share --target k-root --label laboratory --bin 5m\n"
        "       .venv/bin/rasad results --target k-root --label laboratory --outcome no_reply\n"
        "       .venv/bin/rasad ingest FILE\n\n"
        f"{practice}"
        "Stop   Ctrl-C\n"
    )
