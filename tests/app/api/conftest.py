"""The service on the laboratory's recording."""

from collections.abc import Callable, Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from tests.app.api.laboratory import service_on, take_in_laboratory


@pytest.fixture
def service(
    database_url: str, open_engine: Callable[[str], Engine], tmp_path_factory: pytest.TempPathFactory
) -> FastAPI:
    """The service, holding the laboratory's recording, and two records that nobody can read."""
    take_in_laboratory(open_engine(database_url), tmp_path_factory.mktemp("broken"))
    return service_on(database_url)


@pytest.fixture
def client(service: FastAPI) -> Iterator[TestClient]:
    """A client of the service."""
    with TestClient(service) as client:
        yield client
