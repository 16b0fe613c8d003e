"""`rasad up`: everything a newcomer needs, in one command."""

from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from app.cli.context import errors, fails_clearly, make_data_dir, prepared_settings
from app.cli.serve import serve_with
from app.dependencies import make_clock
from app.files import Recording, find_recordings
from app.operations.ingest_measurements import ingest_measurements
from app.operations.ingest_probes import ingest_probes
from app.operations.ingest_results import ingest_results
from app.operations.prepare_records import Preparer
from app.settings import Settings
from app.specimens import LABORATORY_BEGAN_AT, LABORATORY_MEASUREMENTS, LABORATORY_PROBES, LABORATORY_RESULTS
from app.store.engine import create_engine_for, transactions
from app.store.migrate import upgrade
from measurements.results.outcome import Label

KNOCK_S = 2.0


@fails_clearly
def up() -> None:
    """Bring the database up to date, take in the laboratory's recording, and serve it. Safe to repeat.

    The recording comes with Rasad and is labelled `laboratory`: the real probe code in an isolated network.

    Example: rasad up
    """
    settings = prepared_settings()
    if _is_up(settings):
        _announce(settings, "Rasad is already up.")
        return
    make_data_dir(settings)
    upgrade(settings.database_url)
    held = _take_in_laboratory(settings)
    serve_with(settings, lambda: _announce(settings, f"Rasad is up. {held}"))


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


def _is_up(settings: Settings) -> bool:
    """Whether a Rasad answers on the port already."""
    try:
        with urlopen(f"{_address(settings)}/healthz", timeout=KNOCK_S) as answer:  # noqa: S310 - our own address
            return b'"alive"' in answer.read(200)
    except (URLError, OSError):
        return False


def _address(settings: Settings) -> str:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{settings.port}"


def _announce(settings: Settings, news: str) -> None:
    address = _address(settings)
    errors.print(
        f"\n{news}\n[yellow]Laboratory data: nothing in it was measured on the Internet.[/]\n\n"
        f"Open   {address}/\n"
        f"       {address}/api/v1/series?metric=rtt_median_ms&target=k-root&label=laboratory&bin=5m\n"
        f"       {address}/docs\n\n"
        "Try    .venv/bin/rasad series rtt_median_ms --target k-root --label laboratory --bin 5m\n"
        "       .venv/bin/rasad series instance_share --target k-root --label laboratory --bin 5m\n"
        "       .venv/bin/rasad results --target k-root --label laboratory --outcome no_reply\n"
        "       .venv/bin/rasad ingest FILE\n\n"
        "Stop   Ctrl-C\n"
    )
