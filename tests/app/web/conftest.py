"""What the tests of pages share."""

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from app.main import create_app
from app.settings import Settings
from tests.agreeing import Parties


@pytest.fixture
def parties(engine: Engine) -> Parties:
    return Parties(engine)


@pytest.fixture
def client(parties: Parties, database_url: str) -> TestClient:
    return TestClient(create_app(Settings(database_url=database_url), parties.clock))
