"""The service that the tests and the examples of the API ask: on the laboratory's recording, its clock still."""

from pathlib import Path

from fastapi import FastAPI
from sqlalchemy import Engine

from app.files import find_recordings
from app.main import create_app
from app.operations.ingest_measurements import ingest_measurements
from app.operations.ingest_probes import ingest_probes
from app.settings import Settings
from app.specimens import LABORATORY_BEGAN_AT, LABORATORY_MEASUREMENTS, LABORATORY_PROBES, LABORATORY_RESULTS
from app.store.engine import transactions
from measurements.results.outcome import Label
from tests.ingesting import StillClock, ingest, write_lines

BROKEN = (b'{"msm_id":1001,"prb_id":9000001,"timestamp":1795471600,"type":"ping","fw":5120', b'{"prb_id":9000001}')


def take_in_laboratory(engine: Engine, folder: Path) -> None:
    """Ingest the laboratory's recording, and two records that nobody can read, by way of a file in `folder`."""
    begin, label, clock = transactions(engine), Label.LABORATORY, StillClock()
    probes, measurements = (find_recordings([str(path)]) for path in (LABORATORY_PROBES, LABORATORY_MEASUREMENTS))
    ingest_probes(begin, probes, label=label, clock=clock, observed_at=LABORATORY_BEGAN_AT)
    ingest_measurements(begin, measurements, label=label, clock=clock)
    ingest(engine, LABORATORY_RESULTS, write_lines(folder / "broken.ndjson", BROKEN))


def service_on(database_url: str) -> FastAPI:
    """The service on a database, whatever it holds."""
    return create_app(Settings(database_url=database_url), StillClock())
