"""Whom the data are from stands wherever data are shown, in the same words."""

import html
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.main import create_app
from app.operations.read_series import _notes
from app.settings import Settings
from measurements.agreements.attribution import ATTRIBUTION, attribution
from measurements.results.outcome import Label
from measurements.series.rows import SeriesRow
from tests.laws.tree import REPOSITORY


@pytest.fixture
def client() -> TestClient:
    """A client of a service without a database."""
    return TestClient(create_app(Settings(database_url="sqlite:///nowhere.db")))


def test_the_page_the_api_and_the_readme_say_it(client: TestClient) -> None:
    readme = (REPOSITORY / "README.md").read_text("utf-8").partition("## Licence")[2]

    assert ATTRIBUTION in html.unescape(client.get("/").text)
    assert ATTRIBUTION in client.get("/openapi.json").json()["info"]["description"]
    assert ATTRIBUTION in " ".join(readme.split())


def test_a_series_of_what_was_measured_says_it_and_one_of_a_rehearsal_does_not() -> None:
    nothing: list[Any] = [None] * len(SeriesRow._fields)
    a_row = SeriesRow._make(nothing)._replace(atlas_ids=(1001,), flags=(), n_expected=1)
    measured, rehearsed = (list(_notes([a_row], label, is_cut=False)) for label in (Label.MEASURED, Label.REHEARSED))

    assert measured[0] == attribution([1001])
    assert "RIPE Atlas" not in " ".join(rehearsed)
