"""Agreements over HTTP: who sees none."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from measurements.agreements.people import Role
from tests.app.api.agreeing import DIGEST, AskingParties


@pytest.fixture
def parties(engine: Engine, database_url: str, tmp_path: Path) -> AskingParties:
    """Everybody."""
    return AskingParties(engine, database_url, tmp_path)


def test_a_reader_and_nobody_see_no_agreement(parties: AskingParties) -> None:
    parties.submitted()
    assert parties.get("/1", Role.READER).status_code == 403
    assert parties.get("/1", None).status_code == 401
    assert parties.post("/1/votes", {"digest": DIGEST, "choice": "approve"}, Role.ANALYST).status_code == 403
