"""The examples of the API's description are true, complete, labelled, and can be tried."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from app.api import agreement_acts, agreements, campaigns, dispatches
from app.api.documentation import EXAMPLES
from app.store.catalogue import put_entry
from tests.app.api.agreed import agree_on_something
from tests.app.api.write_examples import AFTERWARDS, PATH, asked_again, written
from tests.app.people import NOW, add_people
from tests.measurements.agreements.making import make_entry

ROWS = {
    "get_series": "rows", "get_results": "results", "get_measurements": "measurements", "get_targets": "targets",
    "get_quarantine": "records",
}  # fmt: skip
"""Operations that list something, and where."""
WITHOUT_EXAMPLE = {("get_counters", "200", "text/plain")}
"""What needs no example: Prometheus's own format, whose numbers differ every time."""


NOTHING_THERE = (
    "get_campaign", "get_campaign_summary", "get_quarantined_record", "get_cessation", "get_evidence", "get_plan",
    "get_activity", "get_milestone", "get_request",
)  # fmt: skip
"""In the recording all can be read, and nothing is planned; no party has withdrawn; no checkpoint was made;
nobody asked for anything."""


def operations(service: FastAPI) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Path, method and description of every operation."""
    for path, described in service.openapi()["paths"].items():
        for method, operation in described.items():
            yield path, method, operation


def labels(answer: Any) -> Iterator[str]:
    """Every label in an answer, however deep."""
    if isinstance(answer, dict):
        if "label" in answer:
            yield answer["label"]
        answer = list(answer.values())
    for part in answer if isinstance(answer, list) else ():
        yield from labels(part)


def test_examples_are_what_the_service_answers(laboratory_url: str) -> None:
    """Word for word, on both databases; where not, `python -m tests.app.api.write_examples` writes them anew."""
    assert written(asked_again(EXAMPLES, laboratory_url)) == PATH.read_text("utf-8")


def test_every_answer_has_an_example(service: FastAPI) -> None:
    """Of every operation, status and media type that is described."""
    described = {
        (operation["operationId"], status, media_type): content.get("examples")
        for _, _, operation in operations(service)
        for status, response in operation["responses"].items()
        for media_type, content in response["content"].items()
    }

    assert {answer for answer, examples in described.items() if not examples} == WITHOUT_EXAMPLE


def test_every_example_is_shown(service: FastAPI) -> None:
    """Where its question belongs, so that none is kept for nothing."""
    shown = {
        (operation["operationId"], name)
        for _, _, operation in operations(service)
        for response in operation["responses"].values()
        for content in response["content"].values()
        for name in content.get("examples", ())
    }

    assert {(one.operation, one.name) for one in EXAMPLES} <= shown


def test_examples_of_agreements_are_as_described() -> None:
    """Numbers drawn at random find none, so that the contract's test sees few of them."""
    routes = (one for part in (agreements, agreement_acts, dispatches, campaigns) for one in part.router.routes)
    models = {one.name: one.response_model for one in routes if isinstance(one, APIRoute)}
    checked = set()
    for one in EXAMPLES:
        if one.asks.startswith(AFTERWARDS) and one.status < 300:
            models[one.operation].model_validate_json(json.dumps(one.answer))
            checked.add(one.operation)

    assert len(checked) == 27


def test_examples_are_labelled() -> None:
    """Whoever reads figures in an example sees, beside them, that they are the laboratory's or rehearsed."""
    for one in EXAMPLES:
        found = set(labels(one.answer))
        assert found <= {"laboratory", "rehearsed"}, one.name
        if found:
            assert "aboratory" in one.summary or "ehearsed" in one.summary
    assert sum("laboratory" in set(labels(one.answer)) for one in EXAMPLES) > 10


def test_what_can_be_tried_gives_rows(service: FastAPI, client: TestClient) -> None:
    """`Try it out` in /docs, with every field as it is filled in: something is found, with values in it."""
    people = add_people(service.state.service.engine)
    agree_on_something(service.state.service.engine, people)
    with service.state.service.transaction() as connection:
        put_entry(connection, make_entry(), NOW)
    for path, method, operation in operations(service):
        if method != "get":
            continue
        filled = [one for one in operation.get("parameters", ()) if "example" in one]
        query = {one["name"]: one["example"] for one in filled if one["in"] == "query"}
        address = path.format(**{one["name"]: one["example"] for one in filled if one["in"] == "path"})
        if operation["operationId"] in NOTHING_THERE:
            continue
        answer = client.get(address, params=query, headers=people["auditor"].headers)
        assert answer.status_code == 200, address
        if key := ROWS.get(operation["operationId"]):
            assert answer.json()[key], address
    values = [row["value"] for row in client.get("/api/v1/series", params=_tried(service, "get_series")).json()["rows"]]
    assert values
    assert None not in values


@pytest.mark.parametrize("operation", ["get_series", "get_results", "get_measurements", "get_quarantine"])
def test_the_label_that_is_tried_is_the_laboratory(service: FastAPI, operation: str) -> None:
    """The default asks for what was measured, of which a newcomer has nothing yet."""
    assert _tried(service, operation)["label"] == "laboratory"


def _tried(service: FastAPI, operation_id: str) -> dict[str, Any]:
    (operation,) = (found for _, _, found in operations(service) if found["operationId"] == operation_id)
    return {one["name"]: one["example"] for one in operation["parameters"] if "example" in one}
