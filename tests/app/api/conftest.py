"""The service on the laboratory's recording."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from app.main import create_app
from app.settings import Settings
from tests.app.api.asking import Asker, Askers
from tests.app.api.laboratory import holding_laboratory, service_on
from tests.app.people import Member, add_people
from tests.clocks import ManualClock
from tests.databases import MakeDatabase


@pytest.fixture
def laboratory_url(make_database: MakeDatabase) -> str:
    """The address of a database that holds the laboratory's recording, and two records that nobody can read."""
    return make_database(holding=holding_laboratory)


@pytest.fixture
def service(laboratory_url: str) -> FastAPI:
    """The service on it."""
    return service_on(laboratory_url)


@pytest.fixture
def client(service: FastAPI) -> Iterator[TestClient]:
    """A client of the service."""
    with TestClient(service) as client:
        yield client


@pytest.fixture
def clock() -> ManualClock:
    """Moves when it is told to."""
    return ManualClock()


@pytest.fixture
def people(engine: Engine, clock: ManualClock) -> dict[str, Member]:
    """Everybody to test with, added now, each with a key."""
    return add_people(engine, int(clock.now().timestamp()))


@pytest.fixture
def keyed_service(database_url: str, people: dict[str, Member], clock: ManualClock) -> FastAPI:
    """A service that knows them, and holds nothing else."""
    assert people
    return create_app(Settings(database_url=database_url), clock)


@pytest.fixture
def keyed_client(keyed_service: FastAPI) -> Iterator[TestClient]:
    """A client of it."""
    with TestClient(keyed_service) as client:
        yield client


@pytest.fixture
def askers(engine: Engine, database_url: str) -> Askers:
    """All of them."""
    people = add_people(engine)
    return Askers(TestClient(service_on(database_url)), people)


@pytest.fixture
def ours(askers: Askers) -> Asker:
    """Whom Tojiktelecom designated."""
    return askers.one("representative")


@pytest.fixture
def theirs(askers: Askers) -> Asker:
    """Whom the RIPE NCC designated."""
    return askers.one("other_representative")


@pytest.fixture
def administrator(askers: Askers) -> Asker:
    """Who runs the service."""
    return askers.one("administrator")
