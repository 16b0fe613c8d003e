"""JSON or CSV: what a client accepts, what it asks for by name, and what it is told where there is neither."""

import csv
import io
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from measurements.series.rows import COLUMNS

JSON, CSV, PROBLEM = "application/json", "text/csv; charset=utf-8", "application/problem+json"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
QUESTION = {"metric": "rtt_median_ms", "label": "laboratory", "bin": "5m", "scope": "probe"}
ANSWERS = [
    (None, "*/*", JSON),
    (None, "", JSON),
    (None, BROWSER, JSON),
    (None, "text/csv", CSV),
    (None, "Text/CSV", CSV),
    (None, "text/*", CSV),
    (None, "text/csv;q=0.5, application/json;q=0.4", CSV),
    (None, "text/csv;q=0.5, application/json;q=0.6", JSON),
    (None, "text/csv, application/json", JSON),
    (None, "application/json;q=0, */*", CSV),
    (None, "text/csv;q=0, */*", JSON),
    (None, "nonsense, text/csv", CSV),
    (None, "text/html", PROBLEM),
    (None, "*/*;q=0", PROBLEM),
    (None, "nonsense", PROBLEM),
    ("csv", "*/*", CSV),
    ("csv", BROWSER, CSV),
    ("csv", "application/json", CSV),
    ("json", "text/csv", JSON),
    ("csv", "text/csv;q=0, */*", PROBLEM),
    ("csv", "application/json, */*;q=0", PROBLEM),
    ("json", "application/json;q=0.0, text/csv", PROBLEM),
]
"""`format`, `Accept`, and the media type of the answer."""


def ask(client: TestClient, accept: str | None = None, **params: Any) -> Response:
    """Ask for a series."""
    headers = {} if accept is None else {"Accept": accept}
    answer: Response = client.get("/api/v1/series", params={**QUESTION, **params}, headers=headers)
    return answer


def test_the_client_has_the_media_type_it_likes_best(client: TestClient) -> None:
    """By q-values, JSON where it likes both alike; what is asked for by name wins unless it is ruled out."""
    for asked, accept, expected in ANSWERS:
        answer = ask(client, accept, **({"format": asked} if asked else {}))

        assert answer.headers["content-type"] == expected, (asked, accept)
        assert answer.status_code == (406 if expected == PROBLEM else 200), (asked, accept)
        assert answer.headers["vary"] == "Accept", (asked, accept)


def test_a_client_without_words_gets_json(client: TestClient) -> None:
    """No Accept header is one that accepts anything."""
    del client.headers["accept"]

    assert ask(client).headers["content-type"] == JSON


def test_what_is_not_offered_is_told_with_what_is(client: TestClient) -> None:
    """Both media types, and how each is asked for."""
    detail = ask(client, "application/xml").json()["detail"]

    assert all(word in detail for word in ("application/json", "text/csv", "format=csv", "Accept: text/csv"))


@pytest.mark.parametrize("path", ["/api/v1/results", "/api/v1/targets", "/api/v1/metrics", "/healthz", "/metrics"])
def test_what_has_one_media_type_names_it(client: TestClient, path: str) -> None:
    """There is nothing to choose from, and no advice about CSV."""
    answer = client.get(path, headers={"Accept": "text/csv"})

    assert (answer.status_code, answer.headers["vary"]) == (406, "Accept")
    assert answer.json()["detail"] == f"Offered here: {'text/plain' if path == '/metrics' else JSON}."


def test_csv_has_the_numbers_of_json(client: TestClient) -> None:
    """Every column of every row; what is null is empty, and lists are joined by spaces."""
    rows = ask(client).json()["rows"]
    header, *lines = csv.reader(io.StringIO(ask(client, format="csv").text))

    assert tuple(header) == COLUMNS
    assert lines == [[_cell(row[column]) for column in COLUMNS] for row in rows]
    assert len(rows) > 50
    assert {row["label"] for row in rows} == {"laboratory"}


def test_csv_is_saved_under_a_name_that_says_what_it_is(client: TestClient) -> None:
    """Metric, target and label; whatever a file name should not have is replaced."""
    for target, named in (("k-root", "k-root"), ("2001:db8::1", "2001_db8_1"), ('a"b/../Хуҷанд', "a_b_.._")):
        answer = ask(client, target=target, format="csv")

        filename = f"rtt_median_ms-{named}-laboratory.csv"
        assert answer.headers["content-disposition"] == f'attachment; filename="{filename}"'
    assert "content-disposition" not in ask(client).headers


def _cell(value: object) -> str:
    if isinstance(value, list):
        return " ".join(map(str, value))
    return "" if value is None else str(value)
