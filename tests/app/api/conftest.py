"""The service on the laboratory's recording."""

from collections.abc import Callable, Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
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


@pytest.fixture
def service(
    database_url: str, open_engine: Callable[[str], Engine], tmp_path_factory: pytest.TempPathFactory
) -> FastAPI:
    """The service, holding the laboratory's recording, and two records that nobody can read."""
    engine = open_engine(database_url)
    probes, measurements = (find_recordings([str(path)]) for path in (LABORATORY_PROBES, LABORATORY_MEASUREMENTS))
    ingest_probes(
        transactions(engine), probes, label=Label.LABORATORY, clock=StillClock(), observed_at=LABORATORY_BEGAN_AT
    )
    ingest_measurements(transactions(engine), measurements, label=Label.LABORATORY, clock=StillClock())
    broken = write_lines(
        tmp_path_factory.mktemp("broken") / "broken.ndjson",
        [b'{"msm_id":1001,"prb_id":9000001,"timestamp":1795471600,"type":"ping","fw":5120', b'{"prb_id":9000001}'],
    )
    ingest(engine, LABORATORY_RESULTS, broken)
    return create_app(Settings(database_url=database_url), StillClock())


@pytest.fixture
def client(service: FastAPI) -> Iterator[TestClient]:
    """A client of the service."""
    with TestClient(service) as client:
        yield client
