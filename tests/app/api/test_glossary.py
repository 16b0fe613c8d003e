"""The glossary over HTTP and on the command line: open to everybody, and the same."""

import json

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from app.cli.main import app
from app.main import create_app
from app.settings import Settings

PATH = "/api/v1/glossary"


@pytest.fixture
def client() -> TestClient:
    """A client of a service without a database: the glossary needs none."""
    return TestClient(create_app(Settings(database_url="sqlite:///nowhere.db")))


def test_it_is_open_and_told_in_three_languages_with_what_is_a_draft(client: TestClient) -> None:
    terms = client.get(PATH).json()["terms"]

    assert len(terms) == 36
    for term in terms:
        assert [text["language"] for text in term["texts"]] == ["en", "ru", "tg"]
        assert [text["is_reviewed"] for text in term["texts"]] == [True, False, False]
        assert [bool(text["note"]) for text in term["texts"]] == [False, True, True]


def test_one_term_in_one_language(client: TestClient) -> None:
    (term,) = client.get(PATH, params={"term": "k-root", "language": "ru"}).json()["terms"]

    assert [text["term"] for text in term["texts"]] == ["K-root"]
    assert client.get(PATH, params={"term": "nothing"}).status_code == 404
    assert client.get(PATH, params={"language": "de"}).status_code == 400


def test_what_is_at_hand_is_not_sent_again(client: TestClient) -> None:
    first = client.get(PATH)
    etag = first.headers["etag"]

    for held in (etag, f'W/{etag}, "other"', "*"):
        again = client.get(PATH, headers={"If-None-Match": held})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    assert client.get(PATH, headers={"If-None-Match": '"other"'}).status_code == 200
    assert client.get(PATH, params={"language": "tg"}).headers["etag"] != etag


def test_the_command_line_tells_the_same(client: TestClient) -> None:
    def run(*arguments: str) -> str:
        return CliRunner().invoke(app, ["glossary", *arguments]).output

    assert json.loads(run("--json")) == client.get(PATH).json()
    assert run("RTT").startswith("Round-trip time (RTT): How long")
    assert "Not reviewed" not in run("RTT")
    assert "Not reviewed by a native speaker" in run("RTT", "--language", "tg")
    assert "does not know" in run("nothing")
    assert "Example" in run("--help")
