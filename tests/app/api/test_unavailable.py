"""Without a database at the revision it needs the service says so, and what to do; with one it goes on by itself."""

import re
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine, make_url, text
from sqlalchemy.exc import DBAPIError

from app.api.service import read_connection
from app.store.engine import writing
from app.store.migrate import downgrade, upgrade
from tests.absence import taken_away
from tests.app.api.laboratory import service_on
from tests.databases import MakeDatabase

READING = (
    "/readyz", "/metrics", "/api/v1/results", "/api/v1/results/1", "/api/v1/series?metric=loss", "/api/v1/targets",
    "/api/v1/quarantine", "/api/v1/quarantine/1", "/api/v1/measurements", "/api/v1/followed",
    "/api/v1/registry?resource=AS24722", "/api/v1/measured", "/measured",
)  # fmt: skip
KEYED = (
    "/api/v1/me", "/api/v1/people", "/api/v1/people/1/keys", "/api/v1/keys/1", "/api/v1/designations",
    "/api/v1/designations/1/end", "/api/v1/plans", "/api/v1/plans/1", "/api/v1/plans/1/endorsements",
    "/api/v1/plans/1/activities", "/api/v1/activities", "/api/v1/activities/1", "/api/v1/activities/1/milestones",
    "/api/v1/milestones", "/api/v1/milestones/1", "/api/v1/reviews", "/api/v1/reviews/cadence", "/api/v1/terms",
    "/api/v1/accesses", "/api/v1/agreements", "/api/v1/agreements/check", "/api/v1/agreements/1",
    "/api/v1/agreements/1/drafts", "/api/v1/agreements/1/consultations", "/api/v1/agreements/1/submissions",
    "/api/v1/agreements/1/votes", "/api/v1/agreements/1/suspensions", "/api/v1/agreements/1/resumptions",
    "/api/v1/agreements/1/narrowings", "/api/v1/agreements/1/decisions", "/api/v1/agreements/1/dispatches",
    "/api/v1/agreements/1/dispatches/1", "/api/v1/agreements/1/withdrawal", "/api/v1/agreements/1/cessation",
    "/api/v1/agreements/1/evidence", "/api/v1/reminders", "/api/v1/reminders/1/acknowledgement", "/api/v1/memorandum",
    "/api/v1/alerts",
    "/api/v1/memorandum/signatures", "/api/v1/memorandum/notices", "/api/v1/memorandum/rulings",
    "/api/v1/memorandum/confirmations", "/api/v1/memorandum/amendments", "/api/v1/memorandum/amendments/1/approvals",
    "/api/v1/catalogue", "/api/v1/catalogue/1", "/api/v1/catalogue/1/opt-out", "/api/v1/catalogue/1/opt-in",
    "/api/v1/catalogue/1/confirmations", "/api/v1/audit", "/api/v1/audit/1", "/api/v1/tombstones",
    "/api/v1/credits", "/api/v1/credits/entries", "/api/v1/credits/allotments", "/api/v1/campaigns",
    "/api/v1/campaigns/1", "/api/v1/campaigns/1/pause", "/api/v1/campaigns/1/resumption", "/api/v1/campaigns/1/rounds",
    "/api/v1/campaigns/1/stop", "/api/v1/campaigns/1/summary", "/api/v1/campaigns/plan", "/api/v1/probes",
    "/api/v1/probes/1/exclusion", "/api/v1/probes/choice", "/api/v1/probes/exclusions", "/api/v1/requests",
    "/api/v1/requests/1", "/api/v1/requests/1/cancellation", "/api/v1/requests/1/clones",
    "/api/v1/requests/1/extension", "/api/v1/requests/templates",
    "/api/v1/agreements/1/dispatches/1/settlement",
)  # fmt: skip
"""What takes a key is refused before the database is asked, unless one comes along."""
KEYED_READING = (
    "/api/v1/me", "/api/v1/people", "/api/v1/designations", "/api/v1/memorandum", "/api/v1/catalogue", "/api/v1/audit",
)  # fmt: skip
KEY = {"Authorization": f"Bearer rsd_1_{'x' * 43}"}
OTHERS = ("/healthz", "/", "/docs", "/openapi.json", "/api/v1/metrics", "/api/v1/sites", "/api/v1/glossary")
UPGRADE = "run `rasad db upgrade`"


def details(url: str) -> set[str]:
    """What whatever reads the database says, none of it answering; the rest answers all the same."""
    with TestClient(service_on(url), raise_server_exceptions=False) as client:
        return refused(client)


def refused(client: TestClient) -> set[str]:
    """As `details`, of a service that is up already."""
    answers = {path: client.get(path) for path in READING} | {
        path: client.get(path, headers=KEY) for path in KEYED_READING
    }
    for path, answer in answers.items():
        assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json"), path
        assert answer.headers["retry-after"] == "5", path
        assert answer.json()["type"] == "urn:rasad:problem:database", path
    assert {client.get(path).status_code for path in OTHERS} == {200}
    return {answer.json()["detail"] for answer in answers.values()}


def test_every_operation_is_asked(service: FastAPI) -> None:
    """One that is added must be among those that read, or among the others."""
    asked = {path.split("?")[0] for path in (*READING, *KEYED, *OTHERS)}

    assert {re.sub(r"{\w+}", "1", path) for path in service.openapi()["paths"]} <= asked


def test_a_database_without_migrations_is_not_used(make_database: MakeDatabase) -> None:
    """Neither an empty one, nor one whose migrations were undone; the command that helps is named."""
    empty, undone = make_database(is_migrated=False), make_database()
    if empty.startswith("sqlite"):
        Path(str(make_url(empty).database)).touch()
    downgrade(undone, "base")

    for url in (empty, undone):
        (detail,) = details(url)
        assert detail.startswith("The database is empty")
        assert UPGRADE in detail


def test_a_database_of_a_newer_version_is_not_used(database_url: str, open_engine: Callable[[str], Engine]) -> None:
    """Its tables may mean something else; to upgrade would not help."""
    with writing(open_engine(database_url)) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'of_tomorrow'"))

    (detail,) = details(database_url)
    assert "of_tomorrow" in detail
    assert UPGRADE not in detail


def test_a_missing_file_is_not_created(make_sqlite_database: MakeDatabase) -> None:
    """By no request: an empty database would hide that the right one is somewhere else."""
    url = make_sqlite_database(is_migrated=False)
    (detail,) = details(url)

    assert UPGRADE in detail
    assert not Path(str(make_url(url).database)).exists()


def test_no_restart_is_needed_after_an_upgrade(make_database: MakeDatabase) -> None:
    """The next request finds the database as it should be."""
    url = make_database(is_migrated=False)
    with TestClient(service_on(url)) as client:
        refused(client)
        upgrade(url)

        assert client.get("/readyz").json() == {"status": "ready"}
        assert client.get("/api/v1/targets").status_code == 200


def test_a_database_that_goes_away_is_missed_until_it_is_back(laboratory_url: str, client: TestClient) -> None:
    """Requests fail with words, not with a stack trace, and succeed again afterwards."""
    before = client.get("/api/v1/targets").json()
    with taken_away(laboratory_url):
        (detail,) = refused(client)
        assert "database" in detail

    assert client.get("/readyz").status_code == 200
    assert client.get("/api/v1/targets").json() == before


def test_what_is_read_cannot_be_written(service: FastAPI) -> None:
    """The database refuses it on the connection that a request is handed."""
    handed = contextmanager(read_connection)(service.state.service)
    with pytest.raises(DBAPIError, match=r"readonly|read-only"), handed as connection:
        connection.execute(text("DELETE FROM results"))
