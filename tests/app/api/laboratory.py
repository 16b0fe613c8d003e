"""The service that the tests and the examples of the API ask: on the laboratory's recording, its clock still."""

from pathlib import Path
from tempfile import TemporaryDirectory

from fastapi import FastAPI
from sqlalchemy import Engine

from app.files import Recording, find_recordings
from app.main import create_app
from app.operations.follow_measurement import follow_measurement
from app.operations.ingest_measurements import ingest_measurements
from app.operations.ingest_probes import ingest_probes
from app.operations.ingest_results import ingest_results
from app.operations.prepare_records import Preparer
from app.settings import Settings
from app.specimens import LABORATORY_BEGAN_AT, LABORATORY_MEASUREMENTS, LABORATORY_PROBES, LABORATORY_RESULTS
from app.store.engine import create_engine_for, transactions
from measurements.atlas.memory import MemoryAtlas
from measurements.results.outcome import Label
from tests.ingesting import StillClock, write_lines

BROKEN = (b'{"msm_id":1001,"prb_id":9000001,"timestamp":1795471600,"type":"ping","fw":5120', b'{"prb_id":9000001}')

PING = {
    "id": 1001, "type": "ping", "af": 4, "target": "k.root-servers.net", "interval": 240, "start_time": 1_290_000_000,
    "is_oneoff": False, "status": {"id": 2, "name": "Ongoing"}, "stop_time": None,
}  # fmt: skip


def take_in_laboratory(engine: Engine, folder: Path) -> None:
    """Ingest the laboratory's recording, and two records that nobody can read, by way of a file in `folder`;
    a rehearsal's built-in is followed.
    """
    begin, label, clock = transactions(engine), Label.LABORATORY, StillClock()
    broken = write_lines(folder / "broken.ndjson", BROKEN)
    ingest_probes(begin, _named(LABORATORY_PROBES), label=label, clock=clock, observed_at=LABORATORY_BEGAN_AT)
    ingest_measurements(begin, _named(LABORATORY_MEASUREMENTS), label=label, clock=clock)
    results = [*_named(LABORATORY_RESULTS), *_named(broken)]
    ingest_results(begin, results, label=label, clock=clock, preparer=Preparer(1))
    atlas = MemoryAtlas(clock)
    atlas.know_built_in(PING)
    follow_measurement(begin, atlas, clock, atlas_id=1001, label=Label.REHEARSED, origin="rehearsal")


def holding_laboratory(url: str) -> None:
    """The same at an address, for a template of databases."""
    engine = create_engine_for(url)
    with TemporaryDirectory() as folder:
        take_in_laboratory(engine, Path(folder))
    engine.dispose()


def _named(path: Path) -> list[Recording]:
    """A recording that does not say in which folder of whose machine it lies."""
    return [recording._replace(name=path.name) for recording in find_recordings([str(path)])]


def service_on(database_url: str, folder: Path | None = None) -> FastAPI:
    """The service on a database, whatever it holds; what it keeps beside that is in a folder, or nowhere yet."""
    settings = Settings(database_url=database_url, atlas_is_rehearsal=True, hosts="testserver")
    return create_app(settings if folder is None else settings.model_copy(update=_kept_in(folder)), StillClock())


def _kept_in(folder: Path) -> dict[str, Path]:
    return {"data_dir": folder, "audit_key_file": folder / "key.pem"}
